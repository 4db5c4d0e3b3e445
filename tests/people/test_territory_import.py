"""Importing territory: all checks before the first write, repeats and moves, both layers."""

import pytest
from people_town import board, feature, features, middle_of, square

from people import (
    Actor,
    Flaw,
    Held,
    NewUnit,
    Role,
    Unit,
    UnitKind,
    create_unit,
    district_code_of,
    grids_at,
    import_territory,
    unit_of,
    unit_with_code,
    units_in,
)
from people.founding import BadCode, NoName, UnknownLevel, UnknownParent, WrongParent
from people.territory_features import BadProperty, CodeTwice, NotAFeatureCollection
from people.territory_import import BeyondOwnGround, LevelFixed, TerritoryReport, UnknownLayer
from shared.database import collection
from shared.datums import UnknownDatum, from_wgs84
from shared.errors import NotAllowed
from shared.geo import BadGeometry, BadPosition, CrossesItself, PositionOutOfRange
from shared.ids import random_id
from tests.racing import at_once

BOW = {
    "type": "Polygon",
    "coordinates": [
        [[119.28, 26.08], [119.29, 26.09], [119.29, 26.08], [119.28, 26.09], [119.28, 26.08]]
    ],
}


def brought_in(city, *members, layer="civil", parent=None, **more):
    parent_id = (parent or city.root).id
    return import_territory(features(*members), layer, parent_id, by=city.admin, **more)


def stored():
    return list(collection(Unit).find().sort("_id"))


def test_a_layer_comes_in_with_lineage_from_the_root(town):
    assert town.grid.lineage == [
        town.root.id,
        town.district.id,
        town.street.id,
        town.community.id,
        town.grid.id,
    ]
    assert Unit.objects(kind=UnitKind.CIVIL).count() == 7


def test_the_order_of_the_features_does_not_matter(city):
    report = brought_in(city, *reversed(board()["features"]))
    assert (report.created, report.findings) == (7, [])


def test_the_same_import_again_changes_nothing(town):
    before = stored()
    report = import_territory(board(), "civil", town.root.id, by=town.admin)
    assert report == TerritoryReport("civil", 0, 0, 7, [])
    assert stored() == before


def test_threads_that_import_the_same_leave_one_of_each(city):
    at_once(4, lambda _one: import_territory(board(), "civil", city.root.id, by=city.admin))
    report = import_territory(board(), "civil", city.root.id, by=city.admin)
    assert (report.created, report.unchanged) == (0, 7)
    assert Unit.objects(kind=UnitKind.CIVIL).count() == 7


def test_holes_overlaps_and_overhangs_are_reported_where_they_are(town):
    report = brought_in(
        town,
        feature("35010200100111", "grid", square(1, 1, 1.5, 1), "350102001001"),
        feature("35010200100110", "grid", square(1, 0, 1, 1), "350102001001"),
        feature("35010200100100", "grid", square(0, 0, 1, 0.5), "350102001001"),
        feature("35010200100101", "grid", square(0, 1, 1.5, 1), "350102001001"),
    )
    assert (report.created, report.changed, report.unchanged) == (0, 3, 1)
    assert {(one.level, one.parent_code) for one in report.findings} == {("grid", "350102001001")}
    told = {one.flaw: one.codes for one in report.findings}
    assert len(report.findings) == 3
    assert told == {
        Flaw.HOLE: ("35010200100100", "35010200100101", "35010200100110", "35010200100111"),
        Flaw.OVERLAP: ("35010200100101", "35010200100111"),
        Flaw.OUTSIDE: ("35010200100111",),
    }


def test_a_hole_stays_reported_until_a_later_import_fills_it(city):
    *most, last = board()["features"]
    report = brought_in(city, *most)
    (hole,) = report.findings
    assert (hole.level, hole.parent_code, hole.flaw) == ("grid", "350102001001", Flaw.HOLE)
    lat, lon = middle_of(1, 1)
    assert (hole.lat, hole.lon) == pytest.approx((lat, lon), abs=0.005)
    assert brought_in(city, last).findings == []


