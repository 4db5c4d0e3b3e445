"""The follower on the real change stream: it loads, keeps up, says how it is, and ends."""

import threading
from datetime import timedelta

import orjson
import pytest
from near_following import (
    ASKED,
    RING,
    assert_like_the_database,
    end_streams,
    figure,
    ids_in_memory,
    reloads,
)
from near_world import FUZHOU, MOVED_TO, open_document, until
from street import make_older

from settings import settings
from shared.clock import now, pretending, real_now
from shared.database import collection, prepare
from tasks import (
    Follower,
    Nearby,
    Task,
    cancel_task,
    claim_task,
    edit_task,
    follower,
    give_up_participation,
    publish_task,
    tasks_near,
)
from tasks.closing import close_tasks
from tasks.nearby import follower as follower_file
from tasks.nearby.heartbeat import Heartbeat

FIRST_READ = ("find", "aggregate", "ping")


class TestLoading:
    def test_what_is_open_and_nothing_else_is_loaded(self, scattered, followers):
        ids = scattered(RING)
        for changes in (
            {"state": "draft"},
            {"state": "closed"},
            {"slots_left": 0},
            {"by_order": True},
        ):
            scattered(RING[:2], **changes)
        followers.ready()
        assert ids_in_memory(followers) == ids
        assert len(followers.caught_up()[0]) == len(ids)

    def test_nothing_at_all_can_be_loaded(self, town, followers):
        followers.ready()
        assert ids_in_memory(followers) == []
        assert tasks_near(ASKED).as_of is not None

    def test_while_it_loads_the_database_answers(self, scattered, followers, answered):
        ids = scattered(RING)
        state = follower.state()
        followers.start_held(FIRST_READ)
        assert (state, follower.state(), follower.fresh()) == ("off", "loading", None)
        near = tasks_near(ASKED)
        assert ([one.id for one in near.found], near.as_of) == (ids, None)
        assert answered() == {("database", "loading"): 1}
        followers.release()
        until(lambda: follower.state() == "memory", "loaded")
        near = tasks_near(ASKED)
        assert [one.id for one in near.found] == ids
        assert answered()["memory", ""] == 1

    def test_what_changes_while_it_loads_is_not_lost(self, scattered, followers):
        ids = scattered(RING)
        followers.start_held(("aggregate",))  # read, and the stream not yet open
        collection(Task).delete_one({"_id": ids[0]})
        more = scattered([FUZHOU])
        followers.release()
        until(lambda: follower.state() == "memory", "loaded")
        assert ids_in_memory(followers) == more + ids[1:]
        assert_like_the_database(followers)


