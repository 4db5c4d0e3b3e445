"""Schedules made and changed, each refusal, and the preview of what they plan."""

from datetime import date, timedelta

import pytest
from school_world import reloaded, tasks_of, today, wanted

from shared.errors import Invalid, NotAllowed
from shared.ids import new_id
from tasks import (
    Schedule,
    call_off_occurrence,
    create_schedule,
    edit_schedule,
    managed_schedule,
    preview_of,
    schedules_of_unit,
)
from tasks.draft_content import ClaimDistanceMissing
from tasks.schedules.publishing_ahead import publish_due
from tasks.schedules.rules import BadRule
from tasks.schedules.scheduling import (
    BadPreview,
    BadScheduleDays,
    NameTwice,
    ScheduleChanged,
    ScheduleKeyReused,
    ScheduleNotFound,
)
from tests.racing import at_once

NOON = {"name": "noon", "at": "12:00", "minutes_before": 0, "duration_minutes": 60}


def preview(schedule, school, since=None, until=None):
    return preview_of(schedule.id, since=since, until=until, by=school.officer)


class TestMaking:
    def test_the_same_key_again_makes_no_second(self, school):
        key, made = new_id(), wanted()
        answers = at_once(
            5, lambda _: create_schedule(school.unit.id, made, key=key, by=school.officer)
        )
        assert {getattr(one, "id", one) for one in answers} == {Schedule.objects.get().id}
        with pytest.raises(ScheduleKeyReused):
            school.schedule(key=key, rule="FREQ=WEEKLY")

    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            ({"rule": "FREQ=HOURLY"}, BadRule),
            ({"ends_on": date(2001, 1, 1)}, BadScheduleDays),
            ({"ends_on": date(2090, 1, 1)}, BadScheduleDays),
            ({"times": [NOON, NOON]}, NameTwice),
            ({"content": {"claim_within_m": 100}}, ClaimDistanceMissing),
            ({"content": {"kind": "no_such_kind"}}, Invalid),
            ({"content": {"area": {"shape": "circle"}}}, Invalid),
            ({"content": {"checks": [{"check": "no_such_check"}]}}, Invalid),
        ],
    )
    def test_what_could_not_be_published_is_refused_at_once(self, school, changes, refusal):
        with pytest.raises(refusal):
            school.schedule(**changes)
        assert Schedule.objects.count() == 0

    def test_only_the_units_officers_make_and_see_it(self, school, volunteer):
        stranger = volunteer()
        with pytest.raises(NotAllowed):
            create_schedule(school.unit.id, wanted(), key=new_id(), by=stranger)
        schedule = school.schedule()
        with pytest.raises(NotAllowed):
            managed_schedule(schedule.id, stranger)
        with pytest.raises(ScheduleNotFound):
            managed_schedule(new_id(), school.officer)
        listed = schedules_of_unit(school.unit.id, before_id=None, limit=9, by=school.officer)
        assert [one.id for one in listed] == [schedule.id]


class TestChanging:
    def test_of_two_changes_of_one_version_one_counts(self, school):
        schedule = school.schedule()
        answers = at_once(
            2,
            lambda number: edit_schedule(
                schedule.id, {"publish_ahead_days": 10 + number}, version=1, by=school.officer
            ),
        )
        assert sorted(type(one).__name__ for one in answers) == ["Schedule", "ScheduleChanged"]
        assert reloaded(schedule).version == 2
        with pytest.raises(ScheduleChanged) as refusal:
            edit_schedule(schedule.id, {}, version=1, by=school.officer)
        assert refusal.value.facts == {"version": 2}

    def test_what_is_left_out_stays(self, school):
        schedule = school.schedule(dates_left_out=[today() + timedelta(days=2)])
        edited = edit_schedule(schedule.id, {"active": False}, version=1, by=school.officer)
        same = ("content", "rule", "starts_on", "ends_on", "days", "dates_left_out")
        assert [edited[name] for name in same] == [schedule[name] for name in same]
        assert (edited.times[0].at, edited.active) == ("12:00", False)

    def test_a_change_that_makes_no_sense_is_refused(self, school):
        schedule = school.schedule()
        with pytest.raises(BadRule):
            edit_schedule(schedule.id, {"rule": "x"}, version=1, by=school.officer)
        assert reloaded(schedule).version == 1


class TestPreview:
    def test_it_shows_what_is_planned_published_and_called_off(self, school):
        schedule = school.schedule(publish_ahead_days=2)
        publish_due()
        published = {task.id for task in tasks_of(schedule)}
        off = (today() + timedelta(days=5)).isoformat() + ".noon"
        call_off_occurrence(schedule.id, off, by=school.officer)
        shown = preview(schedule, school, until=today() + timedelta(days=6)).items
        assert len(shown) == 6
        states = {one.occurrence: one.state for one in shown}
        assert states[off] == "called_off"
        assert {one.task_id for one in shown if one.state == "published"} == published
        assert list(states.values())[-1] == "planned"

    def test_what_was_published_is_shown_although_the_rule_has_changed(self, school):
        schedule = school.schedule(publish_ahead_days=2)
        publish_due()
        count = len(tasks_of(schedule))
        later = {"starts_on": today() + timedelta(days=90)}
        edit_schedule(schedule.id, later, version=1, by=school.officer)
        shown = preview(schedule, school).items
        assert [one.state for one in shown] == ["published"] * count

    def test_days_that_are_a_guess_are_said_to_be(self, school):
        far = date(today().year + 3, 1, 1)
        schedule = school.schedule(days="working_days")
        shown = preview(schedule, school, since=far, until=far + timedelta(days=9))
        assert shown.notes == ["holidays_unknown"]
        assert {one.note for one in shown.items} == {"holidays_unknown"}
        none = preview(school.schedule(days="school_days"), school)
        assert (none.items, none.notes) == ([], ["no_school_calendar"])

    @pytest.mark.parametrize("days", [-1, 93])
    def test_a_span_has_bounds(self, school, days):
        schedule = school.schedule()
        with pytest.raises(BadPreview):
            preview(schedule, school, since=today(), until=today() + timedelta(days=days))
