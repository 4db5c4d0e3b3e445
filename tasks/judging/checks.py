"""The judgement of a track: a task's checks as data, one walk held against them, with reasons.

Pure: plain values in, an outcome that a resident can read out. A walk is refused only for what a
check measured; a bad signal, and suspicion, send it to a person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeAlias

from shared.datums import DATUMS, from_wgs84, to_wgs84
from shared.i18n import Text
from tasks.judging.areas import CompiledArea, compile_area
from tasks.judging.check_kind import Case, CheckKind, CheckResult, Hours, spoken
from tasks.judging.check_kinds import CHECKS
from tasks.judging.proof import NOTHING, Proof
from tasks.judging.track_measures import Evidence
from tasks.judging.track_rules import FAST_MPS, Flags, Walk, clean_walk
from tasks.judging.wanted_checks import validate_checks
from tasks.tracks.track_packing import TrackPoints

__all__ = [
    "CHECKS",
    "REVIEW_SCORE",
    "CheckKind",
    "CheckResult",
    "Judgement",
    "judge",
    "validate_checks",
    "with_suspicion",
]

Moment: TypeAlias = datetime | float

VERIFIED, REFUSED, NEEDS_REVIEW = "verified", "refused", "needs_review"
# From so many points of suspicion a person looks; below it the signals are only shown.
REVIEW_SCORE = 50
# With more of the fixes than this too inaccurate to use, a failure may be the phone's.
POOR_SIGNAL_SHARE = 0.5
# Honest walks lose at most 3.7 % of their fixes as spikes; whoever drives in small circles loses
# most of them, and would look like somebody standing still.
SPIKE_SHARE = 0.15
DATUM_NAMES = {"wgs84": "WGS-84 (GPS)", "gcj02": "GCJ-02", "bd09": "BD-09"}


@dataclass(frozen=True)
class Judgement:
    """What a track was worth: the outcome, every check with its reason, what was dropped.

    `walk` is the cleaned track that was judged, for whoever looks further; no verdict keeps it.
    """

    outcome: str
    reason: Mapping[str, str]
    checks: tuple[CheckResult, ...]
    distance_m: float
    duration_s: float
    points_kept: int
    points_dropped: Mapping[str, int]
    walk: Walk = field(repr=False, compare=False)

    def plain(self) -> dict[str, Any]:
        """As plain dicts and lists, without the walk: how a verdict keeps it."""
        kept = {name: value for name, value in vars(self).items() if name != "walk"}
        return {
            **kept,
            "reason": dict(self.reason),
            "checks": [result.plain() for result in self.checks],
            "points_dropped": dict(self.points_dropped),
        }


def judge(
    area: dict[str, Any],
    checks: Sequence[dict[str, Any]],
    window: tuple[Moment, Moment],
    claim: tuple[Moment, Moment],
    points: TrackPoints,
    datum: str = "wgs84",
    proof: Proof = NOTHING,
    segment_starts: Flags | None = None,
    pauses: Sequence[tuple[Moment, Moment]] = (),
) -> Judgement:
    """Hold a track (WGS-84 columns) and what else was brought against a task's area and checks.

    `window` is the task's start and end, `claim` the walker's start and finish (datetimes, or s
    since 1970), `pauses` the stretches (from, until) that do not count. `segment_starts` flags
    the points that begin a new segment. `datum` is the label the phone sent: if the place alone
    fails the walk and another label would pass it, the reasons say so; the label is never changed.
    """
    paused = tuple((_seconds(since), _seconds(until)) for since, until in pauses)
    begins_at, ends_at, started_at, finished_at = map(_seconds, (*window, *claim))
    hours = Hours(begins_at, ends_at, started_at, finished_at, paused)
    asked = _Asked(compile_area(area), checks, hours, proof, segment_starts)
    walk = asked.walk_of(points)
    results = asked.results(checks, walk)
    if len(walk) < 2 and any(CHECKS[check["check"]].of_track for check in checks):
        return _unusable(walk, results)
    fails_its_place = any(not one.passed and CHECKS[one.check].of_area for one in results)
    if fails_its_place and not _is_mostly_spikes(walk):
        other = _datum_that_fits(asked, points, datum)
        if other:
            results = [_with_datum_hint(one, other) for one in results]
    return _judged(walk, results)


def _seconds(moment: Moment) -> float:
    return moment.timestamp() if isinstance(moment, datetime) else float(moment)


@dataclass(frozen=True)
class _Asked:
    """What one judgement holds every reading of a track against."""

    area: CompiledArea
    checks: Sequence[dict[str, Any]]
    hours: Hours
    proof: Proof
    segment_starts: Flags | None

    def walk_of(self, points: TrackPoints) -> Walk:
        hours = self.hours
        claim = (hours.started_at, hours.finished_at)
        return clean_walk(points, self.area.frame, claim, self.segment_starts, hours.pauses)

    def results(self, checks: Sequence[dict[str, Any]], walk: Walk) -> list[CheckResult]:
        evidence = Evidence(walk, self.area, _fast_mps(self.checks))
        case = Case(evidence, self.hours, self.proof)
        return [CHECKS[c["check"]].result(case, c["parameters"]) for c in checks]


def _fast_mps(checks: Sequence[dict[str, Any]]) -> float:
    """What is too fast: as the task's own speed check says, so a bicycle patrol may cycle."""
    for check in checks:
        if check["check"] == "plausible_speed":
            return float(check["parameters"]["v_fast_mps"])
    return FAST_MPS


