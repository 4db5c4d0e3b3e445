"""The rates benchmark measures what it says: naive comes to the same coins, the work is there."""

import json
import os
import subprocess
import sys
from datetime import timedelta

import pytest

from bench.parts.rates_minutes import price_by_minutes
from bench.parts.rates_pricing import CARD, pricing_figures, sample_actions, sample_terms
from bench.parts.rates_simulation import SimulationFailed, simulation_figures
from bench.parts.rates_town import DAYS, FIRST, RatesTown
from children import ROOT
from rates import quote
from shared.database import database
from tasks import count_verified_work

TINY_RUN = """
import json
from bench.rates import Sizes, run
sizes = Sizes(participations=60, people=10, standings=500, side=2)
print(json.dumps(run(rounds=1, slot_s=0.05, sizes=sizes)))
"""


@pytest.fixture
def town(app):
    with app.app_context():
        yield RatesTown(100, 20, side=2)


def test_both_sides_come_to_the_same_coins():
    terms, actions = sample_terms(), sample_actions(400)
    ours = [quote(terms, action) for action in actions]
    assert [one.coins for one in ours] == [price_by_minutes(CARD, action) for action in actions]
    parts = {line["part"] for one in ours for line in one.breakdown}
    assert parts == {
        *("base", "time", "distance", "night", "weekend", "holiday", "heat", "storm"),
        *("gap_area", "extra", "maximum"),
    }


def test_the_actions_are_the_same_in_every_run():
    assert sample_actions(20) == sample_actions(20)
    assert len(set(map(str, sample_actions(20)))) == 20


def test_pricing_figures_are_of_both_sides():
    figures = pricing_figures(1, 0.05)
    assert figures["us_each"] > 0
    assert figures["naive_us_each"] > 0
    assert figures["rate_ratio"] > 0


def test_the_work_is_there_and_the_simulation_sees_all_of_it(town):
    whole = {"since": FIRST, "until": FIRST + timedelta(days=DAYS + 1)}
    assert count_verified_work(**whole) == 100
    figures = simulation_figures(town, 100, 2)
    assert (figures["participations"], figures["tasks"]) == (100, 20)
    assert figures["slowest_seconds"] >= figures["seconds"] >= 0
    assert figures["cut_by_caps"] > 0
    assert {"night", "weekend", "gap_area", "extra"} <= set(figures["parts"])


def test_a_simulation_that_sees_less_is_no_figure(town):
    database()["participations"].delete_one({"kind": {"$ne": ""}})
    with pytest.raises(SimulationFailed):
        simulation_figures(town, 100, 1)


@pytest.mark.slow
def test_one_short_round_says_everything_and_leaves_nothing(app):
    client = database().client
    before = set(client.list_database_names())
    ended = subprocess.run(
        [sys.executable, "-c", TINY_RUN],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=170,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    figures = json.loads(ended.stdout.splitlines()[-1])
    assert figures["simulate_100k"]["seconds"] > 0
    assert figures["simulate_100k"]["participations"] == 60
    assert figures["pricing"]["us_each"] > 0
    assert figures["leaderboard_1m"]["ms"] > 0
    assert set(client.list_database_names()) == before
