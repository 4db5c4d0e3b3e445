"""Checks as a planner writes them, read and refused: names, parameters, whether the area fits."""

from typing import Any

import shapely

from shared.errors import Invalid
from shared.i18n import Text
from tasks.judging.areas import CELL_M, MAX_CELLS, TOLERANCE_M, CompiledArea, compile_area
from tasks.judging.check_kinds import CHECKS


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