def _datum_that_fits(asked: _Asked, points: TrackPoints, datum: str) -> str | None:
    """Another datum with which every check of the place would pass."""
    of_area = [check for check in asked.checks if CHECKS[check["check"]].of_area]
    raw_lat, raw_lon = from_wgs84(points.lat, points.lon, datum)
    for other in DATUMS:
        if other == datum:
            continue
        lat, lon = to_wgs84(raw_lat, raw_lon, other)
        walk = asked.walk_of(replace(points, lat=lat, lon=lon))
        if len(walk) >= 2 and all(one.passed for one in asked.results(of_area, walk)):
            return other
    return None


def _with_datum_hint(result: CheckResult, datum: str) -> CheckResult:
    if result.passed or not CHECKS[result.check].of_area:
        return result
    hint = Text(
        " This would pass if these were {datum} positions: check which datum the phone names.",
        "若这些位置为 {datum} 坐标则可通过：请检查手机标注的坐标系。",
    )
    told = spoken(hint, datum=DATUM_NAMES[datum])
    reason = {language: said + told[language] for language, said in result.reason.items()}
    return replace(result, reason=reason)


def _judged(walk: Walk, results: list[CheckResult]) -> Judgement:
    failed = [one for one in results if not one.passed and not one.awaits]
    outcome = REFUSED if failed else VERIFIED
    said = Text("All {total} conditions are met.", "全部 {total} 项完成条件均已满足。")
    if failed:
        said = Text(
            "{failed} of {total} conditions are not met.",
            "{total} 项完成条件中有 {failed} 项未满足。",
        )
        if _may_be_the_phones_fault(walk, failed):
            outcome, said = NEEDS_REVIEW, _POOR_SIGNAL
    elif _is_mostly_spikes(walk):
        outcome, said = NEEDS_REVIEW, _MANY_SPIKES
    elif any(one.awaits for one in results):
        outcome, said = NEEDS_REVIEW, _AWAITS
    reason = spoken(said, failed=len(failed), total=len(results))
    return _judgement(outcome, reason, results, walk)


def _may_be_the_phones_fault(walk: Walk, failed: list[CheckResult]) -> bool:
    """Whether inaccurate positions may be why all of these failed: never speed, nor proof."""
    of_track = all(CHECKS[one.check].of_track for one in failed)
    too_fast = any(one.check == "plausible_speed" for one in failed)
    return of_track and not too_fast and _poor_signal(walk)


