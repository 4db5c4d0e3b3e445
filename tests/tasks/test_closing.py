"""How tasks end: what goes back to the budget, what stays for walks that may still be paid."""

from datetime import timedelta

import pytest
from street import make_older, played

from ledger import (
    Entry,
    EntryKind,
    Leg,
    NewEntry,
    ReasonCode,
    accounts,
    balance_of,
    budget,
    post_one,
    reverse_entry,
    wallet,
)
from people import Actor
from rates import budget_year_of
from shared.clock import now, real_now
from shared.errors import NotAllowed
from shared.ids import random_id
from tasks import (
    Participation,
    Task,
    cancel_task,
    claim_task,
    claiming,
    closing,
    publish_task,
    seen_task,
    start_participation,
    task_of,
)
from tasks.jobs import sweep
from tasks.publishing import TaskNotFound, WrongTaskState
from tasks.taking_part import TaskCalledOff
from tests.racing import at_once


def budget_of(unit):
    return balance_of(budget(unit.id, budget_year_of(now())))


def reloaded(participation):
    return Participation.objects(id=participation.id).get()


def test_after_the_window_claims_lapse_the_task_closes_and_the_coins_go_back(
    town, published, volunteer
):
    task, idle, walker = published(), volunteer(), volunteer()
    claim_task(task.id, position=None, by=idle)
    done = played(task, walker)
    make_older(timedelta(seconds=60))
    sweep()
    make_older()
    sweep()
    assert Participation.objects(person_id=idle.person_id).get().state == "lapsed"
    assert reloaded(done).state == "verified"
    for _ in range(2):
        sweep()
    closed = task_of(task.id)
    assert (closed.state, closed.settled) == ("closed", True)
    assert balance_of(accounts.task(task.id)) == 0
    assert budget_of(town.street) == 10_000 - 100
    assert Entry.objects(kind="task_return").count() == 1


def test_closing_keeps_the_coins_of_a_walk_that_is_not_final(town, published, volunteer):
    task, actor = published(), volunteer()
    taken = claim_task(task.id, position=None, by=actor)
    start_participation(taken.id, by=actor)
    make_older(timedelta(hours=3))
    sweep()
    assert task_of(task.id).state == "closed"
    assert balance_of(accounts.task(task.id)) == 100
    assert budget_of(town.street) == 9_900


def test_a_cancelled_task_gives_everything_back_but_pays_a_walk_under_way(
    town, published, volunteer
):
    task, idle, walker = published(), volunteer(), volunteer()
    claim_task(task.id, position=None, by=idle)
    played(task, walker)
    cancel_task(task.id, by=town.officer)
    make_older(timedelta(seconds=60))
    for _ in range(2):
        sweep()
    assert Participation.objects(person_id=idle.person_id).get().state == "withdrawn"
    assert balance_of(wallet(walker.person_id)) == 100
    assert budget_of(town.street) == 9_900
    assert task_of(task.id).settled


def test_six_sweeps_at_once_do_everything_once(town, published, volunteer):
    task = published(slots=12)
    walkers = [volunteer() for _ in range(3)]
    for walker in walkers:
        played(task, walker)
    for _ in range(9):
        claim_task(task.id, position=None, by=volunteer())
    make_older(timedelta(seconds=60))
    at_once(6, lambda _: sweep())
    make_older()
    for _ in range(2):
        at_once(6, lambda _: sweep())
    assert [balance_of(wallet(walker.person_id)) for walker in walkers] == [100] * 3
    assert budget_of(town.street) == 9_700
    assert task_of(task.id).settled


def test_a_claim_whose_participation_comes_late_keeps_its_coins_in_escrow(
    town, published, volunteer, monkeypatch
):
    task, actor = published(slots=1), volunteer()
    with monkeypatch.context() as patch:
        patch.setattr(claiming, "complete_claim", _cut_off)
        with pytest.raises(ConnectionError):
            claim_task(task.id, position=None, by=actor)
    cancel_task(task.id, by=town.officer)
    closing.return_unspent()
    assert not task_of(task.id).settled
    assert balance_of(accounts.task(task.id)) == 100
    make_older(timedelta(seconds=60))
    for _ in range(2):
        sweep()
        make_older(timedelta(seconds=60))
    sweep()
    assert Participation.objects.get().state == "withdrawn"
    assert budget_of(town.street) == 10_000


