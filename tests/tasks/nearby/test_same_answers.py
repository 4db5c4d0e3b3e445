"""Memory and MongoDB give one answer: the same tasks, order, distances, cards and pages."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from near_world import FUZHOU, in_ms, open_document, place_at, walked

from shared.clock import now, pretending
from shared.database import collection
from tasks import MAX_RADIUS_M, Nearby, Task, search_database
from tasks.kinds.private_places import location_shown

KINDS = ("patrol", "care_visit", "publicity", "school_guard")
STATES = ("published",) * 8 + ("draft", "closed", "cancelled")
CORNER = (26.1, 119.3)
HOUR_US = 3_600_000_000
CENTRES = (FUZHOU, CORNER, (26.09, 119.2899), (26.0, 119.2))


def random_document(town, rng):
    """A task of any state, window, number of slots, manner of claiming, at any place around."""
    starts_at = now() + timedelta(milliseconds=rng.randrange(-5 * 3_600_000, 8 * 3_600_000))
    changes = {
        "kind": rng.choice(KINDS),
        "state": rng.choice(STATES),
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=rng.choice([20, 120, 400])),
        "slots": 5,
        "slots_left": rng.choice([0, 1, 2, 5, 5]),
        "title": rng.choice(["夜巡", 'says "hi"', "a\\b", "🦉 <b>", "x" * 100]),
        "coins": rng.choice([0, 1, 2**40, None]),
    }
    for field, values in {
        "by_order": (True, False),
        "is_team": (True, False),
        "claims": ([], [claim()], [claim(), claim()]),
        "place_en": (None, "Gulou"),
        "settled": (True, False),
    }.items():
        if rng.random() < 0.4:
            changes[field] = rng.choice(values)
    document = open_document(town, random_place(rng), **changes)
    if changes["kind"] == "care_visit":
        lon, lat = document["location"]["coordinates"]
        document["location"] = location_shown(lon, lat, {"private_place": True})
        document["has_private_place"] = True
    return document


def claim():
    return {"participation_id": "p", "person_id": "v", "claimed_at": now()}


def random_place(rng):
    which = rng.randrange(5)
    if which == 0:  # crowds, one of them at the corner of four cells
        return rng.choice([CORNER, FUZHOU])
    if which == 1:  # corners of cells
        return round(26.09 + rng.randrange(-9, 9) / 100, 2), round(
            119.29 + rng.randrange(9) / 100, 2
        )
    metres = rng.choice([300, 3_000, 22_000]) * rng.random()
    return place_at(FUZHOU, metres, rng.uniform(0, 360))


@pytest.fixture
def random_town(town):
    """Puts so many random tasks, all that a seed leads to."""

    def put(count, seed):
        rng = random.Random(seed)
        documents = [random_document(town, rng) for _ in range(count)]
        collection(Task).insert_many(documents)
        return documents

    return put


@pytest.fixture
def asks(following):
    """What memory and what MongoDB answer, asked at one moment, with all written before."""

    def both(moment):
        open_tasks, _ = following.caught_up()
        moment_ms = in_ms(moment)

        def by_database(asked):
            with pretending(moment):
                return search_database(asked)

        return lambda asked: open_tasks.near(asked, moment_ms), by_database

    return both


def random_question(rng, moment, ask):
    """A question of every kind, its cursor where a page may begin, or anywhere."""
    away = rng.choice([0.0, 0.4, 700.0, 5_000.0]), rng.uniform(0, 360)
    radius_m = rng.choice([1.0, 700.0, 3_000.0, 20_000.0, rng.uniform(1, MAX_RADIUS_M)])
    kinds = tuple(rng.sample((*KINDS, "river_watch"), rng.choice([0, 0, 1, 2])))
    windows = {
        name: moment + timedelta(microseconds=rng.randrange(-6 * HOUR_US, 9 * HOUR_US))
        for name in ("starts_before", "ends_after")
        if rng.random() < 0.3
    }
    place = place_at(rng.choice(CENTRES), *away)
    asked = Nearby(*place, radius_m, rng.choice([1, 7, 20, 100]), kinds, **windows)
    if rng.random() < 0.3:
        return replace(asked, after=(rng.randrange(20_000_000), rng.choice("06f") * 24))
    if rng.random() < 0.5 and (found := ask(replace(asked, limit=100))):
        return replace(asked, after=rng.choice(found)[:2])
    return asked


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_is_asked_both_answer_alike(random_town, asks, seed):
    random_town(400, seed=seed)
    moment, rng, pages = now(), random.Random(seed), 0
    memory, by_database = asks(moment)
    for _ in range(120):
        asked = random_question(rng, moment, memory)
        found = memory(asked)
        assert by_database(asked) == found, asked
        pages += bool(found)
    assert 40 < pages < 120


@pytest.mark.parametrize(("limit", "hours"), [(1, 3), (7, 0), (20, 3), (100, 0), (100, 3)])
def test_page_after_page_both_answer_alike(random_town, asks, limit, hours):
    random_town(250, seed=limit)
    memory, by_database = asks(now() + timedelta(hours=hours))
    for centre, radius_m in ((FUZHOU, 20_000), (CORNER, 2_500)):
        asked = Nearby(*centre, radius_m, limit)
        found = walked(memory, asked)
        assert walked(by_database, asked) == found
        assert len({one.id for one in found}) == len(found) > 5


def test_after_many_changes_both_still_answer_alike(random_town, town, asks):
    documents, rng, tasks = random_town(200, seed=9), random.Random(9), collection(Task)
    asks(now())
    for _ in range(150):
        task_id, changed = rng.choice(documents)["_id"], random_document(town, rng)
        kept = {"_id": task_id, "draft_key": task_id}
        if rng.random() < 0.2:
            tasks.delete_one({"_id": task_id})
        elif rng.random() < 0.5:
            tasks.replace_one({"_id": task_id}, changed | kept, upsert=True)
        else:
            tasks.update_one({"_id": task_id}, {"$set": {"slots_left": rng.randrange(3)}})
    memory, by_database = asks(now())
    for asked in (Nearby(*FUZHOU, 20_000, 100), Nearby(*CORNER, 2_000, 7, kinds=KINDS[1:3])):
        found = walked(memory, asked)
        assert walked(by_database, asked) == found
        assert found


@pytest.mark.parametrize("here", [CORNER, FUZHOU], ids=["amid", "afar"])
def test_a_crowd_of_fifteen_hundred_at_one_point_both_page_alike(scattered, asks, here):
    ids = scattered([CORNER] * 1_500)
    memory, by_database = asks(now())
    asked = Nearby(*here, 3_000, 100)
    found = walked(memory, asked)
    assert [one.id for one in found] == sorted(ids)
    assert walked(by_database, asked) == found


def test_of_thousands_at_one_point_both_show_each(scattered, asks):
    ids = scattered([CORNER] * 2_600)
    memory, by_database = asks(now())
    assert by_database(Nearby(*FUZHOU, 3_000, 20)) == memory(Nearby(*FUZHOU, 3_000, 20))
    found = walked(by_database, Nearby(*FUZHOU, 3_000, 1_000))
    assert [one.id for one in found] == sorted(ids)
    assert found == walked(memory, Nearby(*FUZHOU, 3_000, 1_000))


def test_deep_in_a_dense_ring_both_show_the_next(scattered, asks):
    rng = random.Random(5)
    # All of them are read for a page at its outer end: so far may sphere and ellipsoid disagree.
    scattered(
        [place_at(FUZHOU, rng.uniform(14_900, 15_000), rng.uniform(0, 360)) for _ in range(2_600)]
    )
    memory, by_database = asks(now())
    for after_m in (14_899, 14_950, 14_999):
        asked = Nearby(*FUZHOU, 20_000, 20, after=(after_m * 1_000, ""))
        found = memory(asked)
        assert by_database(asked) == found
        assert len(found) == 20


def test_where_the_radius_ends_both_end(scattered, asks):
    for radius_m in (1, 50, 3_000, MAX_RADIUS_M):
        ring = [
            place_at(FUZHOU, radius_m + step / 1000, azimuth)
            for azimuth in range(0, 360, 30)
            for step in (-2, -1, -0.5, 0, 0.5, 1, 2)
        ]
        scattered(ring)
        memory, by_database = asks(now())
        asked = Nearby(*FUZHOU, radius_m, 100)
        found = walked(memory, asked)
        assert walked(by_database, asked) == found
        assert len(found) >= 12 * 3
        collection(Task).delete_many({})


def test_what_cannot_be_read_hides_nothing_else_from_either(town, asks, following):
    documents = [open_document(town, FUZHOU) for _ in range(5)]
    broken = [open_document(town, place_at(FUZHOU, 0.2, 90)) for _ in range(25)]
    for number, document in enumerate(broken):
        del document[("starts_at", "kind")[number % 2]]
    # What only a foreign hand writes, past the validator.
    for kind, claims in ((["patrol"], []), ({"a": 1}, []), ("patrol", {"0": 1}), ([], "x")):
        foreign = {"kind": kind, "claims": claims}
        broken.append(open_document(town, place_at(FUZHOU, 60, 0), **foreign))
        broken.append(open_document(town, place_at(FUZHOU, 60, 9), **foreign, is_team=True))
    behind = open_document(town, place_at(FUZHOU, 40, 0))
    collection(Task).insert_many([*documents, *broken, behind], bypass_document_validation=True)
    loaded = following.another()
    memory, by_database = asks(now())
    for limit in (1, 5, 6, 20):
        asked = Nearby(*FUZHOU, 3_000, limit)
        ids = [one["_id"] for one in (*documents, behind)][:limit]
        assert [one.id for one in memory(asked)][: len(ids)] == ids
        assert by_database(asked)[: len(ids)] == memory(asked)[: len(ids)]
    assert loaded.fresh()[0].near(asked, in_ms(now()))[: len(ids)] == memory(asked)[: len(ids)]


def test_to_the_millisecond_both_begin_and_end_windows_alike(scattered, asks):
    begun = now() + timedelta(hours=1)
    for late_ms in range(-2, 3):
        shift = timedelta(milliseconds=late_ms)
        scattered([FUZHOU], starts_at=begun + shift, ends_at=begun + timedelta(hours=1) + shift)
    memory, by_database = asks(now())
    for late_us in range(-2_500, 2_600, 250):
        for field, hours in (("starts_before", 0), ("ends_after", 1)):
            bound = begun + timedelta(hours=hours, microseconds=late_us)
            asked = Nearby(*FUZHOU, 100, 20, **{field: bound})
            assert memory(asked) == by_database(asked)
