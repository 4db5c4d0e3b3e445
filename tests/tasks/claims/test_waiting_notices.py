"""Who waits sleeps at night, and hears how the waiting ended."""

from datetime import UTC, datetime, timedelta

import pytest

from notices import Notice
from tasks import (
    Participation,
    cancel_task,
    claim_task,
    give_up_participation,
    join_waiting_list,
    task_of,
)
from tasks.claims import promoting
from tasks.claims.waiting import expire_offers, tend_waiting
from tasks.slots import free_slot

# Half past three in the morning in Fuzhou.
AT_NIGHT = datetime(2035, 3, 2, 19, 30, tzinfo=UTC)
MORNING = datetime(2035, 3, 2, 23, 0, tzinfo=UTC)


def names_told(actor):
    return [one.name for one in Notice.objects(person_id=actor.person_id).order_by("id")]


@pytest.fixture
def line(published, volunteer):
    """A full task that begins at a moment, its claim, who holds it, and one who waits."""

    def make(starts_at=None):
        task = published(slots=1)
        times = (
            {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=2)} if starts_at else {}
        )
        holder, waiter = volunteer(), volunteer()
        taken = claim_task(task.id, position=None, by=holder)
        place = join_waiting_list(task.id, position=None, by=waiter)
        if times:
            changes = {f"set__{name}": moment for name, moment in times.items()}
            Participation.objects(task_id=task.id).update(**changes)
            type(task).objects(id=task.id).update_one(**changes)
        return task, taken, holder, place, waiter

    return make


@pytest.mark.parametrize(
    ("hours_after_morning", "until"),
    [
        (72, MORNING + timedelta(minutes=15)),
        (1.25, MORNING + timedelta(minutes=15)),
        (1, AT_NIGHT + timedelta(minutes=15)),
    ],
)
def test_a_slot_freed_at_night_is_kept_until_people_are_up_where_there_is_time(
    line, monkeypatch, hours_after_morning, until
):
    task, taken, holder, place, _ = line(MORNING + timedelta(hours=hours_after_morning))
    monkeypatch.setattr(promoting, "real_now", lambda: AT_NIGHT)
    give_up_participation(taken.id, by=holder)
    assert Participation.objects.get(id=place.id).offered_until == until
    assert task_of(task.id).claims[0].offered_until == until


def test_whose_offer_lapsed_is_told_once_and_has_no_mark(line):
    _, taken, holder, place, waiter = line()
    give_up_participation(taken.id, by=holder)
    past = datetime(2020, 1, 1, tzinfo=UTC)
    Participation.objects(id=place.id).update_one(set__offered_until=past)
    assert expire_offers() == 1
    ended = Participation.objects.get(id=place.id)
    free_slot(ended)
    assert (ended.state, ended.missed) == ("lapsed", False)
    assert names_told(waiter) == ["slot_offered", "offer_lapsed"]


def test_who_waits_hears_that_the_task_was_called_off_once(town, line):
    task, _, holder, place, waiter = line()
    cancel_task(task.id, by=town.officer)
    assert tend_waiting() == 1
    free_slot(Participation.objects.get(id=place.id))
    assert names_told(waiter) == names_told(holder) == ["task_called_off"]


def test_who_had_an_offer_hears_of_the_calling_off_alone(town, line):
    task, taken, holder, _, waiter = line()
    give_up_participation(taken.id, by=holder)
    cancel_task(task.id, by=town.officer)
    assert tend_waiting() == 1
    assert names_told(waiter) == ["slot_offered", "task_called_off"]


def test_who_leaves_the_line_is_told_nothing(line):
    _, _, _, place, waiter = line()
    give_up_participation(place.id, by=waiter)
    assert names_told(waiter) == []
