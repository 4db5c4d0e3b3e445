"""Slices of a budget: all together they are the cap, wherever the coins lie."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from ledger import GENERAL_FUND, balance_of, prove
from rates import (
    BadFund,
    Budget,
    BudgetShort,
    budget_left,
    grant_budget,
    known_fund,
    rebalance_budget,
)
from rates.budgets import budget_slices
from settings import settings
from shared.ids import new_id
from tests.racing import at_once
from tests.rates.drawing import draw

YEAR = 2026
ROOT = Path(__file__).parents[3]


@pytest.fixture
def slices(monkeypatch):
    """`slices(4)`: budgets are kept in so many slices from now on."""

    def make(count):
        monkeypatch.setenv("BUDGET_SLICES", str(count))
        settings.cache_clear()

    yield make
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def granted(town):
    """`granted(coins)`: the district's budget with so many coins more."""

    def grant(coins, fund=GENERAL_FUND):
        made = {"fund": fund, "by": town.rate_admin}
        grant_budget(town.district.id, YEAR, coins, "示例", new_id(), **made)
        return Budget(town.district.id, YEAR, fund)

    return grant


@pytest.fixture
def own(monkeypatch):
    """`own(2)`: who draws here has this slice for its own."""
    return lambda number: monkeypatch.setattr(budget_slices, "_own_slice", lambda: number)


def held(budget, count):
    return [balance_of(budget.account(number)) for number in range(count)]


def started_drawer(budget, coins, threads):
    """A process of its own that is ready to draw in so many threads once it is told to."""
    told = [budget.unit_id, str(budget.year), str(coins), str(threads)]
    started = subprocess.Popen(
        [sys.executable, "-m", "tests.rates.drawing", *told],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert started.stdout.readline() == "ready\n"
    return started


class TestGranting:
    def test_spreads_the_coins_evenly(self, slices, granted):
        slices(4)
        budget = granted(10)
        assert held(budget, 4) == [3, 3, 2, 2]
        assert budget_left(budget.unit_id, YEAR) == 10

    def test_evens_out_what_lies_in_slices_of_before(self, slices, granted):
        slices(8)
        granted(80)
        slices(2)
        assert held(granted(20), 8) == [50, 50, 0, 0, 0, 0, 0, 0]
        slices(5)
        assert held(granted(5), 5) == [21] * 5


class TestDrawing:
    def test_takes_from_the_own_slice_first(self, slices, granted, own):
        slices(4)
        budget = granted(40)
        own(2)
        assert not draw(budget, 7).is_uneven
        assert held(budget, 4) == [10, 10, 3, 10]

    def test_takes_from_several_where_one_is_short(self, slices, granted, own):
        slices(4)
        budget = granted(40)
        own(1)
        assert draw(budget, 35).is_uneven
        assert sum(held(budget, 4)) == 5

    def test_takes_what_lies_in_slices_of_before(self, slices, granted):
        slices(8)
        budget = granted(80)
        slices(1)
        draw(budget, 80)
        assert budget_left(budget.unit_id, YEAR) == 0

    def test_is_refused_where_all_together_are_short(self, slices, granted):
        slices(4)
        budget = granted(40)
        with pytest.raises(BudgetShort) as refusal:
            draw(budget, 41)
        assert refusal.value.facts == {
            "unit_id": budget.unit_id,
            "fund": "general",
            "year": YEAR,
            "period": "2026",
            "available": 40,
            "needed": 41,
            "missing": 1,
        }
        assert refusal.value.say("en") != refusal.value.say("zh-CN")
        assert held(budget, 4) == [10] * 4

    def test_takes_from_its_own_fund_only(self, granted):
        granted(100)
        care = granted(30, fund="elder-care")
        with pytest.raises(BudgetShort):
            draw(care, 31)
        draw(care, 30)
        assert (budget_left(care.unit_id, YEAR), budget_left(care.unit_id, YEAR, "elder-care")) == (
            100,
            0,
        )

    @pytest.mark.parametrize("count", [1, 3, 8])
    def test_twenty_at_once_take_all_there_is_and_no_coin_more(self, slices, granted, count):
        slices(count)
        budget = granted(100)
        answers = at_once(20, lambda _: draw(budget, 9))
        assert sum(isinstance(answer, BudgetShort) for answer in answers) == 9
        assert sum(isinstance(answer, Exception) for answer in answers) == 9
        assert sum(held(budget, count)) == 1
        assert prove() == []

    def test_two_processes_at_the_cap_take_all_there_is_and_no_coin_more(self, slices, granted):
        slices(3)
        budget = granted(100)
        drawers = [started_drawer(budget, 9, threads=10) for _ in range(2)]
        for drawer in drawers:
            drawer.stdin.write("go\n")
            drawer.stdin.flush()
        ended = [json.loads(drawer.communicate(timeout=60)[0]) for drawer in drawers]
        assert Counter(ended[0] + ended[1]) == {"Draw": 11, "BudgetShort": 9}
        assert sum(held(budget, 3)) == 1
        assert prove() == []

    def test_the_last_coins_go_to_one_of_many_who_need_every_slice(self, slices, granted):
        slices(4)
        budget = granted(40)
        answers = at_once(12, lambda _: draw(budget, 40))
        assert sum(isinstance(answer, BudgetShort) for answer in answers) == 11
        assert held(budget, 4) == [0] * 4


class TestRebalancing:
    def test_evens_the_slices_out_once(self, slices, granted, own):
        slices(4)
        budget = granted(40)
        own(0)
        draw(budget, 10)
        assert rebalance_budget(budget)
        assert sorted(held(budget, 4)) == [7, 7, 8, 8]
        assert not rebalance_budget(budget)

    def test_is_left_where_each_would_hold_too_little(self, slices, granted, own):
        slices(4)
        budget = granted(40)
        own(0)
        draw(budget, 10)
        assert not rebalance_budget(budget, least=8)
        assert held(budget, 4) == [0, 10, 10, 10]

    def test_beside_draws_loses_and_makes_no_coin(self, slices, granted):
        slices(4)
        budget = granted(400)

        def act(number):
            return rebalance_budget(budget) if number % 2 else draw(budget, 20)

        answers = at_once(16, act)
        assert not [answer for answer in answers if isinstance(answer, Exception)]
        assert budget_left(budget.unit_id, YEAR) == 400 - 8 * 20
        assert prove() == []


class TestFunds:
    def test_are_the_general_one_where_none_is_named(self):
        assert (known_fund(None), known_fund("elder-care_2")) == ("general", "elder-care_2")

    @pytest.mark.parametrize("name", ["", "Elder", "a b", "-a", "a:b", "x" * 41, "经费", "a\n"])
    def test_are_named_by_a_plain_word(self, name):
        with pytest.raises(BadFund) as refusal:
            known_fund(name)
        assert refusal.value.field == "fund"
