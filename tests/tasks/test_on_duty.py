"""Who is out there: the nearest on duty, on the ellipsoid, fresh, of the unit, and logged."""

import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod
from street import CENTRE, add_unit

from people import Role, UnitNotFound
from shared.clock import now, pretending
from shared.database import collection
from shared.errors import NotAllowed
from shared.ids import new_id, random_id
from tasks import Participation, nearest_on_duty, on_duty, on_duty_near
from tasks.reviews.looks import looks_at
from tasks.task import EARLY_START

GEOD = Geod(ellps="WGS84")
LAT, LON = CENTRE


def put(unit_id, lat=LAT, lon=LON, *, heard_ago_s=0, state="started", person_id=""):
    """Somebody in some state at a place, as their participation says it."""
    moment = now()
    made = Participation(
        id=new_id(),
        task_id=new_id(),
        unit_id=unit_id,
        person_id=person_id or random_id(),
        state=state,
        starts_at=moment,
        ends_at=moment + timedelta(hours=2),
        coins=1,
        claimed_at=moment,
        started_at=moment,
        location={"type": "Point", "coordinates": [lon, lat]},
        located_at=moment - timedelta(seconds=heard_ago_s),
    )
    collection(Participation).insert_one(made.to_mongo())
    return made


def ids(found):
    return [one.participation_id for one in found]


def near(**more):
    return nearest_on_duty(LAT, LON, **{"radius_m": 3_000, "limit": 10} | more)


def test_the_nearest_come_first_with_their_distance_on_the_ellipsoid(prepared):
    far, close = put("u", LAT + 0.01), put("u", LAT, LON + 0.003)
    found = near()
    assert ids(found) == [close.id, far.id]
    for one, (lat, lon) in zip(found, [(LAT, LON + 0.003), (LAT + 0.01, LON)], strict=True):
        assert one.distance_m == pytest.approx(GEOD.inv(LON, LAT, lon, lat)[2], abs=0.06)
        assert one.location["coordinates"] == [lon, lat]
    assert ids(near(limit=1)) == [close.id]
    assert ids(near(radius_m=500)) == [close.id]


def test_nobody_is_shown_who_is_not_out_there_or_was_not_heard_of_lately(prepared):
    for state in ("claimed", "finished", "verified", "given_up"):
        put("u", state=state)
    put("u", heard_ago_s=601)
    here = put("u", heard_ago_s=599)
    assert ids(near()) == [here.id]
    assert ids(near(fresh_s=60)) == []
    assert len(near(fresh_s=3_600)) == 2


def test_who_forgot_to_finish_is_on_duty_no_more(prepared):
    one = put("u")
    over = one.ends_at + EARLY_START
    for moment, wanted in ((over - timedelta(seconds=1), [one.id]), (over, [])):
        with pretending(moment):
            assert ids(near(fresh_s=24 * 3_600)) == wanted


def test_order_and_number_are_right_among_many_whatever_the_sphere_says(prepared, monkeypatch):
    monkeypatch.setattr(on_duty, "BATCH", 7)
    chance = random.Random(7)
    put_there = [
        put("u", LAT + chance.uniform(-0.03, 0.03), LON + chance.uniform(-0.03, 0.03))
        for _ in range(120)
    ]

    def distance_m(one):
        lon, lat = one.location["coordinates"]
        return GEOD.inv(LON, LAT, lon, lat)[2]

    wanted = sorted((one for one in put_there if distance_m(one) <= 2_500), key=distance_m)
    for limit in (1, 5, 20, 100):
        found = near(radius_m=2_500, limit=limit)
        assert ids(found) == [one.id for one in wanted[:limit]]


def test_a_person_stands_once_where_they_were_last(prepared):
    person_id = random_id()
    put("u", LAT, LON, heard_ago_s=300, person_id=person_id)
    last = put("u", LAT + 0.002, LON, heard_ago_s=1, person_id=person_id)
    assert ids(near()) == [last.id]


def test_of_a_unit_are_those_on_duty_for_it_or_below_it(town):
    neighbour = add_unit("东街街道", "street", town.district)
    ours, theirs, nobodys = put(town.street.id), put(neighbour.id, LAT + 0.001), put(new_id())
    assert ids(near(unit=town.street)) == [ours.id]
    assert ids(near(unit=town.district)) == [ours.id, theirs.id]
    assert {ours.id, theirs.id, nobodys.id} == set(ids(near()))


def test_it_asks_with_its_index(prepared):
    put("u")
    rows = on_duty._candidates(LAT, LON, 1_000, 600)
    assert "out_there" in str(rows.explain()["queryPlanner"]["winningPlan"])


class TestForACentre:
    def asked(self, town, by, unit=None):
        unit_id = (unit or town.street).id
        return on_duty_near(unit_id, LAT, LON, radius_m=1_000, limit=5, by=by)

    def test_each_look_stands_where_its_subject_can_see_it(self, town):
        shown, hidden = put(town.street.id), put(town.street.id, LAT + 0.1)
        assert ids(self.asked(town, town.officer)) == [shown.id]
        (look,) = looks_at(shown.person_id)
        assert (look.by_id, look.participation_id) == (town.officer.person_id, shown.id)
        assert looks_at(hidden.person_id) == []

    def test_only_officers_who_reach_the_unit_may_look(self, town, volunteer):
        seen = put(town.street.id)
        for by in (volunteer(), town.rate_admin):
            with pytest.raises(NotAllowed):
                self.asked(town, by)
        with pytest.raises(NotAllowed):
            self.asked(town, town.officer, town.district)
        with pytest.raises(UnitNotFound):
            on_duty_near("0" * 24, LAT, LON, radius_m=1_000, limit=5, by=town.officer)
        assert looks_at(seen.person_id) == []
        assert not town.officer.holds(Role.CENTRE_OFFICER, at=town.district)


@given(st.floats(-80, 80), st.floats(-179, 179), st.floats(0, 360), st.floats(1, 20_000))
def test_sphere_and_ellipsoid_never_differ_by_more_than_the_slack(lat, lon, bearing, metres):
    """What ends the list early rests on this figure."""
    there_lon, there_lat, _ = GEOD.fwd(lon, lat, bearing, metres)
    sphere = Geod(a=6_378_100, b=6_378_100)
    on_sphere = sphere.inv(lon, lat, there_lon, there_lat)[2]
    assert on_sphere / on_duty.SPHERE_SLACK <= metres <= on_sphere * on_duty.SPHERE_SLACK
