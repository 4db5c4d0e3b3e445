"""Levels from verified work."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from honours.levels.levelling import first_that_falls, level_for, missing_to_next
from honours.levels.standard_levels import STANDARD_LEVELS

PURE = True


@dataclass(frozen=True)
class Line:
    least_hours: int
    least_weeks: int


LINES = [Line(1, 1), Line(10, 3), Line(40, 8)]
SECONDS, WEEKS = st.integers(0, 200 * 3600), st.integers(0, 30)
TABLES = st.lists(
    st.tuples(st.integers(0, 50), st.integers(0, 10)), min_size=1, max_size=8, unique=True
).map(lambda steps: _rising(steps))


def _rising(steps):
    lines, hours, weeks = [], 0, 0
    for more_hours, more_weeks in steps:
        hours, weeks = hours + more_hours + 1, weeks + more_weeks
        lines.append(Line(hours, weeks))
    return lines


def test_a_level_asks_for_hours_and_weeks_both():
    assert level_for(LINES, seconds=0, weeks=0) == 0
    assert level_for(LINES, seconds=3599, weeks=9) == 0
    assert level_for(LINES, seconds=3600, weeks=1) == 1
    assert level_for(LINES, seconds=100 * 3600, weeks=2) == 1
    assert level_for(LINES, seconds=100 * 3600, weeks=3) == 2
    assert level_for(LINES, seconds=40 * 3600, weeks=8) == 3


def test_what_is_missing_is_said_until_the_highest():
    missing = missing_to_next(LINES, seconds=9 * 3600, weeks=1)
    assert missing == (2, 3600, 2)
    assert missing_to_next(LINES, seconds=40 * 3600, weeks=8) is None


@given(TABLES, SECONDS, WEEKS, SECONDS, WEEKS)
def test_more_work_never_lowers_a_level(lines, seconds, weeks, more_s, more_weeks):
    before = level_for(lines, seconds=seconds, weeks=weeks)
    assert level_for(lines, seconds=seconds + more_s, weeks=weeks + more_weeks) >= before


@given(TABLES, SECONDS, WEEKS)
def test_doing_exactly_what_is_missing_reaches_the_next_level(lines, seconds, weeks):
    missing = missing_to_next(lines, seconds=seconds, weeks=weeks)
    if missing is None:
        assert level_for(lines, seconds=seconds, weeks=weeks) == len(lines)
    else:
        assert missing.seconds > 0 or missing.weeks > 0
        then = level_for(lines, seconds=seconds + missing.seconds, weeks=weeks + missing.weeks)
        assert then >= missing.level


@given(TABLES, SECONDS, WEEKS)
def test_it_is_the_number_of_lines_reached(lines, seconds, weeks):
    reached = [
        line for line in lines if seconds >= line.least_hours * 3600 and weeks >= line.least_weeks
    ]
    assert level_for(lines, seconds=seconds, weeks=weeks) == len(reached)


def test_a_table_must_rise_in_something_and_fall_in_nothing():
    def falls(*pairs):
        return first_that_falls([{"least_hours": h, "least_weeks": w} for h, w in pairs])

    assert falls((0, 0), (1, 0), (1, 1)) is None
    assert falls((1, 1), (1, 1)) == 1
    assert falls((1, 1), (2, 2), (3, 1)) == 2
    assert falls((2, 1), (1, 5)) == 1


def test_the_standard_table_rises():
    assert first_that_falls(list(STANDARD_LEVELS)) is None