def test_a_point_finds_its_grid_in_both_layers(town):
    brought_in(
        town,
        feature("350102", "branch", square(0, 0, 2, 2)),
        feature("35010201", "station", square(0, 0, 2, 2), "350102"),
        feature("35010201A", "police_grid", square(0, 0, 2, 1), "35010201"),
        feature("35010201B", "police_grid", square(0, 1, 2, 1), "35010201"),
        layer="police",
        parent=town.district,
    )
    found = grids_at(*middle_of(1, 0))
    assert {layer: unit.code for layer, unit in found.items()} == {
        "civil": "35010200100110",
        "police": "35010201A",
    }
    assert found["police"].lineage[:2] == [town.root.id, town.district.id]
    assert district_code_of(found["police"]) == "350102"


def test_a_point_outside_has_no_grid_and_a_bad_one_is_refused(town):
    assert grids_at(*middle_of(5, 5)) == {}
    with pytest.raises(PositionOutOfRange):
        grids_at(119.28, 26.08)
    with pytest.raises(BadPosition):
        grids_at(float("nan"), 119.28)


def test_a_point_on_a_border_has_one_grid_always_the_same(town):
    lat, lon = middle_of(0.5, 0)
    assert {grids_at(lat, lon)["civil"].code for _ in range(3)} == {"35010200100100"}


def test_boundaries_in_another_datum_are_stored_in_wgs84(city):
    ring = square(0, 0)["coordinates"][0]
    lat, lon = from_wgs84([one[1] for one in ring], [one[0] for one in ring], "gcj02")
    turned = [[float(x), float(y)] for x, y in zip(lon, lat, strict=True)]
    shifted = {"type": "Polygon", "coordinates": [turned]}
    brought_in(city, feature("350102", "district", shifted), datum="gcj02")
    found = unit_with_code(UnitKind.CIVIL, "350102").boundary["coordinates"][0]
    flat = [number for position in sorted(found) for number in position]
    assert flat == pytest.approx([number for one in sorted(ring) for number in one], abs=2e-7)


def test_a_moved_street_takes_all_below_it_along(town):
    school = create_unit(
        NewUnit(kind=UnitKind.SCHOOL, code="S1", name="小学", parent_id=town.grid.id),
        by=town.admin,
    )
    brought_in(
        town,
        feature("350103", "district", square(5, 0)),
        feature("350102001", "street", square(0, 0, 2, 2), "350103"),
    )
    other = unit_with_code(UnitKind.CIVIL, "350103")
    moved = [town.root.id, other.id, town.street.id, town.community.id, town.grid.id]
    assert unit_of(town.grid.id).lineage == moved
    assert unit_of(school.id).lineage == [*moved, school.id]
    assert district_code_of(unit_of(school.id)) == "350103"


def test_an_import_that_broke_off_before_mending_lineages_is_mended_by_the_next(town):
    broken = [town.root.id, random_id(), town.street.id, town.community.id, town.grid.id]
    collection(Unit).update_one({"_id": town.grid.id}, {"$set": {"lineage": broken}})
    brought_in(town, feature("350102001", "street", square(0, 0, 2, 2), "350102"))
    assert unit_of(town.grid.id).lineage == town.grid.lineage


