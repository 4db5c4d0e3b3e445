"""The tree: one city, units each in their place, lineage from the root, repeats without harm."""

import pytest
from people_town import square

from people import (
    Actor,
    Held,
    NewUnit,
    Person,
    Role,
    Unit,
    UnitKind,
    create_unit,
    found_city,
    layers,
    sign_in_with_password,
    unit_id_for,
)
from people.founding import (
    BadCode,
    CityFounded,
    NoName,
    UnitExists,
    UnknownLevel,
    UnknownParent,
    WrongParent,
)
from shared.database import collection
from shared.datums import from_wgs84
from shared.errors import NotAllowed
from shared.geo import BadGeometry, CrossesItself, PositionOutOfRange
from shared.ids import random_id
from tests.racing import at_once

POINT = {"type": "Point", "coordinates": [119.295, 26.085]}


def found(code="350100", login="admin"):
    return found_city(
        code, "福州市", "Fuzhou", login=login, password="correct horse battery", nickname="管理员"
    )


def new(town, **more):
    fields = {
        "kind": UnitKind.REDEMPTION_POINT,
        "code": "RP-001",
        "name": "鼓西兑换点",
        "parent_id": town.street.id,
        "location": POINT,
        "address": "鼓西路 1 号",
        "opening_hours": "9:00-17:00",
    }
    return NewUnit(**{**fields, **more})


def test_a_city_begins_with_its_root_layers_and_admin():
    root, admin = found()
    assert root.lineage == [root.id]
    assert [layer.keys for layer in layers()] == [
        ["district", "street", "community", "grid"],
        ["branch", "station", "police_grid"],
    ]
    assert sign_in_with_password("admin", "correct horse battery").person_id == admin.id


def test_founding_again_changes_nothing_and_another_city_is_refused():
    assert [unit.id for unit in found()] == [unit.id for unit in found()]
    for other in ({"code": "350200"}, {"login": "other"}):
        with pytest.raises(CityFounded):
            found(**other)
    assert Unit.objects.count() == 1
    assert collection(Person).count_documents({}) == 1


def test_threads_that_found_the_city_found_it_once():
    answers = at_once(4, lambda _one: found())
    assert len({answer[1].id for answer in answers}) == 1
    assert Unit.objects.count() == 1


def test_a_unit_stands_in_its_parents_lineage(town):
    unit = create_unit(new(town), by=town.admin)
    assert unit.lineage == [town.root.id, town.district.id, town.street.id, unit.id]
    assert unit.id == unit_id_for(UnitKind.REDEMPTION_POINT, "RP-001")
    assert Unit.objects(id=unit.id).get().location == POINT


def test_a_location_in_another_datum_is_stored_in_wgs84(town):
    lat, lon = from_wgs84(26.085, 119.295, "gcj02")
    shifted = {"type": "Point", "coordinates": [float(lon), float(lat)]}
    unit = create_unit(new(town, location=shifted, datum="gcj02"), by=town.admin)
    assert unit.location["coordinates"] == pytest.approx(POINT["coordinates"], abs=2e-7)


def test_the_same_unit_again_changes_nothing_and_other_content_is_refused(town):
    first = create_unit(new(town), by=town.admin)
    assert create_unit(new(town), by=town.admin).id == first.id
    with pytest.raises(UnitExists):
        create_unit(new(town, name="别的兑换点"), by=town.admin)
    assert Unit.objects(kind=UnitKind.REDEMPTION_POINT).count() == 1


def test_threads_that_create_one_unit_create_it_once(town):
    answers = at_once(8, lambda _one: create_unit(new(town), by=town.admin))
    assert all(isinstance(answer, Unit) for answer in answers)
    assert Unit.objects(kind=UnitKind.REDEMPTION_POINT).count() == 1


def test_one_code_may_serve_different_kinds(town):
    create_unit(new(town), by=town.admin)
    create_unit(new(town, kind=UnitKind.SCHOOL), by=town.admin)
    assert Unit.objects(code="RP-001").count() == 2


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"code": ""}, BadCode),
        ({"code": "a b"}, BadCode),
        ({"code": "x" * 41}, BadCode),
        ({"name": " "}, NoName),
        ({"level": "grid"}, UnknownLevel),
        ({"kind": UnitKind.CIVIL, "level": "galaxy"}, UnknownLevel),
        ({"kind": UnitKind.CIVIL, "level": "street"}, WrongParent),
        ({"kind": UnitKind.CIVIL, "level": "district"}, WrongParent),
        ({"kind": UnitKind.CITY}, WrongParent),
        ({"parent_id": "0" * 24}, UnknownParent),
        ({"location": {"type": "Point", "coordinates": [26.085, 119.295]}}, PositionOutOfRange),
        ({"location": square(0, 0)}, BadGeometry),
        ({"boundary": {"type": "Polygon", "coordinates": "here"}}, BadGeometry),
    ],
)
def test_what_cannot_be_meant_is_refused_with_nothing_written(town, changes, refusal):
    before = Unit.objects.count()
    with pytest.raises(refusal):
        create_unit(new(town, **changes), by=town.admin)
    assert Unit.objects.count() == before


def test_a_boundary_that_crosses_itself_is_refused(town):
    ring = [[119.28, 26.08], [119.29, 26.09], [119.29, 26.08], [119.28, 26.09], [119.28, 26.08]]
    bow = {"type": "Polygon", "coordinates": [ring]}
    with pytest.raises(CrossesItself):
        create_unit(new(town, boundary=bow), by=town.admin)


def test_nothing_stands_under_a_redemption_point(town):
    point = create_unit(new(town), by=town.admin)
    with pytest.raises(WrongParent):
        create_unit(new(town, code="RP-002", parent_id=point.id), by=town.admin)


def test_an_admin_creates_within_reach_only(town):
    local = Actor(random_id(), "s", (Held(Role.ADMIN, town.street.id),))
    with pytest.raises(NotAllowed):
        create_unit(new(town, parent_id=town.district.id), by=local)
    clerk = Actor(random_id(), "s", (Held(Role.CLERK, town.root.id),))
    with pytest.raises(NotAllowed):
        create_unit(new(town), by=clerk)
    assert create_unit(new(town), by=local)
