"""School calendars: kept per unit, read from the nearest, and followed by the publisher."""

from datetime import timedelta

import pytest
from school_world import officer_at, reloaded, tasks_of, today
from street import add_unit

from shared.clock import real_now
from shared.errors import NotAllowed
from shared.ids import new_id
from tasks import (
    SchoolCalendar,
    create_school_calendar,
    edit_school_calendar,
    school_calendars_of,
)
from tasks.schedules.publishing_ahead import publish_due
from tasks.schedules.school_days import (
    BadSpan,
    SchoolCalendarChanged,
    SchoolCalendarExists,
    SchoolCalendarNotFound,
)
from tests.racing import at_once


def year(**changes):
    """A school year around today, with every weekend day of this week taught."""
    days = [today() + timedelta(days=number) for number in range(8)]
    return {
        "name": "2026-2027",
        "terms": [span("上学期", -60, 60)],
        "holidays": [],
        "extra_days": days,
    } | changes


def span(name, first, last):
    first_day, last_day = (today() + timedelta(days=days) for days in (first, last))
    return {"name": name, "first_day": first_day, "last_day": last_day}


def test_the_same_calendar_again_is_the_same_and_another_is_refused(school):
    answers = at_once(
        4, lambda _: create_school_calendar(school.unit.id, year(), by=school.officer)
    )
    assert {getattr(one, "id", one) for one in answers} == {SchoolCalendar.objects.get().id}
    other = year(terms=[span("上学期", -60, 61)])
    with pytest.raises(SchoolCalendarExists):
        create_school_calendar(school.unit.id, other, by=school.officer)


def test_a_schedule_waits_for_its_calendar_and_follows_it(school):
    schedule = school.schedule(days="school_days")
    publish_due()
    assert tasks_of(schedule) == []
    assert reloaded(schedule).look_at > real_now()
    create_school_calendar(school.unit.id, year(), by=school.officer)
    publish_due()
    assert tasks_of(schedule)


def test_a_unit_reads_its_own_calendar_else_the_nearest_above(school):
    town = school.town
    above = create_school_calendar(
        town.district.id, year(name="区校历"), by=officer_at(town.district)
    )
    grid = add_unit("一中", "grid", school.unit)
    assert [one.id for one in school_calendars_of(grid.id)] == [above.id]
    own = create_school_calendar(grid.id, year(name="本校"), by=school.officer)
    assert [one.id for one in school_calendars_of(grid.id)] == [own.id]
    assert [one.id for one in school_calendars_of(school.unit.id)] == [above.id]


def test_a_change_needs_the_version_seen_and_lets_schedules_look_again(school):
    calendar = create_school_calendar(school.unit.id, year(), by=school.officer)
    schedule = school.schedule(days="school_days")
    publish_due()
    changes = {"holidays": [span("运动会", 0, 1)]}
    edited = edit_school_calendar(calendar.id, changes, version=1, by=school.officer)
    assert (edited.version, edited.holidays[0].name, edited.name) == (2, "运动会", "2026-2027")
    assert reloaded(schedule).look_at <= real_now()
    with pytest.raises(SchoolCalendarChanged):
        edit_school_calendar(calendar.id, changes, version=1, by=school.officer)
    with pytest.raises(SchoolCalendarNotFound):
        edit_school_calendar(new_id(), changes, version=1, by=school.officer)


def test_two_calendars_of_a_unit_cannot_take_one_name(school):
    create_school_calendar(school.unit.id, year(), by=school.officer)
    other = create_school_calendar(school.unit.id, year(name="2027-2028"), by=school.officer)
    with pytest.raises(SchoolCalendarExists):
        edit_school_calendar(other.id, {"name": "2026-2027"}, version=1, by=school.officer)


@pytest.mark.parametrize(
    "changes",
    [
        {"terms": [span("倒", 5, 4)]},
        {"holidays": [span("倒", 5, 4)]},
        {"terms": [span("长", 0, 1_200)]},
    ],
)
def test_a_calendar_that_makes_no_sense_is_refused(school, changes):
    with pytest.raises(BadSpan):
        create_school_calendar(school.unit.id, year(**changes), by=school.officer)


def test_strangers_keep_no_calendar(school, volunteer):
    with pytest.raises(NotAllowed):
        create_school_calendar(school.unit.id, year(), by=volunteer())
