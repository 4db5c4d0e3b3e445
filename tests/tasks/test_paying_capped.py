"""Paying below caps: what one person gets is bounded, whoever pays at once, dies or pays again."""

from datetime import UTC, datetime, timedelta

import pytest

from ledger import balance_of, wallet
from ledger.accounts import task as escrow_of
from rates import budget_left, budget_year_of
from shared.clock import now, real_now
from shared.database import collection
from shared.ids import new_id
from tasks import Participation, ParticipationState, Task, Verdict
from tasks.closing import return_unspent
from tasks.paying import settle_participation
from tests.racing import at_once
from tests.worked import withdraw

# A Wednesday of ISO week 48; the day, week and month begin at 16:00 UTC of the day before.
WEDNESDAY = datetime(2026, 11, 25, 3, tzinfo=UTC)
DAY_OF_KIND = {"scope": "kind", "span": "day", "most": 150}
WEEK_OF_ALL = {"scope": "all", "span": "week", "most": 250}


@pytest.fixture
def walk(published):
    """A verified walk of a person that waits to be paid, at a task of its own with these caps."""

    def make(person, caps=(DAY_OF_KIND,), *, starts_at=WEDNESDAY, kind="patrol", slots=1):
        task = published(slots=slots)
        Task.objects(id=task.id).update_one(set__caps=list(caps), set__kind=kind)
        return decided(task, person, starts_at=starts_at, kind=kind)

    return make


def decided(task, person, *, starts_at=WEDNESDAY, kind="patrol"):
    verdict = Verdict(number=1, outcome="verified", judged_at=real_now(), duration_s=3600)
    return Participation(
        id=new_id(),
        task_id=task.id,
        unit_id=task.unit_id,
        person_id=person.person_id,
        state=ParticipationState.VERIFIED,
        kind=kind,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        coins=task.coins,
        claimed_at=starts_at,
        verdicts=[verdict],
    ).save()


def coins_of(person):
    return balance_of(wallet(person.person_id))


def paid(walked):
    settle_participation(walked)
    return Participation.objects.get(id=walked.id)


def test_a_second_walk_of_the_day_is_paid_what_the_cap_leaves(walk, volunteer):
    person = volunteer()
    first, second, third = (paid(walk(person)) for _ in range(3))
    assert [one.paid_coins for one in (first, second, third)] == [100, 50, 0]
    assert coins_of(person) == 150
    assert second.capped[0]["en"] == "Cut: at most 150 a day, 100 earned already"
    assert third.reward_entry_id is None
    assert all(one.settled for one in (first, second, third))


def test_other_days_other_kinds_and_other_people_have_caps_of_their_own(walk, volunteer):
    person = volunteer()
    tomorrow = WEDNESDAY + timedelta(hours=14)  # past midnight there
    assert [
        paid(walk(person)).paid_coins,
        paid(walk(person, kind="care_visit")).paid_coins,
        paid(walk(person, starts_at=tomorrow)).paid_coins,
        paid(walk(volunteer())).paid_coins,
    ] == [100] * 4


def test_a_cap_on_all_kinds_counts_every_kind_of_the_week(walk, volunteer):
    person = volunteer()
    caps = (DAY_OF_KIND, WEEK_OF_ALL)
    monday = WEDNESDAY - timedelta(days=2)
    walks = [
        walk(person, caps, starts_at=monday),
        walk(person, caps, starts_at=WEDNESDAY - timedelta(days=1), kind="training"),
        walk(person, caps),
        walk(person, caps, starts_at=monday - timedelta(days=1)),
    ]
    assert [paid(one).paid_coins for one in walks] == [100, 100, 50, 100]


def test_withdrawn_work_makes_room_again(walk, volunteer):
    person = volunteer()
    withdraw(paid(walk(person)).id)
    assert paid(walk(person)).paid_coins == 100


@pytest.mark.parametrize("again", range(3))
def test_payments_that_race_never_pass_the_cap(walk, volunteer, again):
    person = volunteer()
    caps = (DAY_OF_KIND, WEEK_OF_ALL)
    days = [WEDNESDAY + timedelta(days=number % 3) for number in range(8)]
    walks = [walk(person, caps, starts_at=day) for day in days]
    for _ in range(3):  # what was given up as unavailable is tried again, as the sweep does
        at_once(len(walks), lambda number: settle_participation(walks[number]))
    found = Participation.objects(person_id=person.person_id)
    assert sum(one.paid_coins for one in found) == coins_of(person) == 250
    for day in days:
        assert sum(one.paid_coins for one in found.filter(starts_at=day)) <= 150


def test_the_same_payment_again_moves_nothing(walk, volunteer):
    person = volunteer()
    paid(walk(person))
    capped = walk(person)
    first = paid(capped)
    outcomes = at_once(4, lambda _: settle_participation(capped))
    assert outcomes == [None] * 4
    again = Participation.objects.get(id=capped.id)
    assert (again.paid_coins, again.reward_entry_id) == (50, first.reward_entry_id)
    assert coins_of(person) == 150


def test_a_process_that_dies_after_paying_pays_once(walk, volunteer, monkeypatch):
    person, walked = volunteer(), None
    walked = walk(person)
    with monkeypatch.context() as patched:
        patched.setattr("tasks.paying.free_hours", _dies)
        with pytest.raises(SystemExit):
            settle_participation(walked)
    assert coins_of(person) == 100
    again = paid(walked)
    assert (again.paid_coins, again.settled) == (100, True)
    assert coins_of(person) == 100


def _dies(*_):
    raise SystemExit


def test_what_was_cut_goes_back_to_the_budget(town, walk, volunteer):
    person = volunteer()
    year = budget_year_of(now())
    before = budget_left(town.street.id, year)
    walks = [walk(person) for _ in range(2)]
    for one in walks:
        settle_participation(one)
    ids = [one.task_id for one in walks]
    collection(Task).update_many({"_id": {"$in": ids}}, {"$set": {"state": "closed"}})
    return_unspent()
    assert [balance_of(escrow_of(one)) for one in ids] == [0, 0]
    assert budget_left(town.street.id, year) == before - 150


def test_an_appeal_won_after_the_coins_went_back_is_paid_below_the_cap_too(walk, volunteer):
    person = volunteer()
    paid(walk(person))
    late = walk(person)
    Participation.objects(id=late.id).update_one(set__settled=True)
    collection(Task).update_one({"_id": late.task_id}, {"$set": {"state": "closed"}})
    return_unspent()
    assert balance_of(escrow_of(late.task_id)) == 0
    assert paid(late).paid_coins == 50
    assert coins_of(person) == 150
    assert balance_of(escrow_of(late.task_id)) == 0
