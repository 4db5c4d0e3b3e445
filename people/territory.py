"""The territory as the other rooms ask for it: its layers, and the grids that hold a point."""

from contextlib import suppress

from people.layer import Layer
from people.questions import UnitNotFound, unit_with_code
from people.unit import Unit, UnitKind
from shared.geo import validated_position


def layers() -> list[Layer]:
    """The layers of the territory with their levels, the largest first."""
    return list(Layer.objects.order_by("id"))


def top_with_code(layer: str, code: str) -> Unit:
    """The unit of this code that units of a layer can stand under.

    One of the layer itself before a civil one, that before the city. Raises UnitNotFound.
    """
    for kind in dict.fromkeys([UnitKind(layer), UnitKind.CIVIL, UnitKind.CITY]):
        with suppress(UnitNotFound):
            return unit_with_code(kind, code)
    raise UnitNotFound


def grids_at(lat: float, lon: float) -> dict[str, Unit]:
    """The unit of the deepest level of each layer that holds a WGS-84 point, by layer.

    A layer without one there is left out; on a border the lower code is taken. Boundaries are
    not loaded. Raises BadPosition, PositionOutOfRange.
    """
    lat, lon = validated_position(lat, lon, "position")
    point = {"type": "Point", "coordinates": [lon, lat]}
    touching = {"boundary": {"$geoIntersects": {"$geometry": point}}}
    deepest = [{"kind": one.id, "level": one.keys[-1], **touching} for one in layers()]
    if not deepest:
        return {}
    found: dict[str, Unit] = {}
    for unit in Unit.objects(__raw__={"$or": deepest}).exclude("boundary").order_by("code"):
        found.setdefault(unit.kind.value, unit)
    return found
