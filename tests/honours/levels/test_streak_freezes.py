"""Freezing weeks of one's own streak."""

from datetime import UTC, datetime, timedelta

import pytest

from fixtures.factories import a_resident, a_town
from honours import freeze_week, recount_person
from honours.calendar_weeks import BadWeek, week_later
from honours.count_mark import DueCount
from honours.levels.streak_freezes import (
    NoFreezeLeft,
    WeekHasWork,
    WeekNotFreezable,
    frozen_weeks_of,
)
from honours.levels.streaks import FREEZES_A_YEAR
from shared.clock import pretending
from tests.racing import at_once
from tests.worked import work

# Sunday evening there; an hour later it is Monday of the next week.
SUNDAY = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
THIS = "2026-W47"


@pytest.fixture
def resident(prepared):
    a_town()
    return a_resident()


def freeze(week, actor, *, at=SUNDAY):
    with pretending(at):
        return freeze_week(week, by=actor)


def test_a_week_is_frozen_once_and_repeating_changes_nothing(resident):
    assert freeze(THIS, resident) == [THIS]
    assert freeze(THIS, resident) == [THIS]
    assert freeze("2026-W49", resident) == [THIS, "2026-W49"]
    assert frozen_weeks_of(a_resident().person_id) == []


def test_the_week_just_past_until_the_sunday_after_it(resident):
    assert freeze("2026-W46", resident) == ["2026-W46"]
    with pytest.raises(WeekNotFreezable):
        freeze("2026-W45", resident)
    with pytest.raises(WeekNotFreezable):
        freeze("2026-W46", a_resident(), at=SUNDAY + timedelta(hours=1))
    # What was frozen in time is still answered.
    assert freeze("2026-W46", resident, at=SUNDAY + timedelta(hours=1)) == ["2026-W46"]


def test_too_far_ahead_and_no_week_at_all_are_refused(resident):
    assert freeze(week_later(THIS, 12), resident)
    with pytest.raises(WeekNotFreezable):
        freeze(week_later(THIS, 13), resident)
    with pytest.raises(BadWeek):
        freeze("2026-W60", resident)


def test_so_many_a_year_and_the_new_year_has_its_own(resident):
    for ahead in range(FREEZES_A_YEAR):
        freeze(week_later(THIS, ahead), resident)
    with pytest.raises(NoFreezeLeft) as refusal:
        freeze(week_later(THIS, FREEZES_A_YEAR), resident)
    assert refusal.value.facts == {"most": FREEZES_A_YEAR, "year": 2026}
    assert "2027-W01" in freeze("2027-W01", resident)


def test_a_week_that_counts_already_needs_none(resident):
    work(resident, a_town().street, starts_at=SUNDAY - timedelta(days=2))
    recount_person(resident.person_id)
    with pytest.raises(WeekHasWork):
        freeze(THIS, resident)
    assert frozen_weeks_of(resident.person_id) == []


def test_many_wishes_at_once_never_take_more_than_there_are(resident):
    got = at_once(8, lambda number: freeze(week_later(THIS, number % 6 - 1), resident))
    refused = [one for one in got if isinstance(one, Exception)]
    assert all(isinstance(one, NoFreezeLeft) for one in refused), got
    weeks = frozen_weeks_of(resident.person_id)
    assert len(weeks) == len(set(weeks)) == FREEZES_A_YEAR


def test_badges_are_looked_at_again_after_it(resident):
    freeze(THIS, resident)
    assert DueCount.objects.with_id(resident.person_id) is not None
