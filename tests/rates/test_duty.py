"""Duty: a paid member's hours earn nothing where the rates do not say otherwise."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from rates import RateCard, RateLine, duty_of, falls_on_duty, terms_of
from rates.rate_card import DutyHours

PURE = True

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 11, 23, tzinfo=ZONE)
OFFICE = DutyHours(weekdays=[1, 2, 3, 4, 5], from_minute=8 * 60, until_minute=18 * 60)


def terms(paid_on_duty=False, **card):
    line = RateLine(kind="patrol", base=1, per_hour=0, minimum=1, paid_on_duty=paid_on_duty)
    return terms_of([RateCard(id="c", unit_id="u", lines=[line], **card)])


def on_duty(said, hour, hours=2, day=MONDAY, is_ordered=False):
    starts_at = day + timedelta(hours=hour)
    ends_at = starts_at + timedelta(hours=hours)
    return falls_on_duty(said, starts_at, ends_at, is_ordered=is_ordered, zone=ZONE)


def test_where_no_card_says_it_orders_are_the_duty_of_those_paid_for_the_streets():
    said = duty_of(terms(), "patrol")
    assert "grid_member" in said["roles"]
    assert "resident" not in said["roles"]
    assert on_duty(said, 9, is_ordered=True)
    assert not on_duty(said, 9)


def test_a_line_may_pay_for_duty_and_a_card_may_know_no_paid_roles():
    assert duty_of(terms(paid_on_duty=True), "patrol") == {}
    assert duty_of(terms(paid_roles=[]), "patrol") == {}
    assert not on_duty({}, 9, is_ordered=True)


@pytest.mark.parametrize(
    ("hour", "hours", "day", "expected"),
    [
        (9, 2, MONDAY, True),
        (6, 2, MONDAY, False),
        (6, 3, MONDAY, True),
        (18, 2, MONDAY, False),
        (9, 2, MONDAY + timedelta(days=5), False),
        # From Sunday evening into Monday morning.
        (22, 11, MONDAY - timedelta(days=1), True),
    ],
)
def test_what_shares_a_minute_with_the_hours_is_duty(hour, hours, day, expected):
    said = duty_of(terms(paid_roles=["grid_member"], duty_hours=[OFFICE]), "patrol")
    assert on_duty(said, hour, hours, day) == expected
