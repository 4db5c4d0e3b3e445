"""The checks of where somebody walked: time, distance, checkpoints and coverage in the area."""

from collections.abc import Mapping
from typing import Any

from shared.i18n import Text
from tasks.judging.areas import CELL_M
from tasks.judging.check_kind import (
    DAY_S,
    Case,
    CheckKind,
    CheckResult,
    cut,
    distance_text,
    duration_text,
    share_result,
    spoken,
)
from tasks.judging.check_parameters import CheckpointList, Flag, Number
from tasks.judging.track_measures import reached


def _inside_time(case: Case, parameters: Mapping[str, Any]) -> CheckResult:
    measured, needed = case.evidence.time_inside_s(), parameters["min_s"]
    said = Text(
        "You were inside the area for {measured}; {needed} are needed.",
        "您在任务区域内停留了 {measured}，要求 {needed}。",
    )
    told = spoken(said, measured=duration_text(measured), needed=duration_text(needed))
    return CheckResult("inside_time", measured >= needed, cut(measured), needed, "s", told)


def _inside_distance(case: Case, parameters: Mapping[str, Any]) -> CheckResult:
    measured, needed = case.evidence.distance_inside_m(), parameters["min_m"]
    said = Text(
        "You walked {measured} inside the area; {needed} are needed.",
        "您在任务区域内步行了 {measured}，要求 {needed}。",
    )
    told = spoken(said, measured=distance_text(measured), needed=distance_text(needed))
    return CheckResult("inside_distance", measured >= needed, cut(measured), needed, "m", told)


def _checkpoints(case: Case, parameters: Mapping[str, Any]) -> CheckResult:
    points = parameters["points"]
    visits = case.evidence.visits(
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


def _route_coverage(case: Case, parameters: Mapping[str, Any]) -> CheckResult:
    said = Text(
        "You covered {measured} of the route; {needed} is needed.",
        "您走过了路线的 {measured}，要求 {needed}。",
    )
    measured = case.evidence.route_share()
    return share_result("route_coverage", measured, parameters["min_share"], said)


def _area_coverage(case: Case, parameters: Mapping[str, Any]) -> CheckResult:
    said = Text(
        f"You visited {{measured}} of the area's {CELL_M:g}-metre squares; {{needed}} is needed.",
        f"您走过了区域内 {{measured}} 的 {CELL_M:g} 米网格，要求 {{needed}}。",
    )
    measured = case.evidence.cells_share()
    return share_result("area_coverage", measured, parameters["min_share"], said)


_MIN_SHARE = Number(0.01, 1.0)
PLACE_CHECKS = (
    CheckKind("inside_time", {"min_s": Number(1.0, DAY_S)}, _inside_time, of_area=True),
    CheckKind("inside_distance", {"min_m": Number(1.0, 200_000.0)}, _inside_distance, of_area=True),
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
        of_area=True,
    ),
    CheckKind(
        "route_coverage",
        {"min_share": _MIN_SHARE},
        _route_coverage,
        of_area=True,
        needs_route=True,
    ),
    CheckKind(
        "area_coverage",
        {"min_share": _MIN_SHARE},
        _area_coverage,
        of_area=True,
        needs_cells=True,
    ),
)
