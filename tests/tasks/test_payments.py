"""Paying below caps: what one person gets is bounded, whoever pays at once, dies or pays again."""

from datetime import UTC, datetime, timedelta

import pytest

from ledger import (
    EntryKind,
    Leg,
    NewEntry,
    ReasonCode,
    ReversalState,
    approve_reversal,
    balance_of,
    budget,
    post_one,
    reverse_entry,
    wallet,
)
from ledger.accounts import task as escrow_of
from notices import Notice
from rates import budget_left, budget_year_of
from settings import settings
from shared.clock import now, real_now
from shared.database import collection
from shared.errors import Unavailable
from shared.ids import new_id
from tasks import Participation, ParticipationState, Task, Verdict
from tasks.closing import return_reversed, return_unspent
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


def test_who_was_cut_is_told_why(walk, volunteer):
    person = volunteer()
    for _ in range(2):
        paid(walk(person))
    names = [one.name for one in Notice.objects(person_id=person.person_id).order_by("id")]
    assert names == ["verdict_verified", "verdict_capped"]
    told = Notice.objects.get(name="verdict_capped").facts
    assert (told["coins"], told["cut"]["zh-CN"]) == (50, "封顶扣减：每日最多 150，已得 100")


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


def reverse(walked):
    asked = {"reason": ReasonCode.FRAUD, "effective_at": real_now(), "by_id": "o1"}
    return reverse_entry(walked.reward_entry_id, **asked)


def test_work_whose_reward_was_taken_back_makes_room_again(walk, volunteer):
    person = volunteer()
    first = paid(walk(person))
    reverse(first)
    withdraw(first.id)
    assert paid(walk(person)).paid_coins == 100


def test_withdrawn_work_counts_until_its_reversal_is_approved(walk, volunteer, monkeypatch):
    monkeypatch.setitem(settings().__dict__, "reversal_second_officer_above", 10)
    person = volunteer()
    first = paid(walk(person))
    assert reverse(first).state == ReversalState.WAITING
    withdraw(first.id)
    assert paid(walk(person)).paid_coins == 50
    approve_reversal(first.reward_entry_id, by_id="o2")
    assert paid(walk(person)).paid_coins == 100
    assert coins_of(person) == 150


def again_verified(walked):
    """The walk as a won appeal leaves it: another verdict, to be paid."""
    verdict = Verdict(number=2, outcome="verified", judged_at=real_now(), reviewer_id="o3")
    change = {"$set": {"state": "verified", "settled": False}}
    change["$push"] = {"verdicts": verdict.to_mongo().to_dict()}
    collection(Participation).update_one({"_id": walked.id}, change)
    return Participation.objects.get(id=walked.id)


@pytest.mark.parametrize("caps", [(), (DAY_OF_KIND,)])
def test_a_reward_that_stands_after_an_appeal_is_told_as_it_was_paid(
    walk, volunteer, monkeypatch, caps
):
    person, told = volunteer(), []
    paid(walk(person))
    cut = paid(walk(person))
    withdraw(cut.id)
    Task.objects(id=cut.task_id).update_one(set__caps=list(caps))
    monkeypatch.setattr(
        "tasks.paying.tell", lambda _person, _name, facts, **_: told.append(facts["coins"])
    )
    again = paid(again_verified(cut))
    assert (again.paid_coins, again.reward_entry_id, told) == (50, cut.reward_entry_id, [50])
    assert coins_of(person) == 150


@pytest.mark.parametrize("last_step", ["free_hours", "take_sample", "counted_work"])
def test_uncapped_work_counts_from_the_moment_it_is_paid(walk, volunteer, monkeypatch, last_step):
    person = volunteer()
    uncapped = walk(person, ())
    with monkeypatch.context() as patched:
        patched.setattr(f"tasks.paying.{last_step}", _dies)
        with pytest.raises(SystemExit):
            settle_participation(uncapped)
    assert paid(walk(person)).paid_coins == 50
    assert paid(uncapped).paid_coins == 100
    assert coins_of(person) == 150


def test_uncapped_work_paid_anew_counts_from_the_moment_it_is_paid(walk, volunteer, monkeypatch):
    person = volunteer()
    uncapped = paid(walk(person, ()))
    reverse(uncapped)
    withdraw(uncapped.id)
    with monkeypatch.context() as patched:
        patched.setattr("tasks.paying.free_hours", _dies)
        with pytest.raises(SystemExit):
            settle_participation(again_verified(uncapped))
    assert paid(walk(person)).paid_coins == 50
    assert coins_of(person) == 150


def test_what_is_about_to_be_paid_counts_before_its_coins_move(walk, volunteer, monkeypatch):
    person = volunteer()
    uncapped = walk(person, ())
    with monkeypatch.context() as patched:
        patched.setattr("tasks.payments.post_one", _dies)
        with pytest.raises(SystemExit):
            settle_participation(uncapped)
    assert coins_of(person) == 0
    assert paid(walk(person)).paid_coins == 50
    assert paid(uncapped).paid_coins == 100


def test_no_verdict_is_paid_that_counts_no_more(walk, volunteer):
    person = volunteer()
    late = walk(person, ())
    again_verified(late)
    with pytest.raises(Unavailable):
        settle_participation(late)
    assert coins_of(person) == 0


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


def _dies(*_, **__):
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


@pytest.mark.parametrize("caps", [(), (DAY_OF_KIND,)])
def test_an_appeals_coins_go_back_to_the_account_that_they_were_drawn_from(
    town, walk, volunteer, caps
):
    late = walk(volunteer(), caps)
    Participation.objects(id=late.id).update_one(set__settled=True)
    collection(Task).update_one({"_id": late.task_id}, {"$set": {"state": "closed"}})
    return_unspent()
    # By now the unit's coins lie in another account than the task's came from.
    elsewhere = budget(town.street.id, budget_year_of(now()), 3)
    home = Task.objects.get(id=late.task_id).budget_account
    legs = [Leg(home, -balance_of(home)), Leg(elsewhere, balance_of(home))]
    about = ("unit", town.street.id)
    post_one(NewEntry(f"moved:{new_id()}", EntryKind.REBALANCING, legs, about))
    before = balance_of(elsewhere)
    done = paid(late)
    assert at_once(3, lambda _: settle_participation(late)) == [None] * 3
    assert balance_of(elsewhere) == before - 100
    reverse(done)
    return_reversed()
    assert (balance_of(elsewhere), balance_of(home)) == (before, 0)
