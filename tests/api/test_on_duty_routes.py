"""Who is on duty around a position, over HTTP: for officers of the unit, in their map's datum."""

from datetime import timedelta

import pytest
from shop_world import Shop

from people import Role
from shared.clock import now
from shared.database import collection
from shared.datums import from_wgs84
from shared.ids import new_id, random_id
from tasks import Participation, looks_at

LAT, LON = 26.09, 119.29
AROUND = {"lat": LAT, "lon": LON, "datum": "wgs84"}


@pytest.fixture
def shop(app):
    return Shop(app)


@pytest.fixture
def walker(shop):
    moment = now()
    made = Participation(
        id=new_id(),
        task_id=new_id(),
        unit_id=shop.district.id,
        person_id=random_id(),
        state="started",
        starts_at=moment,
        ends_at=moment + timedelta(hours=2),
        coins=1,
        claimed_at=moment,
        location={"type": "Point", "coordinates": [LON, LAT + 0.001]},
        located_at=moment,
    )
    collection(Participation).insert_one(made.to_mongo())
    return made


def path_of(shop):
    return f"/units/{shop.district.id}/on-duty"


def test_officers_see_who_is_near_and_the_seen_see_that(shop, walker):
    for _ in range(2):
        answer = shop.officer.get(path_of(shop), **AROUND)
        assert answer.status_code == 200, answer.json
    (seen,) = answer.json["items"]
    assert (seen["person_id"], seen["participation_id"]) == (walker.person_id, walker.id)
    assert seen["position"] == {"lat": LAT + 0.001, "lon": LON, "datum": "wgs84"}
    assert seen["distance_m"] == pytest.approx(110.8, abs=0.2)
    # Two looks within a minute are one, and across its turn two.
    assert {one.by_id for one in looks_at(walker.person_id)} == {shop.officer.person_id}


def test_places_are_asked_for_and_told_in_the_datum_of_the_callers_map(shop, walker):
    lat, lon = (float(part) for part in from_wgs84(LAT + 0.001, LON, "gcj02"))
    around = {"lat": lat, "lon": lon, "datum": "gcj02", "radius_m": 1}
    (seen,) = shop.officer.get(path_of(shop), **around).json["items"]
    assert seen["distance_m"] < 0.2
    assert seen["position"] == {"lat": round(lat, 6), "lon": round(lon, 6), "datum": "gcj02"}


def test_others_and_officers_of_elsewhere_are_turned_away(shop, walker):
    elsewhere = shop.caller(Role.CENTRE_OFFICER, shop.point)
    for caller in (shop.clerk, elsewhere):
        assert caller.get(path_of(shop), **AROUND).status_code == 403
    assert shop.app.test_client().get(f"/api/v1{path_of(shop)}").status_code == 401
    assert shop.officer.get(f"/units/{'0' * 24}/on-duty", **AROUND).status_code == 404
    assert looks_at(walker.person_id) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"datum": None}, "datum"),
        ({"lat": 91}, "lat"),
        ({"lon": "NaN"}, "lon"),
        ({"radius_m": 20_001}, "radius_m"),
        ({"limit": 0}, "limit"),
        ({"x": 1}, "x"),
    ],
)
def test_a_query_that_it_cannot_mean_is_refused(shop, change, field):
    query = {name: value for name, value in (AROUND | change).items() if value is not None}
    answer = shop.officer.get(path_of(shop), **query)
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [field]
