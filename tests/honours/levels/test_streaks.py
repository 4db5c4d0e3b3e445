"""Weekly streaks: what keeps one, what breaks it, what it forgives."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honours.calendar_weeks import iso_year_of, monday_of, week_later, week_of
from honours.levels.streaks import (
    FREEZES_A_YEAR,
    WEEKS_AHEAD_MAX,
    freezes_left,
    may_freeze,
    runs_of,
    streak_of,
)

PURE = True

# A Wednesday.
TODAY = date(2026, 11, 18)
THIS = week_of(TODAY)


def back(*weeks):
    """The weeks so many before this one."""
    return [week_later(THIS, -one) for one in weeks]


WEEKS = st.sets(st.integers(-1, 80).map(lambda one: week_later(THIS, -one)), max_size=50)
FROZEN = st.sets(st.integers(-8, 80).map(lambda one: week_later(THIS, -one)), max_size=8)


def test_weeks_in_a_row_are_a_streak():
    streak = streak_of(back(3, 2, 1, 0), [], today=TODAY)
    assert (streak.now, streak.best, streak.is_kept_this_week) == (4, 4, True)
    assert (streak.to_rescue, streak.rescue_until) == ("", None)


def test_the_week_that_still_runs_breaks_nothing():
    streak = streak_of(back(2, 1), [], today=TODAY)
    assert (streak.now, streak.is_kept_this_week, streak.to_rescue) == (2, False, "")


def test_a_frozen_week_neither_counts_nor_breaks():
    assert streak_of(back(4, 3, 1, 0), back(2), today=TODAY).now == 4
    assert streak_of(back(4, 3), back(2, 1, 0), today=TODAY).now == 2


def test_a_week_missed_ends_it_and_the_best_stays():
    streak = streak_of(back(9, 8, 7, 6, 2), [], today=TODAY)
    assert (streak.now, streak.best) == (1, 4)
    gone = streak_of(back(9, 8, 7), [], today=TODAY)
    assert (gone.now, gone.best) == (0, 3)


def test_the_week_just_past_can_be_frozen_until_the_sunday_after_it():
    worked, sunday = back(3, 2), date(2026, 11, 22)
    streak = streak_of(worked, [], today=TODAY)
    assert (streak.now, streak.to_rescue, streak.rescue_until) == (2, *back(1), sunday)
    assert streak_of(worked, [], today=sunday).now == 2
    assert streak_of(worked, [], today=sunday + timedelta(days=1)).now == 0
    assert streak_of(worked, back(1), today=sunday + timedelta(days=1)).now == 2


def test_who_has_no_freeze_left_cannot_be_promised_a_rescue():
    frozen = back(20, 19, 18, 17)
    assert streak_of(back(3, 2), frozen, today=TODAY)[:1] == (0,)


def test_a_streak_goes_on_over_new_year():
    worked = ["2026-W52", "2026-W53", "2027-W01"]
    assert streak_of(worked, [], today=date(2027, 1, 5)).now == 3


@pytest.mark.parametrize(
    ("ahead", "may"),
    [(-2, False), (-1, True), (0, True), (1, True), (WEEKS_AHEAD_MAX, True), (13, False)],
)
def test_which_weeks_may_be_frozen(ahead, may):
    for day in (monday_of(THIS), monday_of(THIS) + timedelta(days=6)):
        assert may_freeze(week_later(THIS, ahead), today=day) is may


def test_so_many_weeks_a_year_and_no_more():
    assert freezes_left([], 2026) == FREEZES_A_YEAR
    assert freezes_left(["2026-W53", "2027-W01"], 2027) == FREEZES_A_YEAR - 1
    assert freezes_left([f"2026-W{week:02d}" for week in range(1, 20)], 2026) == 0


@given(WEEKS, FROZEN)
def test_runs_hold_every_week_worked_once_and_in_order(worked, frozen):
    runs = runs_of(worked, frozen)
    assert [week for run in runs for week in run] == sorted(worked)
    assert all(runs)


@given(WEEKS, FROZEN)
def test_it_is_what_going_through_the_weeks_one_by_one_says(worked, frozen):
    """Week by week: worked goes on, frozen waits, anything else ends it."""
    run, best = 0, 0
    week = week_later(THIS, -90)
    while week <= THIS:
        if week in worked:
            run, best = run + 1, max(best, run + 1)
        elif week not in frozen and week < THIS:
            before, run = run, 0
            saved = freezes_left(frozen, iso_year_of(week)) > 0
            if week == week_later(THIS, -1) and saved:
                run = before
        week = week_later(week, 1)
    streak = streak_of(worked, frozen, today=TODAY)
    # What was worked this week after a miss that could be forgiven begins anew until it is.
    missed = week_later(THIS, -1) not in worked | frozen
    if not (missed and THIS in worked):
        assert streak.now == run
    assert streak.best >= streak.now - bool(streak.to_rescue)
    assert streak.best <= len([one for one in worked if one <= THIS])


@given(WEEKS, FROZEN, st.integers(0, 80))
def test_one_more_week_of_work_never_makes_a_streak_shorter(worked, frozen, extra):
    more = worked | {week_later(THIS, -extra)}
    before, after = (streak_of(one, frozen, today=TODAY) for one in (worked, more))
    assert after.best >= before.best
    if not before.to_rescue:
        assert after.now >= before.now


@given(WEEKS, FROZEN, st.integers(-3, 80))
def test_freezing_never_makes_the_best_smaller(worked, frozen, extra):
    more = frozen | {week_later(THIS, -extra)}
    assert streak_of(worked, more, today=TODAY).best >= streak_of(worked, frozen, today=TODAY).best
