"""How tasks end: what goes back to the budget, what stays for walks that may still be paid."""

from datetime import timedelta

import pytest
from street import make_older, played

from ledger import Entry, accounts, balance_of, budget, wallet
from people import Actor
from rates import budget_year_of
from shared.clock import now
from shared.errors import NotAllowed
from shared.ids import random_id
from tasks import (
    Participation,
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
