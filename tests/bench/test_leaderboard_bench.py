"""The benchmark of own places measures what it says: both sides name the same ranks."""

import json
import os
import subprocess
import sys

import pytest

from bench.parts import rates_leaderboard
from children import ROOT
from shared.database import database

TINY_RUN = """
import json
from bench.parts.rates_leaderboard import measure_leaderboard
print(json.dumps(measure_leaderboard(2_000, rounds=1, slot_s=0.05)))
"""


def test_a_tiny_run_prints_every_figure_and_leaves_no_database():
    before = set(database().client.list_database_names())
    run = subprocess.run(
        [sys.executable, "-c", TINY_RUN],
        cwd=ROOT,
        env={**os.environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2_000:]
    figures = json.loads(run.stdout.strip().splitlines()[-1])
    assert set(figures) == {
        "leaderboard_1m.ms",
        "leaderboard_1m.one_find_ms",
        "leaderboard_1m.counting_ms",
        "leaderboard_1m.time_ratio_to_count",
        "leaderboard_1m.standings",
    }
    assert figures["leaderboard_1m.standings"] == 2_000
    assert all(one > 0 for one in figures.values())
    assert set(database().client.list_database_names()) <= before


def test_sides_that_disagree_are_worth_nothing(app, monkeypatch):
    with app.app_context():
        rates_leaderboard._fill(40)
        asked = [rates_leaderboard._unit_id(number) for number in (0, 7, 39)]
        rates_leaderboard._compare(asked)
        monkeypatch.setattr(rates_leaderboard, "rank_by_counting", lambda unit_id: 0)
        with pytest.raises(rates_leaderboard.Disagreement):
            rates_leaderboard._compare(asked)
        database()["league_standings"].drop_index(rates_leaderboard.BY_SCORE)
