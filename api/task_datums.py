"""A task's places in the caller's datum: read into WGS-84 before drafting, turned back to show.

What is no position is left as it came, for the room to refuse with its path.
"""

from collections.abc import Callable
from copy import deepcopy
from typing import Any, TypeAlias

from api.positions_schemas import PositionOffTheMap
from shared.datums import Floats, from_wgs84, to_wgs84
from tasks import Task

Convert: TypeAlias = Callable[[list[float], list[float], str], tuple[Floats, Floats]]
# As exact as a track: 0.1 mm is far below what any phone knows, and keeps a round trip the same.
DIGITS = 9


def task_in_wgs84(content: dict[str, Any], datum: str) -> dict[str, Any]:
    """A draft's content with its area and checkpoints in WGS-84. Raises PositionOffTheMap."""
    return content if datum == "wgs84" else _moved(content, datum, to_wgs84)


class TaskInDatum:
    """A task as it is shown in a datum: its area, its place and its checkpoints turned to it."""

    def __init__(self, task: Task, datum: str) -> None:
        self.datum = datum
        places = {"area": task.area, "location": task.location, "checks": task.checks}
        shown = {name: _plain(value) for name, value in places.items()}
        self._places = shown if datum == "wgs84" else _moved(shown, datum, from_wgs84)
        self._task = task

    def __getattr__(self, name: str) -> Any:
        return self._places[name] if name in self._places else getattr(self._task, name)


def _plain(value: Any) -> Any:
    """Mongoengine's lists and dicts as plain ones, which can be copied without their document."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _moved(content: dict[str, Any], datum: str, convert: Convert) -> dict[str, Any]:
    moved = deepcopy(content)
    pairs = [
        *_pairs(_member(moved.get("area"), "geometry", "coordinates")),
        *_pairs(_member(moved.get("location"), "coordinates")),
    ]
    points = list(_checkpoints(moved.get("checks")))
    if not pairs and not points:
        return moved
    lats = [pair[1] for pair in pairs] + [point["lat"] for point in points]
    lons = [pair[0] for pair in pairs] + [point["lon"] for point in points]
    found_lats, found_lons = convert(lats, lons, datum)
    for index, (lat, lon) in enumerate(zip(found_lats.tolist(), found_lons.tolist(), strict=True)):
        if not (-90 <= lat <= 90 and -180 <= lon <= 180):
            raise PositionOffTheMap("area", datum=datum)
        place = round(lat, DIGITS), round(lon, DIGITS)
        if index < len(pairs):
            pairs[index][:2] = [place[1], place[0]]
        else:
            points[index - len(pairs)].update(lat=place[0], lon=place[1])
    return moved


def _member(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _pairs(value: Any) -> list[list[Any]]:
    """Every [lon, lat, …] in nested lists, the very lists, so that they can be changed."""
    if not isinstance(value, list):
        return []
    if len(value) >= 2 and all(_is_number(one) for one in value[:2]):
        return [value] if abs(value[1]) <= 90 and abs(value[0]) <= 180 else []
    return [pair for one in value for pair in _pairs(one)]


def _checkpoints(checks: Any) -> list[dict[str, Any]]:
    found = []
    for check in checks if isinstance(checks, list) else []:
        points = _member(check, "parameters", "points")
        for point in points if isinstance(points, list) else []:
            if isinstance(point, dict) and all(_is_number(point.get(k)) for k in ("lat", "lon")):
                found.append(point)
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
