"""Importing a layer of the territory from GeoJSON: everything checked before the first write."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pymongo import UpdateMany, UpdateOne
from shapely.geometry import Polygon, shape

from people.actor import Actor
from people.boundaries import refuse_unindexable
from people.coverage import Flaw, Piece, area_m2, coverage_findings
from people.founding import UnknownParent, WrongParent, is_above
from people.layer import Layer
from people.questions import unit_of
from people.roles import Role
from people.territory_features import Feature, read_features
from people.unit import Unit, UnitKind, unit_id_for
from shared.database import collection, lease
from shared.errors import Invalid
from shared.i18n import Text

TOLERANCE_M2 = 25.0
LEASE_S = 120
# So many shapes are indexed well within one command's time.
WRITTEN_AT_ONCE = 250


class UnknownLayer(Invalid):
    """Raised when the layer named is none of the territory."""

    message = Text("There is no such layer.", "没有该图层。")


class LevelFixed(Invalid):
    """Raised when an import would put a stored unit on another level."""

    message = Text(
        "Unit {code} is stored with level {level!r}, which stays.",
        "单位 {code} 的级别为 {level!r}，不可更改。",
    )


class BeyondOwnGround(Invalid):
    """Raised when an admin of a part of the city draws a unit on the ground of others."""

    message = Text(
        "{code} lies beyond the ground of the unit that you are admin of.",
        "{code} 超出您所管理单位的辖区范围。",
    )


@dataclass(frozen=True)
class FindingAt:
    """One flaw of the coverage among the units of `level` under one parent."""

    level: str
    parent_code: str
    flaw: Flaw
    codes: tuple[str, ...]
    area_m2: float
    lat: float
    lon: float


@dataclass(frozen=True)
class TerritoryReport:
    """What an import did, and every hole, overlap and overhang that the layer has there now."""

    layer: str
    created: int
    changed: int
    unchanged: int
    findings: list[FindingAt]


@dataclass(frozen=True)
class _Plan:
    """One unit as it shall be, its parent's place known."""

    feature: Feature
    parent_id: str
    lineage: list[str]
    stored: Unit | None

    def fields(self) -> dict[str, Any]:
        """The fields that the import decides."""
        return {
            "level": self.feature.level,
            "name": self.feature.name,
            "name_en": self.feature.name_en,
            "parent_id": self.parent_id,
            "lineage": self.lineage,
            "boundary": self.feature.boundary,
        }

    def is_change(self) -> bool:
        """Whether the stored unit differs from what it shall be."""
        return any(getattr(self.stored, name) != value for name, value in self.fields().items())


def import_territory(
    feature_collection: dict[str, Any],
    layer: str,
    parent_id: str,
    *,
    by: Actor,
    datum: str = "wgs84",
    tolerance_m2: float = TOLERANCE_M2,
) -> TerritoryReport:
    """Create and update the units of a layer under one unit, and report flaws above m².

    Features without `parent_code` stand under `parent_id`. Repeating changes nothing, and an
    import that broke off is finished by repeating it. Raises NotAllowed, UnknownLayer,
    UnknownParent, WrongParent, LevelFixed, BeyondOwnGround, the refusals of `read_features`, and
    Unavailable while another import runs.
    """
    found = Layer.objects.with_id(layer)
    if found is None:
        raise UnknownLayer("layer")
    top = Unit.objects.with_id(parent_id)
    if top is None:
        raise UnknownParent("parent_id")
    by.must_hold(Role.ADMIN, at=top)
    features = read_features(feature_collection, found.keys, datum)
    refuse_unindexable({f"{feature.path}.geometry": feature.boundary for feature in features})
    _refuse_beyond(top, features, tolerance_m2, by)
    with lease("territory-import", seconds=LEASE_S) as prolong:
        plans = _planned(features, found, top, by)
        _write(plans, UnitKind(layer), prolong)
    created = sum(plan.stored is None for plan in plans)
    changed = sum(plan.stored is not None and plan.is_change() for plan in plans)
    findings = list(_findings(found, plans, tolerance_m2))
    return TerritoryReport(layer, created, changed, len(plans) - created - changed, findings)


def _refuse_beyond(top: Unit, features: list[Feature], tolerance_m2: float, by: Actor) -> None:
    """Raises BeyondOwnGround where an admin of a part draws on the ground of others."""
    if by.holds(Role.ADMIN, at=unit_of(top.lineage[0])):
        return
    ground = shape(top.boundary) if top.boundary else Polygon()
    for feature in features:
        if area_m2(shape(feature.boundary).difference(ground)) > tolerance_m2:
            raise BeyondOwnGround(f"{feature.path}.geometry", code=feature.code)


