"""Pages walked while tasks change, and while the source changes: nothing twice, nothing missed."""

import random
import threading
from datetime import timedelta
from itertools import cycle

import pytest
from near_world import FUZHOU, place_at, until, walked

from api.signing_in import tokens_for
from api.tasks_schemas import TaskCardSchema
from fixtures.factories import a_resident
from shared.clock import now, real_now
from shared.database import collection
from shared.datums import DATUMS, from_wgs84
from tasks import Nearby, Task, follower, search_database, tasks_near

ASKED = Nearby(*FUZHOU, 3_000, 7)
STANDING = [place_at(FUZHOU, 20 * number, 137 * number) for number in range(120)]
FLEETING = [place_at(FUZHOU, 9 + 23 * number, 61 * number) for number in range(60)]
WALKS = 3


def by_memory(asked):
    near = until(lambda: (got := tasks_near(asked)).as_of and got, "memory answers")
    return near.found


class Changing(threading.Thread):
    """Takes the last slot, closes, opens and adds what is fleeting; takes slots of what stands."""

    def __init__(self, standing, fleeting, fresh):
        super().__init__(daemon=True)
        self.standing, self.fleeting, self.fresh = standing, fleeting, fresh
        self.over, self.error, self.writes = threading.Event(), None, 0

    def run(self):
        rng, tasks = random.Random(5), collection(Task)
        try:
            while not self.over.is_set():
                one = {"_id": rng.choice(self.fleeting)}
                state = rng.choice(["published", "closed"])
                tasks.update_one(one, {"$set": {"state": state, "slots_left": rng.randrange(3)}})
                stands = {"_id": rng.choice(self.standing)}
                tasks.update_one(stands, {"$set": {"slots_left": rng.randrange(1, 5)}})
                if self.writes % 10 == 0:
                    self.fresh(rng.sample(FLEETING, 1))
                self.writes += 1
        except Exception as error:
            self.error = error

    def changed(self):
        """Wait until tasks have changed again."""
        before = self.writes
        until(lambda: self.writes > before, "tasks change")


@pytest.fixture
def changing(scattered, following):
    """A town in which tasks change until the test is over."""
    standing, fleeting = scattered(STANDING), scattered(FLEETING)
    following.caught_up()
    thread = Changing(standing, fleeting, scattered)
    thread.start()
    yield thread
    thread.over.set()
    thread.join(20)
    assert (thread.is_alive(), thread.error) == (False, None)


@pytest.mark.parametrize(
    "sources",
    [[by_memory], [search_database], [by_memory, search_database]],
    ids=["memory", "database", "in turn"],
)
def test_a_walk_shows_nothing_twice_and_all_that_stood(changing, sources):
    turns = cycle(sources)

    def page(asked):
        changing.changed()
        return next(turns)(asked)

    for _ in range(WALKS):
        assert_whole(walked(page, ASKED), changing.standing)


def test_nor_when_memory_grows_stale_in_the_middle_of_a_walk(changing, following, answered):
    pages = []

    def page(asked):
        if len(pages) == 3:
            following.hold()
            until(lambda: follower.state() == "stale", "stale")
        if len(pages) == 8:
            following.release()
            until(lambda: follower.state() == "memory", "fresh again")
        changing.changed()
        pages.append(tasks_near(asked))
        return pages[-1].found

    assert_whole(walked(page, ASKED), changing.standing)
    by = [one.as_of is not None for one in pages]
    assert (by[0], by[4], by[9]) == (True, False, True)
    assert answered()["database", "stale"] >= 4


def assert_whole(found, standing):
    keys = [(one.distance_mm, one.id) for one in found]
    assert keys == sorted(set(keys))
    assert len({one.id for one in found}) == len(found)
    assert set(standing) <= {one.id for one in found}


# ---- the same over HTTP


@pytest.fixture
def resident(app, town):
    """Asks as somebody signed in, for now (from memory) or for the same by a clock of their own."""
    actor = a_resident()
    with app.app_context():
        token = tokens_for(actor.person_id, actor.session_id, 1)["access_token"]

    def ask(from_memory, **query):
        headers = {"Authorization": f"Bearer {token}"}
        if not from_memory:
            headers["X-Demo-Now"] = real_now().isoformat()
        path = "/api/v1/tasks/nearby"
        answer = app.test_client().get(path, query_string=query, headers=headers)
        assert answer.status_code == 200, answer.json
        assert (answer.json["as_of"] is not None) == from_memory
        return answer.json

    return ask


def question(datum, **more):
    lat, lon = (float(part) for part in from_wgs84(*FUZHOU, datum))
    return {"lat": lat, "lon": lon, "datum": datum, "radius_m": 3_000, "limit": 20} | more


@pytest.mark.parametrize("datum", DATUMS)
def test_both_sources_give_one_page_over_http(scattered, following, resident, datum):
    scattered(STANDING, place_en="Gulou")
    scattered(FLEETING, kind="care_visit", has_private_place=True, place_en="Gulou")
    soon = (now() + timedelta(minutes=4)).isoformat()
    following.caught_up()
    for more in ({}, {"kind": "care_visit"}, {"starts_before": soon}, {"ends_after": soon}):
        asked = question(datum, **more)
        memory, database = resident(True, **asked), resident(False, **asked)
        assert memory["items"] == database["items"]
        assert memory["next_cursor"] == database["next_cursor"]
        for item in memory["items"]:
            assert set(item) == set(TaskCardSchema().fields)
            assert item["position"]["datum"] == datum
            assert item["kind"] == "patrol" or item["address"] == item["place"]


@pytest.mark.parametrize(
    ("datum", "sources"),
    [("wgs84", [True]), ("gcj02", [False]), *((datum, [True, False]) for datum in DATUMS)],
)
def test_cursors_lead_from_either_source_to_either(scattered, following, resident, datum, sources):
    ids = scattered(STANDING)
    following.caught_up()
    found, cursor, turns = [], {}, cycle(sources)
    for _ in range(40):
        page = resident(next(turns), **question(datum, limit=13, **cursor))
        found += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert found[:3] == ids[:3]
    assert sorted(found) == sorted(ids)


def test_a_last_page_that_is_full_is_followed_by_an_empty_one(scattered, following, resident):
    scattered(STANDING[:20])
    following.caught_up()
    for from_memory in (True, False):
        full = resident(from_memory, **question("wgs84"))
        assert (len(full["items"]), bool(full["next_cursor"])) == (20, True)
        empty = resident(from_memory, **question("wgs84", cursor=full["next_cursor"]))
        assert (empty["items"], empty["next_cursor"]) == ([], None)
