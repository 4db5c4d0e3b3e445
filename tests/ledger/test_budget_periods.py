"""Slices of budgets are found by unit, year, quarter and fund, and by these alone."""

import pytest

from ledger import (
    EntryKind,
    HeldBudget,
    Leg,
    NewEntry,
    budget,
    issued,
    post_one,
    quarters_holding_coins,
    slices_in_year,
    slices_of,
    trial_balance,
)
from shared.ids import new_id

SOURCE = issued("350102", 2026)


def give(account, coins, source=SOURCE, kind=EntryKind.BUDGET_GRANT):
    post_one(NewEntry(new_id(), kind, [Leg(source, -coins), Leg(account, coins)], ("grant", "g")))


@pytest.fixture
def budgets():
    """Years and quarters of one unit and of others whose names begin or end alike."""
    give(budget("u1", 2026), 100)
    give(budget("u1", 2026, 1), 20)
    give(budget("u1", 2026, fund="care"), 7)
    give(budget("u1", 2027), 5)
    give(budget("u1x", 2026), 1)
    give(budget("u1", 2026, quarter=3), 30, budget("u1", 2026), EntryKind.REBALANCING)
    give(budget("u1", 2026, 1, quarter=4), 4, budget("u1", 2026), EntryKind.REBALANCING)


def amounts(slices):
    return [(each.fund, each.quarter, each.number, each.available) for each in slices]


def test_of_a_year_are_those_of_the_whole_year_alone(budgets):
    assert amounts(slices_of("u1", 2026)) == [
        ("care", None, 0, 7),
        ("general", None, 0, 66),
        ("general", None, 1, 20),
    ]
    assert amounts(slices_of("u1", 2026, fund="care")) == [("care", None, 0, 7)]


def test_of_a_quarter_are_its_own(budgets):
    assert amounts(slices_of("u1", 2026, quarter=3)) == [("general", 3, 0, 30)]
    assert slices_of("u1", 2026, quarter=1) == []
    assert slices_of("u1", 2027, quarter=3) == []


def test_in_a_year_are_those_of_its_quarters_too(budgets):
    found = slices_in_year("u1", 2026, fund="general")
    assert sum(each.available for each in found) == 120
    assert {each.quarter for each in found} == {None, 3, 4}
    assert sum(each.entries for each in found) == 6


def test_quarters_that_hold_coins_are_found_once_each(budgets):
    both = [HeldBudget("u1", "general", 2026, 3), HeldBudget("u1", "general", 2026, 4)]
    assert quarters_holding_coins() == both
    give(budget("u1", 2026), 30, budget("u1", 2026, quarter=3), EntryKind.REBALANCING)
    assert quarters_holding_coins() == both[1:]


def test_the_trial_balance_counts_a_quarter_as_a_budget(budgets):
    (coins,) = trial_balance().currencies
    assert coins.by_kind == {"budget": 133, "issued": -133}