def _planned(features: list[Feature], layer: Layer, top: Unit, by: Actor) -> list[_Plan]:
    """Every unit with its parent and lineage, parents first. Raises what import_territory does."""
    kind = UnitKind(layer.id)
    codes = {feature.code for feature in features} | {f.parent_code for f in features}
    stored = {unit.code: unit for unit in Unit.objects(kind=kind, code__in=sorted(codes))}
    planned: dict[str, _Plan] = {}
    incoming = {feature.code for feature in features}
    for feature in sorted(features, key=lambda one: layer.depth_of(one.level)):
        known = stored.get(feature.code)
        if known is not None:
            by.must_hold(Role.ADMIN, at=known)
            if known.level != feature.level:
                path = f"{feature.path}.properties.level"
                raise LevelFixed(path, code=feature.code, level=known.level)
        if feature.parent_code in planned:
            parent = _as_unit(planned[feature.parent_code], kind)
        elif feature.parent_code in incoming:
            # It comes later in the order of levels, so it is not above.
            raise _wrong_parent(feature, kind)
        else:
            parent = _stored_parent(feature, stored, top, by)
        if not is_above(layer, feature.level, parent):
            raise _wrong_parent(feature, kind)
        unit_id = unit_id_for(kind, feature.code)
        planned[feature.code] = _Plan(feature, parent.id, [*parent.lineage, unit_id], known)
    return list(planned.values())


def _wrong_parent(feature: Feature, kind: UnitKind) -> WrongParent:
    path = f"{feature.path}.properties.parent_code"
    return WrongParent(path, kind=kind.value, level=feature.level)


def _as_unit(plan: _Plan, kind: UnitKind) -> Unit:
    return Unit(id=plan.lineage[-1], kind=kind, level=plan.feature.level, lineage=plan.lineage)


def _stored_parent(feature: Feature, stored: dict[str, Unit], top: Unit, by: Actor) -> Unit:
    if not feature.parent_code:
        return top
    parent = stored.get(feature.parent_code)
    if parent is None:
        raise UnknownParent(f"{feature.path}.properties.parent_code")
    by.must_hold(Role.ADMIN, at=parent)
    return parent


def _write(plans: list[_Plan], kind: UnitKind, prolong: Callable[[], None]) -> None:
    """Upsert under ids that follow from the codes, parents first; then mend the lineages below."""
    upserts = [
        UpdateOne(
            {"_id": plan.lineage[-1]},
            {
                "$set": plan.fields(),
                "$inc": {"version": 1},
                "$setOnInsert": {"kind": kind.value, "code": plan.feature.code},
            },
            upsert=True,
        )
        for plan in plans
        if plan.stored is None or plan.is_change()
    ]
    _write_in_batches(upserts, prolong)
    # Looked for under every stored unit, not under moved ones only: an import that broke off
    # here is mended by the next.
    mends = [_lineage_mend(lineage) for lineage in _lineages_to_mend(plans)]
    _write_in_batches(mends, prolong)


def _write_in_batches(changes: Sequence[Any], prolong: Callable[[], None]) -> None:
    """Write in order, each batch in a command's own time and under a lease just prolonged."""
    for start in range(0, len(changes), WRITTEN_AT_ONCE):
        prolong()
        batch = list(changes[start : start + WRITTEN_AT_ONCE])
        collection(Unit).bulk_write(batch, ordered=True)


def _lineages_to_mend(plans: list[_Plan]) -> list[list[str]]:
    """The lineages, parents first, of planned units with something below that has another."""
    lineages = {plan.lineage[-1]: plan.lineage for plan in plans if plan.stored is not None}
    stale = set()
    below = {"lineage": {"$in": sorted(lineages)}}
    for row in collection(Unit).find(below, {"lineage": 1}):
        for place, unit_id in enumerate(row["lineage"], start=1):
            if unit_id in lineages and row["lineage"][:place] != lineages[unit_id]:
                stale.add(unit_id)
    return [lineage for unit_id, lineage in lineages.items() if unit_id in stale]


def _lineage_mend(lineage: list[str]) -> UpdateMany:
    """Put `lineage` before what stands below its last unit, wherever that is not so."""
    unit_id, length = lineage[-1], len(lineage)
    below = {"$add": [{"$indexOfArray": ["$lineage", unit_id]}, 1]}
    rest = {"$slice": ["$lineage", below, {"$size": "$lineage"}]}
    return UpdateMany(
        {
            "lineage": unit_id,
            "_id": {"$ne": unit_id},
            "$expr": {"$ne": [{"$slice": ["$lineage", length]}, lineage]},
        },
        [{"$set": {"lineage": {"$concatArrays": [lineage, rest]}}}],
    )


def _findings(layer: Layer, plans: list[_Plan], tolerance_m2: float) -> Iterable[FindingAt]:
    """The flaws under every unit that the import touched, and under the parents of those."""
    touched = {plan.parent_id for plan in plans} | {plan.lineage[-1] for plan in plans}
    rows = collection(Unit).find(
        {"kind": layer.id, "parent_id": {"$in": sorted(touched)}, "boundary": {"$exists": True}},
        {"code": 1, "level": 1, "parent_id": 1, "boundary": 1},
    )
    families: dict[tuple[str, str], list[Piece]] = {}
    for row in rows:
        piece = Piece(row["code"], shape(row["boundary"]))
        families.setdefault((row["parent_id"], row["level"]), []).append(piece)
    parents = {
        row["_id"]: row
        for row in collection(Unit).find(
            {"_id": {"$in": sorted({parent_id for parent_id, _ in families})}},
            {"code": 1, "boundary": 1},
        )
    }
    for (parent_id, level), siblings in families.items():
        parent = parents[parent_id]
        ground = shape(parent["boundary"]) if parent.get("boundary") else None
        for finding in coverage_findings(ground, siblings, tolerance_m2):
            yield FindingAt(level, parent["code"], **asdict(finding))