def _cut_off(*_args, **_kwargs):
    raise ConnectionError


def test_tasks_that_wait_for_long_do_not_starve_the_next(town, published, volunteer, monkeypatch):
    monkeypatch.setattr(closing, "BATCH", 2)
    for _ in range(2):
        task, actor = published(slots=1), volunteer()
        taken = claim_task(task.id, position=None, by=actor)
        start_participation(taken.id, by=actor)
    last = published(slots=1)
    make_older(timedelta(hours=3))
    for _ in range(3):
        sweep()
    assert balance_of(accounts.task(last.id)) == 0


class TestCancelling:
    def test_a_cancelled_task_stays_cancelled(self, town, published):
        task = published()
        assert cancel_task(task.id, by=town.officer).state == "cancelled"
        assert cancel_task(task.id, by=town.officer).state == "cancelled"
        with pytest.raises(WrongTaskState):
            publish_task(task.id, by=town.officer)

    def test_nobody_else_cancels(self, published):
        with pytest.raises(NotAllowed):
            cancel_task(published().id, by=Actor(random_id()))

    def test_claims_end_at_once_and_nobody_starts_any_more(self, town, published, volunteer):
        task, actor = published(), volunteer()
        taken = claim_task(task.id, position=None, by=actor)
        cancel_task(task.id, by=town.officer)
        assert Participation.objects.get().state == "withdrawn"
        with pytest.raises(TaskCalledOff):
            start_participation(taken.id, by=actor)

    def test_a_cancelled_draft_is_not_shown_to_the_public(self, town, draft, volunteer):
        task = cancel_task(draft().id, by=town.officer)
        with pytest.raises(TaskNotFound):
            seen_task(task.id, by=volunteer())


@pytest.fixture
def paid(published, volunteer):
    """`paid(2)` is a task that is settled, and the entry ids of so many rewards out of it."""

    def pay(rewards=1, settled=True, is_first_cut=False):
        task = published()
        for number in range(rewards):
            done = played(task, volunteer())
            if is_first_cut and not number:  # as a cap would
                Participation.objects(id=done.id).update_one(set__coins=50)
        idle = None if settled else claim_task(task.id, position=None, by=volunteer())
        make_older(timedelta(seconds=60))
        sweep()
        if settled:
            make_older()
            for _ in range(2):
                sweep()
        else:
            assert idle.state == "claimed"
        assert task_of(task.id).settled is settled
        return task, [each.id for each in Entry.objects(kind="reward")]

    return pay


def amount_of(entry_id):
    return max(leg.amount for leg in Entry.objects.get(id=entry_id).legs)


def reverse(entry_id):
    """The id of the entry that undoes the reward."""
    asked = {"reason": ReasonCode.WORK_NOT_DONE, "effective_at": real_now(), "by_id": "o1"}
    return reverse_entry(entry_id, **asked).reversal_id


def returns_of(task):
    """The keys of the task's returns, without what they have in common."""
    found = Entry.objects(kind="task_return", key__startswith=f"task-return:{task.id}:")
    return sorted(each.key.rpartition(":")[2] for each in found)


