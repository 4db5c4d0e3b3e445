"""The sum of work, and the bests in it, against plain loops."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honours.bests import bests_of, news_of
from honours.tally import OTHER_KIND, tally_of

PURE = True

ZONE = ZoneInfo("Asia/Shanghai")
NEW_YEAR = datetime(2026, 12, 30, 10, tzinfo=UTC)


class Done(NamedTuple):
    participation_id: str
    unit_id: str
    kind: str
    starts_at: datetime
    worked_s: int
    worked_m: float
    coins: int


def done(number=1, *, unit="a", kind="patrol", at=NEW_YEAR, seconds=3600, metres=1000.0, coins=10):
    return Done(f"p{number:03d}", unit, kind, at, seconds, metres, coins)


WORK = st.lists(
    st.builds(
        done,
        st.integers(0, 999),
        unit=st.sampled_from(["a", "b", "c"]),
        kind=st.sampled_from(["patrol", "care_visit", ""]),
        at=st.integers(0, 1_000_000).map(lambda minutes: NEW_YEAR - timedelta(minutes=minutes)),
        seconds=st.integers(0, 50_000),
        metres=st.floats(0, 50_000),
        coins=st.integers(0, 500),
    ),
    max_size=30,
    unique_by=lambda one: one.participation_id,
)


def test_days_and_weeks_are_those_of_the_business_time_zone():
    late = datetime(2027, 1, 3, 17, tzinfo=UTC)  # 1 o'clock on Monday, there
    tally = tally_of([done(1), done(2), done(3, at=late)], ZONE)
    assert (tally.weeks, tally.days) == (["2026-W53", "2027-W01"], 2)
    assert (tally.first_at, tally.last_at) == (NEW_YEAR, late)


def test_nothing_done_is_nothing():
    tally = tally_of([], ZONE)
    assert (tally.count, tally.seconds, tally.metres, tally.weeks) == (0, 0, 0.0, [])
    assert (tally.first_at, tally.last_at) == (None, None)


@given(WORK)
def test_the_sums_are_those_of_a_plain_loop(work):
    tally = tally_of(work, ZONE)
    count = seconds = coins = 0
    for one in work:
        count, seconds, coins = count + 1, seconds + one.worked_s, coins + one.coins
    assert (tally.count, tally.seconds, tally.coins) == (count, seconds, coins)
    assert tally.metres == pytest.approx(sum(one.worked_m for one in work))
    for name in ("count", "seconds"):
        assert sum(kind[name] for kind in tally.kinds.values()) == getattr(tally, name)
    assert sum(tally.unit_ids.values()) == count
    assert "" not in tally.kinds
    assert (OTHER_KIND in tally.kinds) == any(not one.kind for one in work)
    assert len(tally.weeks) <= tally.days <= count


@given(WORK, st.randoms())
def test_the_order_it_comes_in_does_not_matter(work, random):
    mixed = list(work)
    random.shuffle(mixed)
    assert tally_of(mixed, ZONE) == tally_of(work, ZONE)
    assert bests_of(mixed, ZONE) == bests_of(work, ZONE)


@given(WORK)
def test_a_best_is_reached_by_nothing_else(work):
    bests = bests_of(work, ZONE)
    longest = max((one.worked_m for one in work), default=0)
    assert bests.get("longest_walk", {}).get("value", 0) == longest
    weeks = {}
    for one in work:
        week = "{}-W{:02d}".format(*one.starts_at.astimezone(ZONE).isocalendar())
        weeks[week] = weeks.get(week, 0) + one.worked_s
    most = max(weeks.values(), default=0)
    assert bests.get("most_in_week", {}).get("value", 0) == most
    if most:
        about = bests["most_in_week"]["about"]
        assert about == min(week for week, seconds in weeks.items() if seconds == most)


def test_months_are_those_of_the_business_time_zone():
    last_hours = datetime(2026, 12, 31, 17, tzinfo=UTC)
    bests = bests_of([done(1, at=last_hours)], ZONE)
    assert bests["most_in_month"] == {"value": 3600, "about": "2027-01"}
    assert bests_of([done(1, seconds=0, metres=0.0)], ZONE) == {}


def test_news_is_a_higher_value_of_something_else_than_before():
    def best(value, about):
        return {"longest_walk": {"value": value, "about": about}}

    assert news_of(best(2, "b"), {}) == []
    assert news_of(best(2, "b"), best(1, "a")) == ["longest_walk"]
    assert news_of(best(2, "a"), best(1, "a")) == []
    assert news_of(best(1, "b"), best(2, "a")) == []
    assert news_of({}, best(2, "a")) == []