@pytest.mark.parametrize(
    ("bad", "refusal", "where"),
    [
        (feature("a b", "district", square(0, 0)), BadCode, "features.1.properties.code"),
        (feature("2", "galaxy", square(0, 0)), UnknownLevel, "features.1.properties.level"),
        (feature("2", 7, square(0, 0)), BadProperty, "features.1.properties.level"),
        (feature("2", "district", square(0, 0), name=""), NoName, "features.1.properties.name"),
        (feature("1", "district", square(0, 0)), CodeTwice, "features.1.properties.code"),
        (feature("2", "district", BOW), CrossesItself, "features.1.geometry.coordinates"),
        (feature("2", "district", None), BadGeometry, "features.1.geometry.type"),
        (
            feature("2", "street", square(0, 0), "404"),
            UnknownParent,
            "features.1.properties.parent_code",
        ),
        (
            feature("2", "district", square(0, 0), "1"),
            WrongParent,
            "features.1.properties.parent_code",
        ),
        (
            feature("2", "street", square(0, 0), "2"),
            WrongParent,
            "features.1.properties.parent_code",
        ),
        ({"type": "Feature"}, NotAFeatureCollection, "features.1"),
        ("feature", NotAFeatureCollection, "features.1"),
    ],
)
def test_one_bad_feature_refuses_the_whole_import(city, bad, refusal, where):
    before = stored()
    with pytest.raises(refusal) as refused:
        brought_in(city, feature("1", "district", square(0, 0)), bad)
    assert refused.value.field == where
    assert stored() == before


def test_a_shape_valid_on_the_plane_only_is_refused_before_anything_is_written(city):
    # On the sphere the long lower edge bulges 0.008 degrees northward, across the inner ring.
    outer = [[119, 26], [122, 26], [122, 26.5], [119, 26.5], [119, 26]]
    inner = [[120.4, 26.003], [120.5, 26.1], [120.6, 26.003], [120.4, 26.003]]
    wide = {"type": "Polygon", "coordinates": [outer, inner]}
    before = stored()
    with pytest.raises(CrossesItself):
        brought_in(
            city,
            feature("1", "district", square(3, 0)),
            feature("2", "district", wide),
        )
    assert stored() == before


@pytest.mark.parametrize("value", [None, [], {}, {"type": "FeatureCollection"}, features()])
def test_what_is_no_collection_is_refused(city, value):
    with pytest.raises(NotAFeatureCollection):
        import_territory(value, "civil", city.root.id, by=city.admin)


def test_unknown_layers_parents_and_datums_are_refused(city):
    for layer, parent_id, datum, refusal in [
        ("maritime", city.root.id, "wgs84", UnknownLayer),
        ("civil", "0" * 24, "wgs84", UnknownParent),
        ("civil", city.root.id, "mars", UnknownDatum),
    ]:
        with pytest.raises(refusal):
            import_territory(board(), layer, parent_id, by=city.admin, datum=datum)


def test_a_level_stays(town):
    with pytest.raises(LevelFixed):
        brought_in(town, feature("350102001", "community", square(0, 0, 2, 2), "350102"))


def test_only_an_admin_imports_and_only_within_reach(town):
    local = Actor(random_id(), "s", (Held(Role.ADMIN, town.street.id),))
    district = features(feature("350102", "district", square(0, 0, 2, 2)))
    with pytest.raises(NotAllowed):
        import_territory(district, "civil", town.root.id, by=local)
    foreign = features(feature("350102001001", "community", square(0, 0, 2, 2)))
    import_territory(foreign, "civil", town.street.id, by=local)
    stolen = features(feature("350102", "community", square(0, 0, 2, 2)))
    with pytest.raises(NotAllowed):
        import_territory(stolen, "civil", town.street.id, by=local)


def test_an_admin_of_a_part_draws_on_no_ground_of_others(town):
    local = Actor(random_id(), "s", (Held(Role.ADMIN, town.street.id),))
    beyond = features(feature("0-TAKEN", "community", square(0, 0, 40, 40)))
    with pytest.raises(BeyondOwnGround):
        import_territory(beyond, "civil", town.street.id, by=local)
    assert units_in(parent_id=town.street.id, level="community")[0].code != "0-TAKEN"


def test_units_are_listed_by_code_page_by_page(town):
    seen, after = [], None
    while page := units_in(kind=UnitKind.CIVIL, after=after, limit=3):
        seen += [unit.code for unit in page]
        after = (page[-1].code, page[-1].id)
    assert seen == sorted(seen)
    assert len(seen) == 7
    grids = units_in(level="grid", parent_id=town.community.id)
    assert [unit.level for unit in grids] == ["grid"] * 4
    assert grids[0].boundary is None
