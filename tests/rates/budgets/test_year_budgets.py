"""A unit's budgets of a year as they are told: quarters, transfers and thresholds beside grants."""

import pytest

from rates import (
    Budget,
    QuarterBudget,
    approve_transfer,
    ask_transfer,
    budget_of,
    grant_budget,
    put_budget_rule,
    put_envelope,
)
from shared.ids import new_id
from tests.rates.drawing import draw

YEAR = 2040
WHY = "示例"


@pytest.fixture
def here(town, staff_at):
    grant_budget(town.district.id, YEAR, 1_000, WHY, new_id(), by=town.rate_admin)
    town.above = staff_at("admin", town.city)
    return town


def told(town, unit=None, by=None):
    (fund,) = budget_of((unit or town.district).id, YEAR, by=by or town.above).funds
    return fund


def test_tells_the_year_and_its_quarters_apart(here):
    for quarter, coins in ((3, 300), (1, 100)):
        put_envelope(
            here.district.id, YEAR, quarter, coins, why=WHY, key=new_id(), by=here.rate_admin
        )
    draw(Budget(here.district.id, YEAR, quarter=3), 120)
    draw(Budget(here.district.id, YEAR), 50)
    fund = told(here)
    assert fund.quarters == (QuarterBudget(1, 100, 100), QuarterBudget(3, 300, 180))
    assert (fund.granted, fund.left, fund.left_in_year) == (1_000, 830, 550)
    assert (fund.standing.drawn, fund.standing.set_aside_in_quarters) == (170, 280)


def test_shows_a_transfer_in_both_units_budgets_from_its_request_on(here):
    asked = ask_transfer(
        here.district.id, here.other.id, YEAR, 300, why=WHY, key=new_id(), by=here.rate_admin
    )
    for unit in (here.district, here.other):
        fund = told(here, unit)
        assert [one.id for one in fund.transfers] == [asked.id]
        assert (fund.standing.moved_in, fund.standing.moved_out) == (0, 0)
    approve_transfer(asked.id, why="同意", by=here.above)
    assert (told(here).left, told(here).standing.moved_out) == (700, 300)
    other = told(here, here.other)
    assert (other.granted, other.left, other.standing.moved_in) == (0, 300, 300)
    assert other.transfers[0].state == "approved"


def test_shows_the_thresholds_and_the_version_to_change_them(here):
    assert (told(here).rule_version, told(here).standing.stop_at) == (0, None)
    put_budget_rule(
        here.district.id,
        YEAR,
        warn_percent=80,
        stop_percent=90,
        why=WHY,
        version=0,
        by=here.rate_admin,
    )
    fund = told(here)
    assert (fund.rule_version, fund.standing.warn_at, fund.standing.stop_at) == (1, 800, 900)
    assert fund.standing.may_draw == 900
