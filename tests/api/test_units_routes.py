"""The territory over HTTP: read by all who are signed in, written by admins, checked first."""

import pytest
from city_world import SQUARE, Caller, by_phone, district, founded

from people import Unit
from shared.datums import from_wgs84

NOWHERE = "0" * 24


@pytest.fixture
def city(app):
    return founded(app)


def import_body(root, **changes):
    body = {"layer": "civil", "parent_id": root.id, "datum": "wgs84"}
    return {**body, "feature_collection": district(), **changes}


def point_body(parent_id, **changes):
    return {
        "kind": "redemption_point",
        "code": "RP-001",
        "name": "鼓西兑换点",
        "parent_id": parent_id,
        "location": {"type": "Point", "coordinates": [119.29, 26.09]},
        "datum": "wgs84",
        **changes,
    }


def test_territory_comes_in_is_listed_and_read(city):
    root, admin = city
    report = admin.post("/territory-imports", import_body(root))
    assert report.status_code == 201
    assert report.json == {
        "layer": "civil",
        "created": 1,
        "changed": 0,
        "unchanged": 0,
        "findings": [],
    }
    (listed,) = admin.get("/units?kind=civil&level=district").json["items"]
    assert listed["lineage"] == [root.id, listed["id"]]
    assert "boundary" not in listed
    shown = admin.get(f"/units/{listed['id']}")
    assert shown.json["boundary"]["type"] == "Polygon"
    assert admin.post("/territory-imports", import_body(root)).json["unchanged"] == 1


def test_an_overlap_is_reported_with_size_and_place(city):
    root, admin = city
    twice = district()
    twice["features"] += district("350103")["features"]
    report = admin.post("/territory-imports", import_body(root, feature_collection=twice))
    (finding,) = report.json["findings"]
    assert finding["flaw"] == "overlap"
    assert finding["codes"] == ["350102", "350103"]
    assert finding["area_m2"] == pytest.approx(4_433_600, rel=2e-3)
    assert 26.08 < finding["lat"] < 26.10
    assert 119.28 < finding["lon"] < 119.30


def test_units_are_paged_by_cursor(city):
    root, admin = city
    for number in range(5):
        body = point_body(root.id, code=f"RP-{number}")
        assert admin.post("/units", body).status_code == 201
    seen, path = [], "/units?kind=redemption_point&limit=2"
    cursor = ""
    while cursor is not None:
        page = admin.get(path + (f"&cursor={cursor}" if cursor else "")).json
        seen += [unit["code"] for unit in page["items"]]
        cursor = page["next_cursor"]
    assert seen == [f"RP-{number}" for number in range(5)]
    assert admin.get(f"{path}&cursor=rubbish").status_code == 422


def test_a_position_finds_its_grid_in_any_datum(city):
    root, admin = city
    levels = ["district", "street", "community", "grid"]
    members, parent = [], ""
    for place, level in enumerate(levels):
        code = f"35010{place}"
        members += district(code, level=level, parent_code=parent)["features"]
        parent = code
    all_levels = {"type": "FeatureCollection", "features": members}
    report = admin.post("/territory-imports", import_body(root, feature_collection=all_levels))
    assert report.json["created"] == 4
    lat, lon = from_wgs84(26.0801, 119.2801, "gcj02")
    found = admin.get(f"/grids?lat={lat}&lon={lon}&datum=gcj02").json["grids"]
    assert {layer: unit["code"] for layer, unit in found.items()} == {"civil": "350103"}
    assert admin.get(f"/grids?lat={lat}&lon={lon}").status_code == 422
    for bad in ("nan", "inf", "91", "x"):
        assert admin.get(f"/grids?lat={bad}&lon=119&datum=wgs84").status_code == 422


def test_the_layers_name_their_levels(city):
    _, admin = city
    named = {layer["id"]: layer["levels"] for layer in admin.get("/layers").json}
    assert named["civil"][0] == {"key": "district", "name": "区", "name_en": "district"}
    assert [level["key"] for level in named["police"]] == ["branch", "station", "police_grid"]


def test_a_unit_is_created_once(city):
    root, admin = city
    first = admin.post("/units", point_body(root.id))
    assert first.status_code == 201
    assert admin.post("/units", point_body(root.id)).json == first.json
    other = admin.post("/units", point_body(root.id, name="别的"))
    assert (other.status_code, other.json["code"]) == (409, "UnitExists")


def test_a_shape_without_a_datum_is_refused(city):
    root, admin = city
    body = point_body(root.id)
    del body["datum"]
    answer = admin.post("/units", body)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["datum"])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"feature_collection": {"type": "Point"}}, "features"),
        ({"feature_collection": district(level="galaxy")}, "features.0.properties.level"),
        ({"layer": "maritime"}, "layer"),
        ({"datum": "mars"}, "datum"),
        ({"parent_id": NOWHERE}, "parent_id"),
        ({"parent_id": {"$ne": ""}}, "parent_id"),
        ({"tolerance_m2": -1}, "tolerance_m2"),
    ],
)
def test_a_bad_import_names_the_place_and_writes_nothing(city, changes, field):
    root, admin = city
    answer = admin.post("/territory-imports", import_body(root, **changes))
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert Unit.objects.count() == 1


def test_only_admins_write_and_only_the_signed_in_read(app, city):
    root, _ = city
    resident, nobody = by_phone(app), Caller(app)
    for path, body in [
        ("/units", point_body(root.id)),
        ("/territory-imports", import_body(root)),
    ]:
        assert resident.post(path, body).status_code == 403
        assert nobody.post(path, body).status_code == 401
    for path in ("/units", f"/units/{root.id}", "/layers", "/grids?lat=26&lon=119&datum=wgs84"):
        assert resident.get(path).status_code == 200
        assert nobody.get(path).status_code == 401
    missing = resident.get(f"/units/{NOWHERE}")
    assert (missing.status_code, missing.json["code"]) == (404, "UnitNotFound")


def test_a_square_is_stored_as_it_was_drawn(city):
    root, admin = city
    admin.post("/territory-imports", import_body(root))
    (listed,) = admin.get("/units?kind=civil").json["items"]
    ring = admin.get(f"/units/{listed['id']}").json["boundary"]["coordinates"][0]
    assert sorted(ring) == sorted(SQUARE["coordinates"][0])