class TestKeepingUp:
    def test_every_kind_of_write(self, town, scattered, following):
        tasks = collection(Task)
        ids = scattered(RING)
        assert ids_in_memory(following) == ids
        tasks.update_one({"_id": ids[0]}, {"$set": {"slots_left": 3, "title": "别的"}})
        (card, *_) = tasks_near_confirmed(following)
        assert (orjson.loads(card.card)["slots_left"], card.id) == (3, ids[0])
        tasks.update_one({"_id": ids[1]}, {"$set": {"slots_left": 0}})
        tasks.delete_one({"_id": ids[2]})
        tasks.update_many({"_id": {"$in": ids[3:5]}}, {"$set": {"state": "cancelled"}})
        moved = open_document(town, MOVED_TO, _id=ids[5], title="挪了")
        tasks.replace_one({"_id": ids[5]}, moved)
        assert ids_in_memory(following) == [ids[0], ids[5], *ids[6:]]
        tasks.update_one({"_id": ids[1]}, {"$set": {"slots_left": 1}})
        assert ids_in_memory(following) == [ids[0], ids[1], ids[5], *ids[6:]]
        assert_like_the_database(following)

    def test_every_verb(self, draft, town, volunteer, following):
        task, actor = draft(slots=1), volunteer()
        edit_task(task.id, {"title": "改过"}, version=task.version, by=town.officer)
        assert ids_in_memory(following) == []
        publish_task(task.id, by=town.officer)
        (found,) = tasks_near_confirmed(following)
        assert (found.id, orjson.loads(found.card)["title"]) == (task.id, "改过")
        taken = claim_task(task.id, position=None, by=actor)
        assert ids_in_memory(following) == []
        give_up_participation(taken.id, by=actor)
        assert ids_in_memory(following) == [task.id]
        cancel_task(task.id, by=town.officer)
        assert ids_in_memory(following) == []

    def test_a_task_that_is_over_is_not_shown_and_then_closed(self, published, following):
        published()
        assert len(ids_in_memory(following)) == 1
        make_older()
        assert (ids_in_memory(following), len(following.caught_up()[0])) == ([], 1)
        assert close_tasks() == 1
        assert len(following.caught_up()[0]) == 0

    def test_a_burst_of_changes_ends_like_the_database(self, scattered, following):
        ids, tasks = scattered(RING * 3), collection(Task)
        before = reloads()
        for number in range(150):
            tasks.update_one(
                {"_id": ids[number * 7 % len(ids)]}, {"$set": {"slots_left": number % 4}}
            )
        assert_like_the_database(following)
        assert reloads() == before

    def test_a_home_shows_no_address_and_stands_at_its_community(self, scattered, following):
        scattered([(26.09, 119.29)], address="三号楼", has_private_place=True, kind="care_visit")
        following.caught_up()
        near = tasks_near(ASKED)
        (found,) = near.found
        assert near.as_of is not None
        assert orjson.loads(found.card)["address"] == "鼓楼区"
        assert "三号楼" not in found.card.decode()

    def test_a_cursor_that_the_server_ended_is_taken_up_where_it_was(self, scattered, following):
        ids = scattered(RING)
        assert ids_in_memory(following) == ids
        before = reloads()
        following.hold()
        collection(Task).delete_one({"_id": ids[0]})
        assert end_streams() >= 1
        more = scattered([FUZHOU])
        following.release()
        assert ids_in_memory(following) == more + ids[1:]
        assert reloads() == before

    def test_a_collection_that_was_dropped_is_loaded_anew(self, scattered, following):
        scattered(RING)
        following.caught_up()
        before = reloads()
        collection(Task).drop()
        try:
            until(lambda: reloads() > before, "loaded anew")
            assert ids_in_memory(following) == []
        finally:
            prepare()
        ids = scattered(RING[:3])
        assert ids_in_memory(following) == ids

    def test_heartbeats_that_somebody_took_away_beat_on(self, scattered, following):
        before = reloads()
        for number in range(1, 6):
            assert collection(Heartbeat).delete_many({}).deleted_count == 1
            scattered(RING[:1])
            assert len(ids_in_memory(following)) == number
        collection(Heartbeat).drop()
        try:
            assert len(ids_in_memory(following)) == 5
        finally:
            prepare()
        assert reloads() == before

    def test_of_all_heartbeats_only_its_own_come_back(self, prepared):
        beat = {"number": 1, "at": real_now()}
        since = {"start_at_operation_time": follower_file._operation_time()}
        with follower_file._stream_of("own", since) as stream:
            for name in ("own", "a", "z", "own"):
                collection(Heartbeat).replace_one({"_id": name}, beat, upsert=True)
            # The begin is included: the last that the test before this one did may come first.
            until(lambda: (stream.try_next() or {}).get("documentKey") == {"_id": "own"}, "the one")
            change = until(stream.try_next, "the other")
            assert (change["documentKey"], change["operationType"]) == ({"_id": "own"}, "replace")


def tasks_near_confirmed(followers):
    followers.caught_up()
    near = tasks_near(ASKED)
    assert near.as_of is not None
    return near.found


class TestNotFromMemory:
    def test_turned_off_by_a_setting(self, scattered, followers, monkeypatch, answered):
        monkeypatch.setenv("NEARBY_FROM_MEMORY", "0")
        settings.cache_clear()
        try:
            followers.start()
            assert (follower.state(), follower.fresh(), followers.threads_of()) == (
                "off",
                None,
                set(),
            )
            ids = scattered(RING)
            near = tasks_near(ASKED)
            assert ([one.id for one in near.found], near.as_of) == (ids, None)
            assert answered() == {("database", "off"): 1}
        finally:
            monkeypatch.undo()
            settings.cache_clear()

    def test_a_demos_clock(self, scattered, following, answered):
        ids = scattered(RING)
        following.caught_up()
        with pretending(now()):
            near = tasks_near(ASKED)
        assert ([one.id for one in near.found], near.as_of) == (ids, None)
        assert answered() == {("database", "demo_clock"): 1}

    def test_where_no_memory_reaches(self, town, following, answered):
        for place in ((89.5, 10.0), (-80.0, 0.0), (10.0, 179.9), (10.0, -179.99)):
            assert tasks_near(Nearby(*place, 20_000, 20)).as_of is None
        assert answered() == {("database", "place"): 4}

    @pytest.mark.parametrize("commands", [("getMore",), ("update",)])
    def test_once_it_is_a_second_behind(self, scattered, following, answered, commands):
        ids = scattered(RING)
        following.caught_up()
        following.hold(commands=commands)
        until(lambda: follower.state() == "stale", "stale")
        assert follower.fresh() is None
        collection(Task).delete_one({"_id": ids[0]})
        more = scattered([FUZHOU])
        near = tasks_near(ASKED)
        assert ([one.id for one in near.found], near.as_of) == (more + ids[1:], None)
        assert answered() == {("database", "stale"): 1}
        following.release()
        until(lambda: follower.state() == "memory", "fresh again")
        # Whatever memory answers now was confirmed after what was written meanwhile.
        assert [one.id for one in tasks_near(ASKED).found] == more + ids[1:]

    @pytest.mark.parametrize("set_by", [timedelta(seconds=5), -timedelta(hours=1)])
    def test_a_clock_that_was_set_or_stood_still_does_not_make_it_fresh(
        self, following, monkeypatch, set_by
    ):
        following.hold()
        # Set on, it is as after a sleep, in which the other clock may have stood.
        monkeypatch.setattr(follower_file, "real_now", lambda: real_now() + set_by)
        assert (follower.state(), follower.fresh()) == ("stale", None)