class TestAReversedReward:
    def test_of_a_settled_task_goes_back_to_the_budget_by_itself(self, town, paid):
        task, (reward,) = paid()
        assert budget_of(town.street) == 9_900
        reverse(reward)
        assert balance_of(accounts.task(task.id)) == 100
        assert sweep()["return_reversed"] == 1
        assert balance_of(accounts.task(task.id)) == 0
        assert budget_of(town.street) == 10_000
        entry = Entry.objects(key__startswith=f"task-return:{task.id}:reversed-").get()
        assert (entry.unit, entry.about.id) == (town.street.id, task.id)

    def test_goes_back_once_however_often_and_by_however_many(self, town, paid):
        task, rewards = paid(rewards=2)
        for reward in rewards:
            reverse(reward)
        at_once(6, lambda _: closing.return_reversed())
        assert closing.return_reversed() == 0
        assert budget_of(town.street) == 10_000
        assert len(returns_of(task)) == 2

    def test_goes_back_with_the_next_run_where_this_one_was_cut_off(self, town, paid, monkeypatch):
        _, (reward,) = paid()
        reverse(reward)
        posting = closing.post_one

        def cut_off(entry):
            posting(entry)
            raise SystemExit

        with monkeypatch.context() as patch:
            patch.setattr(closing, "post_one", cut_off)
            with pytest.raises(SystemExit):
                closing.return_reversed()
        assert closing.return_reversed() == 0
        assert budget_of(town.street) == 10_000

    def test_goes_back_whole_where_rewards_differ_and_one_went_back_with_the_rest(self, town, paid):
        task, rewards = paid(rewards=2, settled=False, is_first_cut=True)
        first, second = sorted(rewards, key=lambda reward: amount_of(reward))
        reverse(first)
        cancel_task(task.id, by=town.officer)
        make_older(timedelta(seconds=60))
        sweep()
        assert task_of(task.id).settled
        reverse(second)
        assert closing.return_reversed() == 1
        assert balance_of(accounts.task(task.id)) == 0
        assert budget_of(town.street) == 10_000

    def test_of_an_unsettled_task_goes_back_with_its_rest_and_not_again(self, town, paid):
        task, (reward,) = paid(settled=False)
        reverse(reward)
        assert closing.return_reversed() == 0
        assert balance_of(accounts.task(task.id)) == 500
        cancel_task(task.id, by=town.officer)
        make_older(timedelta(seconds=60))
        assert [sweep()["return_reversed"] for _ in range(2)] == [0, 0]
        assert task_of(task.id).settled
        assert budget_of(town.street) == 10_000
        assert returns_of(task) == ["final"]

    def test_goes_back_though_an_earlier_one_went_back_with_the_rest(self, town, paid):
        task, (first, second) = paid(rewards=2, settled=False)
        reverse(first)
        cancel_task(task.id, by=town.officer)
        make_older(timedelta(seconds=60))
        sweep()
        assert task_of(task.id).settled
        reverse(second)
        assert closing.return_reversed() == 1
        assert closing.return_reversed() == 0
        assert budget_of(town.street) == 10_000

    def test_between_the_last_return_and_its_mark_goes_back_too(self, town, paid):
        task, (reward,) = paid(settled=False)
        cancel_task(task.id, by=town.officer)
        make_older(timedelta(seconds=60))
        sweep()
        assert returns_of(task) == ["final"]
        Task.objects(id=task.id).update_one(set__settled=False, unset__look_again_at=True)
        reverse(reward)
        for _ in range(2):
            sweep()
        assert task_of(task.id).settled
        assert len(returns_of(task)) == 2
        assert budget_of(town.street) == 10_000

    def test_whose_coins_are_gone_from_the_escrow_is_left_alone(self, town, paid, monkeypatch):
        task, (reward,) = paid()
        reverse(reward)
        legs = [Leg(accounts.task(task.id), -100), Leg(task.budget_account, 100)]
        away = NewEntry("task-return:by-hand", EntryKind.TASK_RETURN, legs, ("task", task.id))
        looked_up = closing.reversals_into

        def gone_meanwhile(*args, **more):
            found = looked_up(*args, **more)
            post_one(away)
            return found

        monkeypatch.setattr(closing, "reversals_into", gone_meanwhile)
        # Without the sweep's own net: it is no failure, which would be logged every time.
        monkeypatch.setattr(closing, "sweep_each", lambda found, act: sum(map(act, found)))
        assert [closing.return_reversed() for _ in range(2)] == [0, 0]
        assert budget_of(town.street) == 10_000

    def test_is_not_looked_for_for_ever(self, town, paid, monkeypatch):
        task, (reward,) = paid()
        reverse(reward)
        monkeypatch.setattr(closing, "REVERSALS_FOR", timedelta(0))
        assert closing.return_reversed() == 0
        assert balance_of(accounts.task(task.id)) == 100
