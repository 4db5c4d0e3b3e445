"""The load benchmark finds the rate that holds, says what bounds it, and sends what phones send."""

import json
import os
import subprocess
import sys

import pytest

from bench import load
from bench.load import Sizes
from bench.parts.cpu_use import CpuUse, has_proc
from children import ROOT, started_under
from shared.database import database

TINY_RUN = """
import json
from bench.load import Sizes, run
print(json.dumps(run(rounds=1, sizes=Sizes(phones=6, step_s=0.4, most_steps=2))))
"""


def offered_to(limit):
    """A stack that bears `limit` posts a second, and the rates it was offered."""
    rates = []

    def offer(rate):
        rates.append(rate)
        return {"posts_per_s": rate, "held": rate <= limit}

    return offer, rates


@pytest.mark.parametrize("limit", [3.0, 45.0, 333.0])
def test_the_highest_rate_that_holds_is_found_from_above_and_from_below(limit):
    offer, _ = offered_to(limit)
    steps = load._climb(offer, Sizes(), rounds=3)
    best = max(step["posts_per_s"] for step in steps if step["held"])
    assert 0.85 * limit <= best <= limit
    assert sum(step["posts_per_s"] == best for step in steps) >= 3


def test_a_stack_that_bears_everything_ends_the_climb_at_the_most_steps():
    offer, rates = offered_to(1e12)
    steps = load._climb(offer, Sizes(most_steps=4), rounds=2)
    assert len(steps) == 4
    assert rates == sorted(rates)


def test_a_rate_that_held_once_above_one_that_did_not_is_no_figure():
    keys = ("posts_per_s", "held", "points_per_s", "p50_ms", "p99_ms", "cores_used")
    rows = [(10, True), (30, True), (20, False)]
    steps = [dict(zip(keys, (rate, held, rate * 10, 1, 2, {}), strict=True)) for rate, held in rows]
    assert load._figures(steps)["posts_per_second"] == 10


@pytest.mark.parametrize(
    ("used", "word"),
    [
        ({"web": 1.2, "mongod": 0.5, "phones": 0.2, "idle": 0.1}, "web"),
        ({"web": 0.2, "mongod": 1.4, "phones": 0.2, "idle": 0.1}, "mongod"),
        ({"web": 0.2, "mongod": 0.1, "phones": 0.1, "idle": 0.0}, "other programs"),
        ({"web": 0.2, "mongod": 0.1, "phones": 0.1, "idle": 1.5}, "waiting"),
        ({}, "unknown"),
    ],
)
def test_what_bounds_it_is_told_from_what_was_busy(monkeypatch, used, word):
    monkeypatch.setattr(load, "cores", lambda: 2)
    assert word in load.bound_of({"cores_used": used}).replace("used most by ", "")
    assert "nothing yet" in load.bound_of(None)


@pytest.mark.skipif(not has_proc(), reason="no /proc here")
def test_the_use_of_cores_is_counted_by_group():
    with CpuUse({"me": [os.getpid()], "nobody": []}) as used:
        sum(number * number for number in range(2_000_000))
    assert used.cores["me"] > 0
    assert used.cores["nobody"] == 0


@pytest.mark.slow
def test_a_short_climb_sends_points_over_http_and_leaves_nothing(app, tmp_path):
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
    assert all(step["failed"] == 0 for step in figures["steps"])
    assert figures["bound"]
    assert figures["points_a_post"] == 10
    own = f"{database().name}_bench_"
    assert [name for name in database().client.list_database_names() if own in name] == []
    assert started_under(str(tmp_path.resolve())) == []
