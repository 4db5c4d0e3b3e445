"""`dev.py run` and `replay`, whole: the real project started, stopped, killed and started again."""

import json
import os
import re
import signal
import time
import urllib.request

import pytest
from running import Run

from children import ROOT, free_port, started_under, sweep

PURE = True  # needs none of the servers the other tests share
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

GEOLIFE = ROOT.parent / "shared" / "data" / "geolife_beijing"
FRESH_S = 5
PARTS = ("mongod", "valkey-server", "gunicorn", "worker.py jobs", "worker.py timetable")


def got(run, path):
    """What is answered there."""
    with urllib.request.urlopen(f"http://127.0.0.1:{run.port}{path}") as answer:
        return answer.read().decode()


def fresh_at_s(run):
    """The moment that the open tasks in memory are complete to, as Prometheus reads it."""
    page = got(run, "/metrics")
    return float(
        re.search(r'^fuxun_nearby_fresh_at_seconds\{source="memory"\} (.*)$', page, re.M)[1]
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_says_where_and_leaves_nothing_when_asked_to_stop(
    running, dev_py, eventually, number
):
    assert running.readyz() == 200
    eventually(lambda: json.loads(got(running, "/readyz"))["nearby"] == "memory")
    # Jobs and timetable, which follow nothing, have written into the same folder by now.
    eventually(lambda: abs(time.time() - fresh_at_s(running)) < FRESH_S)
    said = running.output.read_text()
    assert f"http://127.0.0.1:{running.port}/docs" in said
    assert all(running.pids_of(part) for part in PARTS)
    assert os.stat(running.folder / "keys").st_mode & 0o777 == 0o700
    second = dev_py("run", "--var", running.folder, "--port", free_port())
    assert "another dev.py is running" in second.stderr
    assert running.readyz() == 200

    assert running.stop_by(number) == 0
    assert running.alive() == []
    assert running.readyz() == 0
    assert not (running.folder / "run.json").exists()


def test_after_a_kill_nothing_stays_and_the_next_run_starts(running, eventually):
    demo = (running.folder / "log" / "demo.log").read_text()
    assert running.stop_by(signal.SIGKILL) == -signal.SIGKILL
    eventually(lambda: running.alive() == [])
    running.start()
    assert running.readyz() == 200
    assert (running.folder / "log" / "demo.log").read_text() != "" or not demo
    assert running.stop_by(signal.SIGTERM) == 0
    running.start()  # and once more, after a clean stop
    assert running.readyz() == 200


@pytest.mark.parametrize("part", ["mongod", "worker.py timetable"])
def test_when_a_part_dies_it_is_named_and_the_rest_is_stopped(running, part):
    os.kill(running.pids_of(part)[0], signal.SIGKILL)
    assert running.popen.wait(120) == 1
    complaint = running.output.read_text()
    assert ("MongoDB" if part == "mongod" else "timetable") + " ended with code -9" in complaint
    assert "Traceback" not in complaint.partition("dev.py:")[0]
    assert running.alive() == []


def test_servers_named_by_the_environment_are_used(running, tmp_path, clean_env, eventually):
    state = json.loads((running.folder / "run.json").read_text())
    assert state["url"] == f"http://127.0.0.1:{running.port}"
    port = (running.folder / "mongodb.port").read_text()
    valkey_port = (running.folder / "valkey.port").read_text()
    named = {
        "MONGODB_URI": f"mongodb://127.0.0.1:{port}/other?replicaSet=fuxun",
        "REDIS_URL": f"redis://127.0.0.1:{valkey_port}/1",
    }
    guest = Run((tmp_path / "guest").resolve(), clean_env | named, eventually)
    try:
        guest.start()
        assert guest.readyz() == 200
        assert not (guest.folder / "mongodb").exists()
        assert guest.stop_by(signal.SIGTERM) == 0
    finally:
        sweep(f"{guest.folder}|")
    assert running.readyz() == 200


@pytest.mark.parametrize(
    ("name", "verdict", "is_paid"),
    [("evening_patrol.gpx", "verified", True), ("taxi_ride.gpx", "refused", False)],
)
def test_a_recorded_walk_is_replayed_on_the_running_server(one_run, dev_py, name, verdict, is_paid):
    walk = ROOT / "fixtures" / "walks" / name
    done = dev_py("replay", walk, "--json", "--var", one_run.folder)
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout.splitlines()[-1])
    assert (outcome["verdict"], outcome["coins"] > 0) == (verdict, is_paid)
    assert outcome["points_accepted"] > 200
    failed = [check["check"] for check in outcome["checks"] if not check["passed"]]
    assert ("plausible_speed" in failed) != is_paid


def test_a_walk_is_replayed_where_no_server_runs(tmp_path, dev_py):
    walk = ROOT / "fixtures" / "walks" / "evening_patrol.gpx"
    done = dev_py("replay", walk, "--json", "--var", tmp_path / "var")
    assert json.loads(done.stdout.splitlines()[-1])["verdict"] == "verified", done.stderr
    assert started_under(f"{(tmp_path / 'var').resolve()}|") == []


def test_what_is_no_walk_is_one_clear_line(one_run, dev_py, tmp_path):
    (tmp_path / "no.gpx").write_text("<gpx")
    done = dev_py("replay", tmp_path / "no.gpx", "--var", one_run.folder)
    assert done.returncode != 0
    assert len(done.stderr.strip().splitlines()) == 1
    assert "no.gpx" in done.stderr


@pytest.mark.skipif(not GEOLIFE.is_dir(), reason="the recorded walks are not beside the project")
@pytest.mark.parametrize(
    ("file", "segment", "verdict"),
    [
        ("walk_segments.csv", "1", "verified"),
        ("walk_segments.csv", "21", "verified"),
        ("walk_segments.csv", "81", "verified"),
        ("002_20081023124523.plt", None, "verified"),
        ("008_20081025225205.plt", None, "refused"),
        ("010_20070905163053.plt", None, "refused"),
    ],
)
def test_real_walks_earn_and_a_coach_does_not(one_run, dev_py, file, segment, verdict):
    words = ["--segment", segment] if segment else []
    done = dev_py("replay", GEOLIFE / file, *words, "--json", "--var", one_run.folder)
    outcome = json.loads(done.stdout.splitlines()[-1])
    assert (outcome["verdict"], outcome["coins"] > 0) == (verdict, verdict == "verified")
