"""Fixtures for tests of schedules: an officer who is a person, schedules of the street."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from street import content

from people import Actor, Held, Membership, Person, Role
from shared.clock import now, real_now
from shared.ids import new_id, random_id
from tasks import Occurrence, Schedule, Task, create_schedule
from tasks.schedules.publishing_ahead import publish_due
from tasks.schedules.scheduling import business_zone


def officer_at(unit):
    """A centre officer of the unit who is a person as well."""
    held = Membership(role=Role.CENTRE_OFFICER, unit_id=unit.id, since=now(), is_home=True)
    person = Person(id=random_id(), memberships=[held]).save()
    return Actor(person.id, "s", (Held(Role.CENTRE_OFFICER, unit.id),))


def today():
    """Today in the business time zone."""
    return now().astimezone(business_zone()).date()


def wanted(**changes):
    """A schedule: every day from tomorrow on at noon, from a quarter of an hour before."""
    whole = content()
    del whole["starts_at"], whole["ends_at"]
    return {
        "content": whole | changes.pop("content", {}),
        "rule": "FREQ=DAILY",
        "starts_on": today() + timedelta(days=1),
        "ends_on": None,
        "times": [{"name": "noon", "at": "12:00", "minutes_before": 15, "duration_minutes": 60}],
        "days": "every_day",
        "dates_left_out": [],
        "extra_dates": [],
        "publish_ahead_days": 3,
        "active": True,
    } | changes


@pytest.fixture
def school(town):
    """The street as a school: its officer, and how it makes schedules."""
    officer = officer_at(town.street)

    def schedule(*, key=None, **changes):
        made = wanted(**changes)
        return create_schedule(town.street.id, made, key=key or new_id(), by=officer)

    return SimpleNamespace(unit=town.street, officer=officer, schedule=schedule, town=town)


def tasks_of(schedule, state="published"):
    """The tasks that a schedule has in this state, by their start."""
    return list(Task.objects(schedule_id=schedule.id, state=state).order_by("starts_at"))


def reloaded(schedule):
    """The schedule as it stands now."""
    return Schedule.objects.with_id(schedule.id)


def look_again():
    """Publish as the timetable will once every schedule is due again."""
    Schedule.objects.update(set__look_at=real_now())
    return publish_due()


def states_of(schedule):
    """Occurrence → state, of those that have a record."""
    found = Occurrence.objects(schedule_id=schedule.id).order_by("starts_at")
    return {one.occurrence: one.state for one in found}