class TestTwo:
    def test_each_follows_by_itself(self, scattered, following):
        other = following.another()
        ids = scattered(RING)
        assert ids_in_memory(following) == ids_in_memory(following, other) == ids
        assert collection(Heartbeat).count_documents({}) == 2
        following.hold(other)
        collection(Task).delete_one({"_id": ids[0]})
        assert ids_in_memory(following) == ids[1:]
        until(lambda: other.state() == "stale", "the other is stale")
        assert follower.state() == "memory"
        following.release()
        assert ids_in_memory(following, other) == ids[1:]
        assert_like_the_database(following, other)


class TestStopping:
    def test_it_starts_and_stops_again_and_again(self, scattered, followers):
        ids = scattered(RING[:3])
        before = set(threading.enumerate())
        for _ in range(3):
            followers.ready()
            assert ids_in_memory(followers) == ids
            follower.stop()
            assert (follower.state(), follower.fresh()) == ("off", None)
        follower.stop()
        assert_gone(before)
        assert tasks_near(ASKED).as_of is None

    def test_one_that_never_started_stops(self):
        idle = Follower()
        idle.stop()
        assert (idle.state(), idle.fresh()) == ("off", None)

    def test_to_start_what_runs_changes_nothing(self, following):
        before = set(threading.enumerate())
        follower.start()
        assert set(threading.enumerate()) <= before
        assert follower.state() == "memory"

    @pytest.mark.parametrize(("command", "once_answered"), [("find", True), ("getMore", False)])
    def test_one_that_was_held_does_not_meddle_with_the_next(
        self, scattered, followers, command, once_answered
    ):
        ids = scattered(RING)
        followers.start_held((command,), once_answered=once_answered)
        follower.stop()
        assert (follower.state(), follower.fresh()) == ("off", None)
        collection(Task).delete_one({"_id": ids[0]})
        followers.ready()  # with a thread of its own: the one before is still held
        assert ids_in_memory(followers) == ids[1:]
        old, *_ = followers.held()
        followers.release()
        until(lambda: not old.is_alive(), "the held one found out")
        more = scattered([FUZHOU])
        assert ids_in_memory(followers) == more + ids[1:]
        assert_like_the_database(followers)


def assert_gone(before):
    until(lambda: set(threading.enumerate()) <= before, "the thread is gone")


class TestWhatIsSeenOfIt:
    def test_counters_and_gauges(self, scattered, following, answered):
        scattered(RING)
        _, as_of = following.caught_up()
        ages = figure("fuxun_nearby_age_seconds_count")
        lags = figure("fuxun_nearby_lag_seconds_count")
        for _ in range(3):
            tasks_near(ASKED)
        assert answered() == {("memory", ""): 3}
        assert figure("fuxun_nearby_age_seconds_count") == ages + 3
        until(lambda: figure("fuxun_nearby_lag_seconds_count") > lags, "a heartbeat came back")
        assert figure("fuxun_nearby_tasks", source="memory") == len(RING)
        fresh_at = figure("fuxun_nearby_fresh_at_seconds", source="memory")
        assert as_of.timestamp() <= fresh_at <= moment_s()

    def test_ready_degraded_and_ready_again(self, app, followers):
        client = app.test_client()
        assert client.get("/readyz").json["nearby"] == "off"
        followers.start_held(FIRST_READ)
        assert_degraded(client, "loading")
        followers.release()
        until(lambda: client.get("/readyz").json["nearby"] == "memory", "loaded")
        assert client.get("/readyz").json == {
            "status": "ready",
            "database": True,
            "queue": True,
            "nearby": "memory",
        }
        followers.hold()
        until(lambda: follower.state() == "stale", "stale")
        assert_degraded(client, "stale")

    def test_the_page_of_metrics_has_them(self, app, following):
        page = app.test_client().get("/metrics").text
        for name in ("answers_total", "tasks", "fresh_at_seconds", "age_seconds", "lag_seconds"):
            assert f"\nfuxun_nearby_{name}" in page, name
        assert "\nfuxun_nearby_reloads_total" in page


def assert_degraded(client, state):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (200, "degraded")
    assert answer.json["nearby"] == state


def moment_s():
    return real_now().timestamp() + 0.001
