"""Past work: what is verified counts, and nothing else does."""

from datetime import UTC, datetime, timedelta

from shared.clock import real_now
from tasks import (
    Participation,
    Verdict,
    count_verified_work,
    past_tasks,
    people_settled_between,
    verified_work,
)
from tasks.paying import counted_work
from tests.worked import past_task, withdraw, work

DAY = datetime(2026, 11, 20, 11, tzinfo=UTC)
WEEK = timedelta(days=7)


def test_verified_work_comes_in_the_order_it_began(town, volunteer):
    person = volunteer()
    later = work(person, town.street, starts_at=DAY + WEEK, hours=1.5, km=2.25, coins=70)
    earlier = work(person, town.street, starts_at=DAY, kind="training")
    found = list(verified_work(person_id=person.person_id))
    assert [one.participation_id for one in found] == [earlier, later]
    last = found[-1]
    assert (last.kind, last.worked_s, last.worked_m, last.coins) == ("patrol", 5400, 2250.0, 70)
    assert (last.starts_at, last.unit_id) == (DAY + WEEK, town.street.id)


def test_only_that_span_those_units_and_that_person(town, volunteer):
    one, other = volunteer(), volunteer()
    here = work(one, town.street, starts_at=DAY)
    work(one, town.district, starts_at=DAY)
    work(other, town.street, starts_at=DAY)
    work(one, town.street, starts_at=DAY + WEEK)
    asked = {
        "since": DAY,
        "until": DAY + WEEK,
        "unit_ids": [town.street.id],
        "person_id": one.person_id,
    }
    assert [found.participation_id for found in verified_work(**asked)] == [here]
    assert count_verified_work(**asked) == 1
    assert count_verified_work(since=DAY) == 4
    assert count_verified_work(until=DAY) == 0


def test_refused_withdrawn_and_unsettled_work_does_not_count(town, volunteer):
    person = volunteer()
    work(person, town.street, starts_at=DAY, state="refused")
    work(person, town.street, starts_at=DAY, settled=False)
    withdraw(work(person, town.street, starts_at=DAY))
    assert list(verified_work()) == []


def test_whoever_had_something_settled_is_found_by_the_true_time(town, volunteer):
    one, other = volunteer(), volunteer()
    began = real_now()
    withdrawn = work(one, town.street, starts_at=DAY)
    work(other, town.street, starts_at=DAY, settled_at=began - timedelta(hours=1))
    withdraw(withdrawn)
    lately = people_settled_between(began - timedelta(seconds=1), real_now())
    assert lately == [one.person_id]


def test_who_had_several_settled_is_told_once(town, volunteer):
    one, other = volunteer(), volunteer()
    for person in (one, other, one, one):
        work(person, town.street, starts_at=DAY)
    lately = people_settled_between(real_now() - timedelta(minutes=1), real_now())
    assert sorted(lately) == sorted([one.person_id, other.person_id])


def test_whom_a_reviewer_believes_without_a_track_inside_has_the_time_to_the_finish(
    town, volunteer
):
    walk = Participation.objects.get(id=work(volunteer(), town.street, starts_at=DAY))
    walk.started_at, walk.finished_at = DAY, DAY + timedelta(minutes=50)
    walk.verdicts = [
        Verdict(number=number, outcome=outcome, judged_at=real_now(), duration_s=0.0)
        for number, outcome in ((1, "needs_review"), (2, "verified"))
    ]
    assert counted_work(walk)["worked_s"] == 50 * 60


def test_tasks_are_told_as_they_were_priced(town):
    task = past_task(town.street, starts_at=DAY, coins=90, distance_m=1_000.0)
    found = past_tasks([task.id, "unknown"])
    assert list(found) == [task.id]
    told = found[task.id]
    assert (told.coins, told.distance_m, told.kind) == (90, 1_000.0, "patrol")
    assert told.location == (26.0885, 119.2925)
    assert told.breakdown[0]["part"] == "time"
