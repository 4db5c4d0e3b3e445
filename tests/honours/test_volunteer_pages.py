"""A volunteer's own page."""

from datetime import UTC, datetime, timedelta

import pytest

from fixtures.factories import a_resident, a_town
from honours import freeze_week, put_levels, recount_person, volunteer_page
from shared.clock import pretending
from tasks import STANDARD_KINDS, put_task_kind
from tests.worked import withdraw, work

# A Thursday.
TODAY = datetime(2026, 11, 19, 4, tzinfo=UTC)
LINES = [
    {"name": {"en": "One", "zh": "一"}, "least_hours": 2, "least_weeks": 1},
    {"name": {"en": "Two", "zh": "二"}, "least_hours": 10, "least_weeks": 5},
]


@pytest.fixture
def town(prepared):
    town = a_town()
    put_levels(LINES, version=0, why="试行", by=town.admin)
    return town


@pytest.fixture
def resident(town):
    return a_resident()


def page_of(actor):
    with pretending(TODAY):
        return volunteer_page(by=actor)


def test_before_the_first_work_it_is_empty_and_says_what_is_next(resident):
    page = page_of(resident)
    assert (page.service.count, page.service.level, page.counted_at) == (0, 0, None)
    assert page.level_name is None
    assert page.next_level[:4] == (1, {"en": "One", "zh": "一"}, 7200, 1)
    assert (page.streak.now, page.streak.best, page.bests, page.kinds) == (0, 0, [], [])
    assert page.freezes == ([], 4, 4)


def test_it_shows_figures_level_streak_and_bests(town, resident):
    for weeks in range(3):
        starts_at = TODAY - timedelta(weeks=weeks)
        done = work(resident, town.street, starts_at=starts_at, hours=1 + weeks, km=weeks)
    recount_person(resident.person_id)
    page = page_of(resident)
    assert (page.service.hours, page.service.kilometres, page.service.coins) == (6.0, 3.0, 300)
    assert (page.service.level, page.level_name) == (1, {"en": "One", "zh": "一"})
    assert page.next_level[:4] == (2, {"en": "Two", "zh": "二"}, 4 * 3600, 2)
    assert (page.streak.now, page.streak.best, page.streak.is_kept_this_week) == (3, 3, True)
    assert page.bests[0] == {
        "name": "longest_walk",
        "value": 2000.0,
        "unit": "metres",
        "about": done,
    }
    assert [(one["kind"], one["count"]) for one in page.kinds] == [("patrol", 3)]
    withdraw(done)
    recount_person(resident.person_id)
    assert page_of(resident).service.hours == 3.0


def test_a_broken_streak_is_told_by_its_best_alone(town, resident):
    for weeks in (5, 6, 7):
        work(resident, town.street, starts_at=TODAY - timedelta(weeks=weeks))
    recount_person(resident.person_id)
    assert page_of(resident).streak == (0, 3, False, "", None)


def test_a_frozen_week_keeps_it(town, resident):
    for weeks in (2, 3):
        work(resident, town.street, starts_at=TODAY - timedelta(weeks=weeks))
    recount_person(resident.person_id)
    streak = page_of(resident).streak
    assert (streak.now, streak.to_rescue) == (2, "2026-W46")
    with pretending(TODAY):
        freeze_week("2026-W46", by=resident)
    page = page_of(resident)
    assert (page.streak.now, page.streak.to_rescue) == (2, "")
    assert page.freezes == (["2026-W46"], 3, 4)


def test_the_kinds_that_the_next_level_opens_are_those_of_the_tasks(town, resident):
    drill = {**STANDARD_KINDS["drill"], "least_level": 1}
    put_task_kind("drill", drill, version=1, by=town.admin)
    assert page_of(resident).next_level.opens_kinds == ["drill"]


def test_on_the_highest_level_nothing_is_missing(town, resident):
    for weeks in range(5):
        work(resident, town.street, starts_at=TODAY - timedelta(weeks=weeks), hours=3)
    recount_person(resident.person_id)
    page = page_of(resident)
    assert (page.service.level, page.next_level) == (2, None)


def test_a_table_that_became_shorter_breaks_no_page(town, resident):
    for weeks in range(5):
        work(resident, town.street, starts_at=TODAY - timedelta(weeks=weeks), hours=3)
    recount_person(resident.person_id)
    put_levels(LINES[:1], version=1, why="简化", by=town.admin)
    page = page_of(resident)
    assert (page.service.level, page.level_name, page.next_level) == (2, None, None)
