"""The judgement of a track: a task's checks as data, one walk held against them, with reasons.

Pure: plain values in, an outcome that a resident can read out. A walk is refused only for what a
check measured; a bad signal sends it to a person. Suspicion, when it comes, adds to `judge`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias

import shapely

from shared.datums import DATUMS, from_wgs84, to_wgs84
from shared.errors import Invalid
from shared.i18n import Text
from tasks.judging.areas import CELL_M, MAX_CELLS, TOLERANCE_M, CompiledArea, compile_area
from tasks.judging.check_kinds import CHECKS, CheckKind, CheckResult, Hours, spoken
from tasks.judging.track_measures import Evidence
from tasks.judging.track_rules import FAST_MPS, Walk, clean_walk
from tasks.tracks.track_packing import TrackPoints

__all__ = ["CHECKS", "CheckKind", "CheckResult", "Judgement", "judge", "validate_checks"]

Moment: TypeAlias = datetime | float

VERIFIED, REFUSED, NEEDS_REVIEW = "verified", "refused", "needs_review"
# With more of the fixes than this too inaccurate to use, a failure may be the phone's.
POOR_SIGNAL_SHARE = 0.5
# Honest walks lose at most 3.7 % of their fixes as spikes; whoever drives in small circles loses
# most of them, and would look like somebody standing still.
SPIKE_SHARE = 0.15
DATUM_NAMES = {"wgs84": "WGS-84 (GPS)", "gcj02": "GCJ-02", "bd09": "BD-09"}


class BadChecks(Invalid):
    """Raised when a task's checks are no list of `{check, parameters}`, or empty."""

    message = Text(
        "A task needs a list of checks, each with a name and its parameters.",
        "任务须有完成条件列表，每项包含名称和参数。",
    )


class UnknownCheck(BadChecks):
    """Raised when no check has this name."""

    message = Text(
        "There is no check of that name; there are {known}.", "没有该完成条件；可用的有 {known}。"
    )


class RepeatedCheck(BadChecks):
    """Raised when a task asks for the same check twice."""

    message = Text("The check {check} is given twice.", "完成条件 {check} 重复。")


class UnknownParameter(BadChecks):
    """Raised when a check is given a parameter it does not have."""

    message = Text("{check} has no parameter of that name.", "{check} 没有该参数。")


class CheckNeedsRoute(BadChecks):
    """Raised when a check of a route is asked for in an area that is none."""

    message = Text("{check} needs an area that is a route.", "{check} 要求区域为路线。")


class CheckNeedsCells(BadChecks):
    """Raised when an area is too small or too large to be covered square by square."""

    message = Text(
        "{check} needs an area of 1 to {most} squares of 50 m.",
        "{check} 要求区域包含 1 至 {most} 个 50 米网格。",
    )


class CheckpointOutside(BadChecks):
    """Raised when a checkpoint lies where the area does not reach."""

    message = Text("This checkpoint is outside the area.", "该签到点不在任务区域内。")


@dataclass(frozen=True)
class Judgement:
    """What a track was worth: the outcome, every check with its reason, what was dropped."""

    outcome: str
    reason: Mapping[str, str]
    checks: tuple[CheckResult, ...]
    distance_m: float
    duration_s: float
    points_kept: int
    points_dropped: Mapping[str, int]

    def plain(self) -> dict[str, Any]:
        """As plain dicts and lists, which is how a verdict keeps it."""
        return {
            **vars(self),
            "reason": dict(self.reason),
            "checks": [result.plain() for result in self.checks],
            "points_dropped": dict(self.points_dropped),
        }


def validate_checks(
    value: Any, area: dict[str, Any] | None = None, field: str = "checks"
) -> list[dict[str, Any]]:
    """The checks in `value` with every default filled in; with a valid `area`, fitting it.

    Raises BadChecks, BadParameter, BadPosition or kinds of them, with the path in `field`.
    """
    if not isinstance(value, list) or not 1 <= len(value) <= len(CHECKS):
        raise BadChecks(field)
    checks = [_validated(item, f"{field}.{index}") for index, item in enumerate(value)]
    seen: set[str] = set()
    for index, check in enumerate(checks):
        if check["check"] in seen:
            raise RepeatedCheck(f"{field}.{index}.check", check=check["check"])
        seen.add(check["check"])
        if area is not None:
            _refuse_misfit(check, compile_area(area), f"{field}.{index}")
    return checks


def _validated(item: Any, path: str) -> dict[str, Any]:
    if not isinstance(item, dict) or not set(item) <= {"check", "parameters"}:
        raise BadChecks(path)
    name, given = item.get("check"), item.get("parameters", {})
    if not isinstance(name, str) or name not in CHECKS:
        raise UnknownCheck(f"{path}.check", known=", ".join(CHECKS))
    if not isinstance(given, dict):
        raise BadChecks(f"{path}.parameters")
    kind = CHECKS[name]
    for key in given:
        if key not in kind.parameters:
            raise UnknownParameter(f"{path}.parameters.{key}", check=name)
    read = {
        key: parameter.read(key, given, f"{path}.parameters.{key}")
        for key, parameter in kind.parameters.items()
    }
    return {"check": name, "parameters": read}