_AWAITS = Text(
    "What can be measured is met; a person will confirm the rest.",
    "可自动判断的条件均已满足，其余将由工作人员确认。",
)
_POOR_SIGNAL = Text(
    "Most positions were too inaccurate to use, so a person will look at this walk.",
    "大部分定位点精度过低，无法自动判断，将由工作人员人工核验。",
)


_MANY_SPIKES = Text(
    "Many positions jump away and back, so a person will look at this walk.",
    "许多定位点来回跳动，将由工作人员人工核验。",
)


def _poor_signal(walk: Walk) -> bool:
    in_claim = walk.given - walk.dropped.get("outside_claim", 0)
    return walk.dropped.get("poor_accuracy", 0) > POOR_SIGNAL_SHARE * in_claim


def _is_mostly_spikes(walk: Walk) -> bool:
    """Whether more points were dropped as spikes than an honest phone ever makes."""
    spikes = walk.dropped.get("spike", 0)
    return spikes > SPIKE_SHARE * (spikes + len(walk))


def _unusable(walk: Walk, results: list[CheckResult]) -> Judgement:
    """Fewer than two times are left: refused with why, or reviewed if the signal was to blame."""
    said = Text(
        "Only {kept} of {given} positions can be used; at least two at different times are needed.",
        "{given} 个定位点中只有 {kept} 个可用，至少需要两个不同时间的定位点。",
    )
    outcome = REFUSED
    if walk.given == 0:
        said = Text("No positions were received.", "未收到任何定位点。")
    elif _poor_signal(walk):
        outcome, said = NEEDS_REVIEW, _POOR_SIGNAL
    elif walk.dropped.get("same_time"):
        said = Text("All positions carry the same time.", "所有定位点的时间相同。")
    elif walk.dropped.get("outside_claim"):
        said = Text(
            "The positions were not recorded between your start and your finish.",
            "定位点不在您开始与结束任务的时间之内。",
        )
    reason = spoken(said, kept=len(walk), given=walk.given)
    told = [
        replace(one, passed=False, reason=reason) if CHECKS[one.check].of_track else one
        for one in results
    ]
    if any(not one.passed and not one.awaits and not CHECKS[one.check].of_track for one in told):
        outcome = REFUSED
    return _judgement(outcome, reason, told, walk)


def _judgement(
    outcome: str, reason: Mapping[str, str], results: Sequence[CheckResult], walk: Walk
) -> Judgement:
    return Judgement(
        outcome=outcome,
        reason=reason,
        checks=tuple(results),
        distance_m=round(walk.distance_m, 1),
        duration_s=round(walk.duration_s, 1),
        points_kept=len(walk),
        points_dropped=dict(walk.dropped),
        walk=walk,
    )


def with_suspicion(
    judgement: Judgement,
    score: int,
    signals: Sequence[Mapping[str, Any]],
    *,
    review_rule: str,
) -> Judgement:
    """The judgement after its signals were weighed: what passed may have to wait for a person.

    `signals` are `{signal, weight, reason, …}`, `review_rule` the kind's: "suspicion" asks a
    person from 50 points on, "always" every time, "never" does not ask. Nothing is refused here,
    and what failed stays as it is.
    """
    if judgement.outcome != VERIFIED or review_rule == "never":
        return judgement
    if score >= REVIEW_SCORE:
        heaviest = max(signals, key=lambda signal: signal["weight"], default=None)
        reason = {
            language: said + (heaviest["reason"].get(language, "") if heaviest else "")
            for language, said in _SUSPICIOUS.both().items()
        }
        return replace(judgement, outcome=NEEDS_REVIEW, reason=reason)
    if review_rule == "always":
        return replace(judgement, outcome=NEEDS_REVIEW, reason=_ALWAYS.both())
    return judgement


_SUSPICIOUS = Text(
    "All conditions are met; a person will look at this walk before it is paid. ",
    "完成条件均已满足，发放福币前将由工作人员人工核验。",
)
_ALWAYS = Text(
    "All conditions are met; work of this kind is always looked at by a person.",
    "完成条件均已满足；此类任务均由工作人员人工确认。",
)
