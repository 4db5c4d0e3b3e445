"""How a city begins, and how units are added to its tree one by one."""

import re
from dataclasses import dataclass
from typing import Any

from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from people.actor import Actor, Held
from people.boundaries import AREAS, refuse_unindexable, wgs84_geometry
from people.layer import Layer, default_layers
from people.person import Person
from people.profiles import cleaned_text
from people.questions import UnitNotFound, staff_with_login, unit_of
from people.roles import Role
from people.staff import insert_staff, new_staff
from people.unit import LAYERS, Unit, UnitKind, unit_id_for
from shared.database import collection, in_transaction
from shared.errors import Conflict, Invalid
from shared.i18n import Text

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


class BadCode(Invalid):
    """Raised when a unit's code is not 1 to 40 letters, digits, dots or dashes."""

    message = Text(
        "A code has 1 to 40 letters, digits, dots or dashes.",
        "编码须为 1 至 40 个字母、数字、点或短横线。",
    )


class NoName(Invalid):
    """Raised when a unit has no name."""

    message = Text("A name is needed.", "名称不能为空。")


class UnknownLevel(Invalid):
    """Raised when a unit's level is none of its layer, or given where there are no levels."""

    message = Text("The level {level!r} is none of this kind.", "该类单位没有级别 {level!r}。")


class UnknownParent(Invalid):
    """Raised when the parent named is no unit."""

    message = Text("There is no such parent unit.", "上级单位不存在。")


class WrongParent(Invalid):
    """Raised when a unit cannot stand under the parent named."""

    message = Text(
        "A unit of kind {kind} and level {level!r} cannot stand under this parent.",
        "{kind} 类、级别 {level!r} 的单位不能隶属于该上级。",
    )


class UnitExists(Conflict):
    """Raised when a unit of this kind and code stands already, with other content."""

    message = Text("Code {code} is taken by another unit.", "编码 {code} 已被其他单位使用。")


class CityFounded(Conflict):
    """Raised when a city stands already."""

    message = Text("The city was founded before.", "城市已创建。")


@dataclass(frozen=True)
class NewUnit:
    """A unit to be created; geometries are GeoJSON in `datum`."""

    kind: UnitKind
    code: str
    name: str
    parent_id: str
    name_en: str = ""
    level: str = ""
    boundary: dict[str, Any] | None = None
    location: dict[str, Any] | None = None
    address: str = ""
    opening_hours: str = ""
    datum: str = "wgs84"


def found_city(
    code: str, name: str, name_en: str, *, login: str, password: str, nickname: str
) -> tuple[Unit, Person]:
    """Begin a city: the root of the tree, its two layers, and its first admin; once.

    The same code and login again change nothing. Raises CityFounded (also where only the login
    is taken), BadCode, NoName, BadLogin, WeakPassword, BadText.
    """
    root = _new_root(code, name, name_en)
    admin = new_staff(login, password, nickname=nickname, roles=[Held(Role.ADMIN, root.id)])

    def decide(session: ClientSession) -> None:
        collection(Unit).insert_one(root.to_mongo().to_dict(), session=session)
        layers = [layer.to_mongo().to_dict() for layer in default_layers()]
        collection(Layer).insert_many(layers, session=session)
        insert_staff(admin, by_id="", session=session)

    try:
        in_transaction(decide)
    except DuplicateKeyError:
        return _founded_before(root.id, login)
    return root, admin


def _new_root(code: str, name: str, name_en: str) -> Unit:
    unit_id = unit_id_for(UnitKind.CITY, cleaned_code(code, "code"))
    return Unit(
        id=unit_id,
        kind=UnitKind.CITY,
        code=code,
        name=cleaned_name(name, "name"),
        name_en=cleaned_text(name_en, "name_en"),
        lineage=[unit_id],
    )


def _founded_before(root_id: str, login: str) -> tuple[Unit, Person]:
    admin = staff_with_login(login)
    try:
        root = unit_of(root_id)
    except UnitNotFound:
        raise CityFounded from None
    if admin is None or not admin.is_member(Role.ADMIN, root_id):
        raise CityFounded
    return root, admin


