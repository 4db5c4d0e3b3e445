"""The benchmark of the tasks nearby measures what it says: the same cards, and every update."""

import json
import os
import subprocess
import sys

import pytest

from bench.parts.bare_app import CARD
from bench.parts.nearby_bare_app import URI_VARIABLE
from bench.parts.nearby_bare_app import create_app as bare_app
from bench.parts.nearby_city import LIMIT, RADIUS_M, City
from bench.parts.nearby_clients import ask_for
from bench.parts.nearby_lag import lags
from bench.parts.nearby_pages import answers_by_source, random_places
from bench.parts.nearby_postgis import PostGis, card_of
from bench.parts.slots import Connection, UnexpectedAnswer
from bench.parts.web_servers import Web
from children import ROOT, Stack, mark_for, started_under, stopping
from settings import settings
from shared.database import database, prepare
from tasks import Nearby, search_database
from tasks.task import CARD_FIELDS

TINY_RUN = """
import json
from bench.nearby import Sizes, run
sizes = Sizes(
    tasks=(2_000,), readers=4, route_clients=2, fallback_clients=(2,), fallback_s=0.3,
    lag_s=0.5, restart_tasks=100, down_s=0.2, members=0,
)
print(json.dumps(run(rounds=1, slot_s=0.1, sizes=sizes)))
"""
HEALTHY = b"GET /healthz HTTP/1.1\r\nHost: bench\r\n\r\n"
MISSING = b"GET /nowhere HTTP/1.1\r\nHost: bench\r\n\r\n"


@pytest.fixture
def city(app):
    made = City()
    made.grow_to(3_000)
    yield made
    # As every other test needs them: with all indexes and the validator.
    database()["tasks"].drop()
    prepare()


def near(place):
    return search_database(Nearby(*place, RADIUS_M, LIMIT))


def test_the_yardsticks_show_the_cards_that_ours_shows(city):
    assert set(CARD) == set(CARD_FIELDS)
    found = [task for place in random_places(20, 1) for task in near(place)]
    assert found
    for task in found:
        document = database()["tasks"].find_one({"_id": task.id})
        assert json.loads(card_of(document)) == json.loads(task.card)


def test_bare_flask_answers_with_the_same_tasks(city, monkeypatch):
    monkeypatch.setenv(URI_VARIABLE, settings().mongodb_uri)
    bare = bare_app().test_client()
    same = 0
    for lat, lon in random_places(20, 2):
        query = {"lat": lat, "lon": lon, "radius_m": RADIUS_M, "limit": LIMIT}
        items = bare.get("/api/v1/tasks/nearby", query_string=query).get_json()["items"]
        ours = near((lat, lon))
        assert {item["id"] for item in items} == {task.id for task in ours}
        for item in items:
            card = next(json.loads(task.card) for task in ours if task.id == item["id"])
            assert card == {key: item[key] for key in card}
        same += len(items)
    assert same > 0


def test_postgis_answers_with_the_same_tasks_as_far_away(city):
    with PostGis.beside(database()["tasks"]) as postgis:
        if postgis.missing:
            pytest.skip(postgis.missing)
        reader, found = postgis.reader(), 0
        for place in random_places(20, 3):
            ours = near(place)
            exact = reader.exact(*place)
            assert [task.id for task in ours] == [task_id for task_id, _ in exact]
            for task, (_, metres) in zip(ours, exact, strict=True):
                assert task.distance_mm == pytest.approx(metres * 1000, abs=1)
            measured = {one.id: one for one in reader.measured(*place, RADIUS_M, LIMIT)}
            for task in ours:
                assert (measured[task.id].lat, measured[task.id].lon) == (task.lat, task.lon)
                assert json.loads(measured[task.id].card) == json.loads(task.card)
            found += len(ours)
        assert found > 0


def test_an_update_is_seen_with_its_number_or_a_later_one_and_else_lost():
    written = [("a", 1, 10.0), ("a", 2, 10.1), ("b", 3, 10.2), ("c", 4, 10.3), ("a", 5, 10.4)]
    seen = [(9.0, "a", 0), (10.15, "a", 2), (10.15, "b", 3), (10.3, "c", 2), (10.16, "a", 2)]
    found, lost = lags(written, seen)
    assert found == pytest.approx([0.0, 0.05, 0.15])
    assert lost == 2


def test_pages_are_counted_by_who_answered_them():
    told = """# TYPE fuxun_nearby_answers_total counter
fuxun_nearby_answers_total{reason="",source="memory"} 12.0
fuxun_nearby_answers_total{reason="stale",source="database"} 3.0
fuxun_nearby_answers_total{reason="off",source="database"} 1e+06
fuxun_nearby_answers_created{reason="",source="memory"} 1.7e+09
"""
    assert answers_by_source(told) == {"memory": 12, "database": 1_000_003}


def test_clients_of_one_thread_take_nothing_but_the_answer_they_want(app, tmp_path):
    stack = Stack(
        tmp_path, mark_for(tmp_path), {**os.environ, URI_VARIABLE: settings().mongodb_uri}
    )
    with stopping(stack):
        web = Web(stack, "bare", "bench.parts.nearby_bare_app:create_app()")
        web.wait_until_ready()
        connections = [Connection(web.port) for _ in range(3)]
        asked = ask_for(connections, [HEALTHY] * 3, 0.1)
        assert asked.answers >= 3
        assert 0 < asked.p50_ms <= asked.p99_ms
        with pytest.raises(UnexpectedAnswer, match="404"):
            ask_for(connections, [HEALTHY, MISSING, HEALTHY], 0.1)


@pytest.mark.slow
def test_one_short_round_says_everything_and_leaves_nothing(app, tmp_path):
    ended = subprocess.run(
        [sys.executable, "-c", TINY_RUN],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=170,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    figures = json.loads(ended.stdout.splitlines()[-1])
    assert figures["page_2k"]["time_ratio_to_mongo"] > 0
    assert figures["page_2k"]["from_memory"] > 0
    assert figures["route"]["rate_ratio_to_bare_mongo"] > 0
    if figures["page_2k"]["postgis_note"] is None:
        assert figures["page_2k"]["time_ratio_to_postgis"] > 0
        assert figures["page_2k"]["agreement"]["and_distances_to_1_mm"] == 50
        assert figures["route"]["rate_ratio_to_postgis"] > 0
    assert figures["lag"]["lost"] == figures["lag"]["while_asked_lost"] == 0
    assert figures["lag"]["p99_ms"] > 0
    assert set(figures["fallback"]["phases"]) == {"idle_2", "updates_2"}
    assert 0 <= figures["fallback"]["share"] <= 1
    assert figures["restart"]["fresh_seconds"] >= 0
    assert 0 < figures["memory"]["rows_2k"] < 2_000
    own = f"{database().name}_bench_"
    assert [name for name in database().client.list_database_names() if own in name] == []
    assert started_under(str(tmp_path.resolve())) == []
    assert list(tmp_path.iterdir()) == []
