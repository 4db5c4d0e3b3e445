"""One occurrence called off: before and after it was published, and while it is being."""

from datetime import timedelta

import pytest
from school_world import look_again, states_of, tasks_of, today

from shared.errors import NotAllowed
from tasks import Occurrence, Task, call_off_occurrence
from tasks.publishing import WrongTaskState
from tasks.schedules.calling_off import OccurrenceNotFound
from tasks.schedules.publishing_ahead import publish_due, publish_schedule
from tests.racing import at_once


def noon_in(days):
    return f"{today() + timedelta(days=days)}.noon"


def test_what_is_not_published_yet_never_is(school):
    schedule = school.schedule()
    for _ in range(2):
        off = call_off_occurrence(schedule.id, noon_in(1), by=school.officer)
        assert (off.state, off.task_id, off.settled) == ("called_off", None, True)
    publish_due()
    assert noon_in(1) not in {
        one.occurrence for one in Occurrence.objects(state="published", schedule_id=schedule.id)
    }
    assert noon_in(2) in states_of(schedule)


def test_what_is_published_is_cancelled(school):
    schedule = school.schedule()
    publish_due()
    first = Occurrence.objects(state="published").order_by("starts_at").first()
    off = call_off_occurrence(schedule.id, first.occurrence, by=school.officer)
    assert off.task_id == first.task_id
    assert Task.objects.with_id(off.task_id).state == "cancelled"
    look_again()
    assert Task.objects.with_id(off.task_id).state == "cancelled"
    assert all(task.starts_at != first.starts_at for task in tasks_of(schedule))


def test_cut_off_before_the_task_was_cancelled_it_is_finished_later(school):
    schedule = school.schedule()
    publish_due()
    first = Occurrence.objects(state="published").first()
    changes = {"state": "called_off", "called_off_by": school.officer.person_id, "settled": False}
    Occurrence.objects(id=first.id).update_one(**{f"set__{k}": v for k, v in changes.items()})
    publish_due()
    assert Task.objects.with_id(first.task_id).state == "cancelled"
    assert Occurrence.objects.with_id(first.id).settled
    assert schedule.id == first.schedule_id


def test_called_off_while_it_is_published_it_does_not_stand(school):
    for _ in range(4):
        schedule = school.schedule(publish_ahead_days=2)
        off = noon_in(1)

        def act(number, schedule=schedule, off=off):
            if number == 0:
                return call_off_occurrence(schedule.id, off, by=school.officer)
            return publish_schedule(schedule)

        at_once(3, act)
        publish_due()
        assert states_of(schedule)[off] == "called_off"
        (record,) = Occurrence.objects(schedule_id=schedule.id, occurrence=off)
        standing = [task for task in tasks_of(schedule) if task.starts_at == record.starts_at]
        assert standing == []


def test_a_task_that_is_over_is_not_called_off(school):
    schedule = school.schedule()
    publish_due()
    first = Occurrence.objects(state="published").first()
    Task.objects(id=first.task_id).update_one(set__state="closed")
    with pytest.raises(WrongTaskState):
        call_off_occurrence(schedule.id, first.occurrence, by=school.officer)
    assert Occurrence.objects.with_id(first.id).state == "published"


@pytest.mark.parametrize(
    "name", ["", "noon", "2026-13-01.noon", "2020-01-01.noon", "x.noon", "../..", "2026-11-30"]
)
def test_what_is_not_planned_is_not_called_off(school, name):
    schedule = school.schedule()
    with pytest.raises(OccurrenceNotFound):
        call_off_occurrence(schedule.id, name, by=school.officer)
    assert Occurrence.objects.count() == 0


def test_strangers_call_nothing_off(school, volunteer):
    schedule = school.schedule()
    with pytest.raises(NotAllowed):
        call_off_occurrence(schedule.id, noon_in(1), by=volunteer())
