"""The kinds of check a task may ask for: their parameters, and what each says of a walk.

A new kind is one function and one entry in `CHECKS`; nothing else knows the names.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from shared.i18n import LANGUAGES, Text
from tasks.judging.areas import CELL_M
from tasks.judging.check_parameters import CheckpointList, Flag, Number, Parameter
from tasks.judging.track_measures import Evidence, reached
from tasks.judging.track_rules import FAST_MPS

KMH = 3.6
DAY_S = 86_400.0


@dataclass(frozen=True)
class Hours:
    """When a task runs and when its walker started, all in s since 1970."""

    starts_at: float
    ends_at: float
    started_at: float


@dataclass(frozen=True)
class CheckResult:
    """One check held against one walk, and the sentence that tells the walker."""

    check: str
    passed: bool
    measured: float
    needed: float
    unit: str
    reason: Mapping[str, str]

    def plain(self) -> dict[str, Any]:
        """As a plain dict, which is how a verdict keeps it."""
        return {**vars(self), "reason": dict(self.reason)}


@dataclass(frozen=True)
class CheckKind:
    """What a check is called, its parameters, what it measures, and what it needs of the area.

    `of_area` is true where only the place decides, so that a wrong datum would fail it.
    """

    name: str
    parameters: Mapping[str, Parameter]
    result: Callable[[Evidence, Hours, Mapping[str, Any]], CheckResult]
    of_area: bool = True
    needs_route: bool = False
    needs_cells: bool = False


def spoken(text: Text, **facts: Any) -> dict[str, str]:
    """Both sentences; a fact that is itself a Text is said in the sentence's language."""
    return {
        language: text.say(
            language,
            **{k: v.say(language) if isinstance(v, Text) else v for k, v in facts.items()},
        )
        for language in LANGUAGES
    }


def duration_text(seconds: float) -> Text:
    """`1 h 5 min 20 s`, cut down to whole seconds so that it never looks like enough."""
    left = max(int(seconds), 0)
    hours, minutes, left = left // 3600, left % 3600 // 60, left % 60
    parts = [(hours, "h", "小时"), (minutes, "min", "分钟"), (left, "s", "秒")]
    told = [part for part in parts if part[0]] or [parts[2]]
    english = " ".join(f"{number} {unit}" for number, unit, _ in told)
    return Text(english, " ".join(f"{number} {unit}" for number, _, unit in told))


def distance_text(metres: float) -> Text:
    """`850 m` or `1.25 km`, cut down so that it never looks like enough."""
    if metres < 1000:
        return Text(f"{int(metres)} m", f"{int(metres)} 米")
    kilometres = math.floor(metres / 10) / 100
    return Text(f"{kilometres:g} km", f"{kilometres:g} 公里")


def _percent(share: float, up: bool = False) -> str:
    tenths = math.ceil(share * 1000 - 1e-6) if up else math.floor(share * 1000 + 1e-6)
    return f"{tenths / 10:g} %"


def _inside_time(evidence: Evidence, _: Hours, parameters: Mapping[str, Any]) -> CheckResult:
    measured, needed = evidence.time_inside_s(), parameters["min_s"]
    said = Text(
        "You were inside the area for {measured}; {needed} are needed.",
        "您在任务区域内停留了 {measured}，要求 {needed}。",
    )
    told = spoken(said, measured=duration_text(measured), needed=duration_text(needed))
    return CheckResult("inside_time", measured >= needed, _cut(measured), needed, "s", told)


def _inside_distance(evidence: Evidence, _: Hours, parameters: Mapping[str, Any]) -> CheckResult:
    measured, needed = evidence.distance_inside_m(), parameters["min_m"]
    said = Text(
        "You walked {measured} inside the area; {needed} are needed.",
        "您在任务区域内步行了 {measured}，要求 {needed}。",
    )
    told = spoken(said, measured=distance_text(measured), needed=distance_text(needed))
    return CheckResult("inside_distance", measured >= needed, _cut(measured), needed, "m", told)


def _checkpoints(evidence: Evidence, _: Hours, parameters: Mapping[str, Any]) -> CheckResult:
    points = parameters["points"]
    visits = evidence.visits(
        [point["lat"] for point in points],
        [point["lon"] for point in points],
        parameters["radius_m"],
    )
    measured = reached(visits, parameters["dwell_s"], parameters["in_order"])
    needed = parameters["needed"]
    said = Text(
        "You reached {measured} of {total} checkpoints{how}; {needed} are needed.",
        "您{how}到达了 {total} 个签到点中的 {measured} 个，要求 {needed} 个。",
    )
    how = Text(" in the order given", "按规定顺序") if parameters["in_order"] else ""
    told = spoken(said, measured=measured, total=len(points), needed=needed, how=how)
    return CheckResult("checkpoints", measured >= needed, measured, needed, "checkpoints", told)


