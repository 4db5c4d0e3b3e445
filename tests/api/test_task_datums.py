"""A centre draws on the map it has: areas and checkpoints come and go in each datum."""

from datetime import timedelta

import pytest
from shop_world import Shop

from fixtures.factories import task_content
from shared.clock import now
from shared.datums import from_wgs84
from shared.geo import distance_m
from shared.ids import new_id

LAT, LON = 26.0885, 119.2925


@pytest.fixture
def shop(app):
    return Shop(app)


def drawn(datum, unit_id):
    """A task around one place of the street, as a map in that datum shows it."""
    lat, lon = (float(one) for one in from_wgs84(LAT, LON, datum))
    soon = now() + timedelta(hours=1)
    content = task_content((soon, soon + timedelta(hours=2)), unit_id=unit_id)
    content |= {name: content[name].isoformat() for name in ("starts_at", "ends_at")}
    content["area"] = {
        "shape": "circle",
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "radius_m": 300,
    }
    content["checks"] = [
        {"check": "checkpoints", "parameters": {"points": [{"lat": lat, "lon": lon}]}},
        {"check": "inside_time", "parameters": {"min_s": 60}},
    ]
    return content | {"datum": datum}


@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09"])
def test_what_is_drawn_in_a_datum_stands_at_the_same_place(shop, datum):
    content = drawn(datum, shop.district.id)
    made = shop.officer.post("/tasks", content, key=new_id())
    assert made.status_code == 201, made.json
    stored = shop.officer.get(f"/tasks/{made.json['id']}").json
    lon, lat = stored["area"]["geometry"]["coordinates"]
    assert distance_m((lat, lon), (LAT, LON)) < 0.001
    point = stored["checks"][0]["parameters"]["points"][0]
    assert distance_m((point["lat"], point["lon"]), (LAT, LON)) < 0.001
    back = shop.officer.get(f"/tasks/{made.json['id']}", datum=datum).json
    assert back["area"]["geometry"]["coordinates"] == pytest.approx(
        content["area"]["geometry"]["coordinates"], abs=2e-8
    )
    assert back["location"]["coordinates"] == pytest.approx(
        content["area"]["geometry"]["coordinates"], abs=2e-7
    )


def test_an_unknown_datum_and_a_shape_that_is_none_are_refused(shop):
    content = drawn("gcj02", shop.district.id)
    key = new_id()
    assert shop.officer.post("/tasks", content | {"datum": "x"}, key=key).status_code == 422
    content["area"]["geometry"]["coordinates"] = ["x", None]
    assert shop.officer.post("/tasks", content, key=key).status_code == 422