def _refuse_misfit(check: dict[str, Any], area: CompiledArea, path: str) -> None:
    """A check that nobody could meet is the planner's error; the walker should not find it."""
    name = check["check"]
    if CHECKS[name].needs_route and area.line is None:
        raise CheckNeedsRoute(f"{path}.check", check=name)
    if CHECKS[name].needs_cells:
        bounds = area.outline.bounds
        boxes = (bounds[2] - bounds[0]) * (bounds[3] - bounds[1]) / CELL_M**2
        if boxes > MAX_CELLS * 10 or not 0 < len(area.cells) <= MAX_CELLS:
            raise CheckNeedsCells(f"{path}.check", check=name, most=MAX_CELLS)
    if name == "checkpoints":
        parameters = check["parameters"]
        near = area.outline.buffer(parameters["radius_m"] + TOLERANCE_M)
        for index, point in enumerate(parameters["points"]):
            x, y = area.frame.to_metres(point["lat"], point["lon"])
            if not shapely.contains_xy(near, x, y):
                raise CheckpointOutside(f"{path}.parameters.points.{index}")


def judge(
    area: dict[str, Any],
    checks: Sequence[dict[str, Any]],
    window: tuple[Moment, Moment],
    claim: tuple[Moment, Moment],
    points: TrackPoints,
    datum: str = "wgs84",
) -> Judgement:
    """Hold a track (WGS-84 columns) against a task's valid area and checks.

    `window` is the task's start and end, `claim` the walker's start and finish (datetimes, or s
    since 1970). `datum` is the label the phone sent: if the place alone fails the walk and
    another label would pass it, the reasons say so; the label is never changed.
    """
    compiled = compile_area(area)
    started, finished = _seconds(claim[0]), _seconds(claim[1])
    hours = Hours(_seconds(window[0]), _seconds(window[1]), started)
    walk = clean_walk(points, compiled.frame, (started, finished))
    results = _results(checks, walk, compiled, hours)
    if len(walk) < 2:
        return _unusable(walk, results)
    fails_its_place = any(not one.passed and CHECKS[one.check].of_area for one in results)
    if fails_its_place and not _is_mostly_spikes(walk):
        other = _datum_that_fits(checks, points, datum, compiled, hours, finished)
        if other:
            results = [_with_datum_hint(one, other) for one in results]
    return _judged(walk, results)


def _seconds(moment: Moment) -> float:
    return moment.timestamp() if isinstance(moment, datetime) else float(moment)


def _results(
    checks: Sequence[dict[str, Any]], walk: Walk, area: CompiledArea, hours: Hours
) -> list[CheckResult]:
    evidence = Evidence(walk, area, _fast_mps(checks))
    return [CHECKS[c["check"]].result(evidence, hours, c["parameters"]) for c in checks]


def _fast_mps(checks: Sequence[dict[str, Any]]) -> float:
    """What is too fast: as the task's own speed check says, so a bicycle patrol may cycle."""
    for check in checks:
        if check["check"] == "plausible_speed":
            return float(check["parameters"]["v_fast_mps"])
    return FAST_MPS


def _datum_that_fits(
    checks: Sequence[dict[str, Any]],
    points: TrackPoints,
    datum: str,
    area: CompiledArea,
    hours: Hours,
    finished: float,
) -> str | None:
    """Another datum with which every check of the place would pass."""
    of_area = [check for check in checks if CHECKS[check["check"]].of_area]
    speed = [check for check in checks if check["check"] == "plausible_speed"]
    raw_lat, raw_lon = from_wgs84(points.lat, points.lon, datum)
    for other in DATUMS:
        if other == datum:
            continue
        lat, lon = to_wgs84(raw_lat, raw_lon, other)
        moved = replace(points, lat=lat, lon=lon)
        walk = clean_walk(moved, area.frame, (hours.started_at, finished))
        if len(walk) < 2:
            continue
        evidence = Evidence(walk, area, _fast_mps(speed))
        if all(CHECKS[c["check"]].result(evidence, hours, c["parameters"]).passed for c in of_area):
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
    failed = [one for one in results if not one.passed]
    outcome = REFUSED if failed else VERIFIED
    said = Text("All {total} conditions are met.", "全部 {total} 项完成条件均已满足。")
    if failed:
        said = Text(
            "{failed} of {total} conditions are not met.",
            "{total} 项完成条件中有 {failed} 项未满足。",
        )
        too_fast = any(one.check == "plausible_speed" for one in failed)
        if _poor_signal(walk) and not too_fast:
            outcome, said = NEEDS_REVIEW, _POOR_SIGNAL
    elif _is_mostly_spikes(walk):
        outcome, said = NEEDS_REVIEW, _MANY_SPIKES
    reason = spoken(said, failed=len(failed), total=len(results))
    return _judgement(outcome, reason, results, walk)


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
    failed = [replace(result, passed=False, reason=reason) for result in results]
    return _judgement(outcome, reason, failed, walk)


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
    )
