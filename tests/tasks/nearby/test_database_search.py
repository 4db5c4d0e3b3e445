"""MongoDB's search: the right set, in the right order, every page joined to the whole."""

import random
from datetime import timedelta

import pytest
from geopy.distance import geodesic
from near_world import walked
from street import CENTRE

from shared.clock import now
from tasks import Nearby, search_database
from tasks.nearby import database_search

LAT, LON = CENTRE


def asked(**changes):
    return Nearby(**({"lat": LAT, "lon": LON, "radius_m": 3_000, "limit": 20} | changes))


def all_pages(limit, **changes):
    return walked(search_database, asked(limit=limit, **changes))


def expected(places, ids, radius_m):
    """The plain answer: geopy's distance to each, ordered by millimetre and id."""
    rows = [
        (round(geodesic((LAT, LON), place).m * 1000), task_id)
        for place, task_id in zip(places, ids, strict=True)
    ]
    return sorted(row for row in rows if row[0] <= radius_m * 1000)


def random_places(count, seed, spread=0.04):
    rng = random.Random(seed)
    return [
        (LAT + rng.uniform(-spread, spread), LON + rng.uniform(-spread, spread))
        for _ in range(count)
    ]


@pytest.mark.parametrize("limit", [1, 7, 100])
def test_pages_joined_equal_a_plain_loop_with_geopy(scattered, limit):
    places = random_places(150, seed=limit)
    ids = scattered(places)
    found = [(one.distance_mm, one.id) for one in all_pages(limit)]
    wanted = expected(places, ids, 3_000)
    assert [task_id for _, task_id in found] == [task_id for _, task_id in wanted]
    # geopy and pyproj agree to under a millimetre; rounding may fall either way.
    assert all(abs(mm - want) <= 1 for (mm, _), (want, _) in zip(found, wanted, strict=True))


def test_a_crowd_at_one_place_is_paged_without_loss_or_repeat(scattered):
    ids = scattered([(LAT + 0.001, LON)] * 60)
    found = [one.id for one in all_pages(7)]
    assert found == sorted(ids)


def test_a_crowd_read_in_several_batches_is_paged_whole(scattered, monkeypatch):
    monkeypatch.setattr(database_search, "BATCH", 9)
    ids = scattered([(LAT + 0.001, LON)] * 60)
    assert [one.id for one in search_database(asked(limit=20))] == sorted(ids)[:20]
    assert [one.id for one in all_pages(7)] == sorted(ids)


def test_north_and_east_are_ordered_by_the_ellipsoid_not_the_sphere(scattered):
    # Equal on the ellipsoid to the metre, 0.5 % apart on a sphere: pages must not lose any.
    north = geodesic(meters=2_000).destination((LAT, LON), 0)
    east = geodesic(meters=2_001).destination((LAT, LON), 90)
    ids = scattered([(east.latitude, east.longitude), (north.latitude, north.longitude)])
    assert [one.id for one in all_pages(1)] == [ids[1], ids[0]]


def test_the_radius_is_held(scattered):
    inside = geodesic(meters=499).destination((LAT, LON), 45)
    outside = geodesic(meters=501).destination((LAT, LON), 45)
    ids = scattered([(place.latitude, place.longitude) for place in (inside, outside)])
    assert [one.id for one in search_database(asked(radius_m=500))] == ids[:1]


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "draft"},
        {"state": "closed"},
        {"slots_left": 0},
        {"ends_at": now() - timedelta(minutes=1), "starts_at": now() - timedelta(hours=2)},
    ],
)
def test_what_cannot_be_claimed_is_not_shown(scattered, changes):
    scattered([(LAT, LON)], **changes)
    assert search_database(asked()) == []


def test_kinds_and_windows_filter(scattered):
    patrol = scattered([(LAT, LON)])
    visit = scattered([(LAT, LON)], kind="care_visit", starts_at=now() + timedelta(hours=1))
    assert [one.id for one in search_database(asked(kinds=("care_visit",)))] == visit
    soon = now() + timedelta(minutes=30)
    assert [one.id for one in search_database(asked(starts_before=soon))] == patrol
    later = now() + timedelta(hours=3)
    assert search_database(asked(ends_after=later)) == []