def _window(evidence: Evidence, hours: Hours, parameters: Mapping[str, Any]) -> CheckResult:
    allowed_s, late_s = parameters["late_s"], hours.started_at - hours.starts_at
    if allowed_s is not None and late_s > allowed_s:
        said = Text(
            "You started {measured} after the task began; at most {needed} is allowed.",
            "您在任务开始 {measured} 后才出发，最多允许迟到 {needed}。",
        )
        told = spoken(said, measured=duration_text(late_s), needed=duration_text(allowed_s))
        return CheckResult("window", False, _cut(late_s), allowed_s, "s late", told)
    # The way to the post is part of it, so the minutes before the start do not count against it.
    begins_at = hours.starts_at - parameters["early_s"]
    measured = evidence.share_within(begins_at, hours.ends_at)
    needed = parameters["min_share"]
    said = Text(
        "{measured} of your walk was within the task's hours; {needed} is needed.",
        "您的行程有 {measured} 在任务时间段内，要求 {needed}。",
    )
    return _share_result("window", measured, needed, said)


def _plausible_speed(evidence: Evidence, _: Hours, parameters: Mapping[str, Any]) -> CheckResult:
    measured, needed = evidence.fast_share(), parameters["max_fast_share"]
    if measured is None:
        said = Text(
            "There are too few positions close together in time to tell how fast you moved.",
            "连续定位点太少，无法判断您的移动速度。",
        )
        return CheckResult("plausible_speed", False, 1.0, needed, "share", spoken(said))
    passed = measured <= needed
    said = Text(
        "{measured} of the time you moved faster than {speed} km/h; at most {needed} may be.",
        "您有 {measured} 的时间移动速度超过 {speed} 公里/小时，最多允许 {needed}。",
    )
    if not passed:
        said = Text(f"Too fast for this task: {said.en}", f"速度过快：{said.zh}")
    speed = f"{parameters['v_fast_mps'] * KMH:.3g}"
    told = spoken(said, measured=_percent(measured, up=True), needed=_percent(needed), speed=speed)
    shown = math.ceil(measured * 1e4 - 1e-6) / 1e4
    return CheckResult("plausible_speed", passed, shown, needed, "share", told)


def _route_coverage(evidence: Evidence, _: Hours, parameters: Mapping[str, Any]) -> CheckResult:
    said = Text(
        "You covered {measured} of the route; {needed} is needed.",
        "您走过了路线的 {measured}，要求 {needed}。",
    )
    return _share_result("route_coverage", evidence.route_share(), parameters["min_share"], said)


def _area_coverage(evidence: Evidence, _: Hours, parameters: Mapping[str, Any]) -> CheckResult:
    said = Text(
        f"You visited {{measured}} of the area's {CELL_M:g}-metre squares; {{needed}} is needed.",
        f"您走过了区域内 {{measured}} 的 {CELL_M:g} 米网格，要求 {{needed}}。",
    )
    return _share_result("area_coverage", evidence.cells_share(), parameters["min_share"], said)


def _share_result(check: str, measured: float, needed: float, said: Text) -> CheckResult:
    told = spoken(said, measured=_percent(measured), needed=_percent(needed))
    # Ten walks in ten that end where the task ends should not fail on the last float bit.
    passed = measured >= needed - 1e-9
    return CheckResult(
        check, passed, math.floor(measured * 1e4 + 1e-6) / 1e4, needed, "share", told
    )


def _cut(value: float) -> float:
    """One decimal, cut down: a shown figure is never larger than the one that was judged."""
    return math.floor(value * 10 + 1e-6) / 10


_MIN_SHARE = Number(0.01, 1.0)
CHECKS: Mapping[str, CheckKind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            CheckKind("inside_time", {"min_s": Number(1.0, DAY_S)}, _inside_time),
            CheckKind("inside_distance", {"min_m": Number(1.0, 200_000.0)}, _inside_distance),
            CheckKind(
                "checkpoints",
                {
                    "points": CheckpointList(),
                    "radius_m": Number(5.0, 500.0, default=30.0),
                    "dwell_s": Number(0.0, 3_600.0, default=0.0),
                    "needed": Number(1, 50, whole=True, default_is_all=True),
                    "in_order": Flag(default=False),
                },
                _checkpoints,
            ),
            CheckKind(
                "window",
                {
                    "early_s": Number(0.0, 3_600.0, default=900.0),
                    "late_s": Number(0.0, DAY_S, optional=True),
                    "min_share": Number(0.01, 1.0, default=0.9),
                },
                _window,
                of_area=False,
            ),
            CheckKind(
                "plausible_speed",
                {
                    "max_fast_share": Number(0.0, 1.0, default=0.15),
                    "v_fast_mps": Number(1.0, 20.0, default=FAST_MPS),
                },
                _plausible_speed,
                of_area=False,
            ),
            CheckKind(
                "route_coverage", {"min_share": _MIN_SHARE}, _route_coverage, needs_route=True
            ),
            CheckKind("area_coverage", {"min_share": _MIN_SHARE}, _area_coverage, needs_cells=True),
        )
    }
)