def create_unit(new: NewUnit, *, by: Actor) -> Unit:
    """Add a unit under its parent, within the admin's reach; the same again changes nothing.

    Raises NotAllowed, UnknownParent, WrongParent, UnknownLevel, BadCode, NoName, BadText,
    BadGeometry, UnknownDatum, UnitExists.
    """
    parent = Unit.objects.with_id(new.parent_id)
    if parent is None:
        raise UnknownParent("parent_id")
    by.must_hold(Role.ADMIN, at=parent)
    refuse_misplaced(new.kind, new.level, parent)
    unit = _drafted(new)

    def decide(session: ClientSession) -> None:
        # Touching the parent makes a move of it meet this; so the lineage is the one in force.
        held = collection(Unit).find_one_and_update(
            {"_id": parent.id},
            {"$inc": {"version": 1}},
            {"lineage": 1},
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        if held is None:
            raise UnknownParent("parent_id")
        unit.lineage = [*held["lineage"], unit.id]
        collection(Unit).insert_one(unit.to_mongo().to_dict(), session=session)

    try:
        in_transaction(decide)
    except DuplicateKeyError:
        return _same_or_refuse(unit)
    return unit


def _drafted(new: NewUnit) -> Unit:
    code = cleaned_code(new.code, "code")
    boundary, location = new.boundary, new.location
    if boundary is not None:
        boundary = wgs84_geometry(boundary, new.datum, AREAS, "boundary")
        refuse_unindexable({"boundary": boundary})
    if location is not None:
        location = wgs84_geometry(location, new.datum, ("Point",), "location")
    return Unit(
        id=unit_id_for(new.kind, code),
        kind=new.kind,
        level=new.level,
        name=cleaned_name(new.name, "name"),
        name_en=cleaned_text(new.name_en, "name_en"),
        code=code,
        parent_id=new.parent_id,
        boundary=boundary,
        location=location,
        address=cleaned_text(new.address, "address"),
        opening_hours=cleaned_text(new.opening_hours, "opening_hours"),
    )


def _same_or_refuse(unit: Unit) -> Unit:
    stored = Unit.objects.with_id(unit.id)
    compared = ("level", "name", "name_en", "parent_id", "boundary", "location", "address")
    same = stored is not None and all(
        getattr(stored, field) == getattr(unit, field) for field in (*compared, "opening_hours")
    )
    if not same:
        raise UnitExists(code=unit.code)
    return stored


def cleaned_code(code: str, field: str) -> str:
    """A unit's code. Raises BadCode."""
    if not _CODE.fullmatch(code):
        raise BadCode(field)
    return code


def cleaned_name(name: str, field: str) -> str:
    """A unit's name, which it must have. Raises NoName, BadText."""
    cleaned = cleaned_text(name, field)
    if not cleaned:
        raise NoName(field)
    return cleaned


def refuse_misplaced(kind: UnitKind, level: str, parent: Unit) -> None:
    """Refuse a unit that may not stand under `parent`: so the tree has no cycles.

    Civil units stand under the city or a higher civil level, police units also under civil ones,
    all others under anything but a redemption point. Raises UnknownLevel, WrongParent.
    """
    if kind not in LAYERS:
        if level:
            raise UnknownLevel("level", level=level)
        if kind is UnitKind.CITY or parent.kind is UnitKind.REDEMPTION_POINT:
            raise WrongParent("parent_id", kind=kind.value, level=level)
        return
    layer = Layer.objects.with_id(kind.value)
    if layer is None or level not in layer.keys:
        raise UnknownLevel("level", level=level)
    if not is_above(layer, level, parent):
        raise WrongParent("parent_id", kind=kind.value, level=level)


def is_above(layer: Layer, level: str, parent: Unit) -> bool:
    """Whether a unit of this layer and level may stand under `parent`."""
    if parent.kind == layer.id:
        return parent.level in layer.keys and layer.depth_of(parent.level) < layer.depth_of(level)
    above = {"civil": (UnitKind.CITY,), "police": (UnitKind.CITY, UnitKind.CIVIL)}
    return parent.kind in above[layer.id]
