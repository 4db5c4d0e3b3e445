"""What time does, and what a pass finds that was cut off: late, doubled, interrupted."""

from datetime import timedelta

import pytest
from street import played

from ledger import Entry, accounts, balance_of, budget, wallet
from rates import budget_year_of
from shared.clock import now, real_now
from shared.database import collection
from shared.queue import valkey
from tasks import (
    Participation,
    Task,
    cancel_task,
    claim_task,
    claiming,
    closing,
    start_participation,
    taking_part,
    task_of,
)
from tasks.agenda import Agenda
from tasks.jobs import sweep
from tests.racing import at_once

LONG_AGO = timedelta(days=1)


def make_older(by=LONG_AGO):
    """Let the past happen: every time written so far lies further back."""
    for document, fields in (
        (Task, ("starts_at", "ends_at")),
        (Participation, ("starts_at", "ends_at", "finish_received_at")),
    ):
        for row in collection(document).find():
            moved = {name: row[name] - by for name in fields if row.get(name)}
            collection(document).update_one({"_id": row["_id"]}, {"$set": moved})
    for row in collection(Agenda).find():
        for engagement in row["engagements"]:
            engagement["claimed_at"] -= by
        collection(Agenda).replace_one({"_id": row["_id"]}, row)


def budget_of(unit):
    return balance_of(budget(unit.id, budget_year_of(now())))


def reloaded(participation):
    return Participation.objects(id=participation.id).get()


def test_a_lost_job_is_judged_and_paid_by_the_sweep(published, volunteer):
    actor = volunteer()
    done = played(published(), actor)
    valkey().flushdb()
    make_older(timedelta(seconds=10))
    sweep()
    assert reloaded(done).settled
    assert balance_of(wallet(actor.person_id)) == 100


def test_a_fresh_finish_is_left_to_its_job(published, volunteer):
    done = played(published(), volunteer())
    assert closing.judge_finished() == 0
    assert reloaded(done).state == "finished"


def test_a_claim_cut_off_before_its_participation_is_completed(published, volunteer, monkeypatch):
    task, actor = published(), volunteer()
    with monkeypatch.context() as patch:
        patch.setattr(claiming, "complete_claim", _cut_off)
        with pytest.raises(ConnectionError):
            claim_task(task.id, position=None, by=actor)
    assert Participation.objects.count() == 0
    make_older(timedelta(seconds=10))
    sweep()
    taken = Participation.objects.get()
    assert claim_task(task.id, position=None, by=actor).id == taken.id
    assert task_of(task.id).slots_left == 4


def test_hours_without_a_slot_are_freed(published, volunteer, monkeypatch):
    task, actor = published(), volunteer()
    with monkeypatch.context() as patch:
        patch.setattr(claiming, "push_claim", _cut_off)
        with pytest.raises(ConnectionError):
            claim_task(task.id, position=None, by=actor)
    make_older(timedelta(seconds=10))
    sweep()
    assert list(Agenda.objects.get().engagements) == []
    assert claim_task(published().id, position=None, by=actor).state == "claimed"


def _cut_off(*_args, **_kwargs):
    raise ConnectionError


def test_a_withdrawal_cut_off_before_the_slot_is_finished(published, volunteer, monkeypatch):
    actor = volunteer()
    taken = claim_task(published().id, position=None, by=actor)
    with monkeypatch.context() as patch:
        patch.setattr(taking_part, "free_slot", _cut_off)
        with pytest.raises(ConnectionError):
            taking_part.give_up_participation(taken.id, by=actor)
    sweep()
    assert task_of(taken.task_id).slots_left == 5
    assert reloaded(taken).settled


def test_after_the_window_claims_lapse_the_task_closes_and_the_coins_go_back(
    town, published, volunteer
):
    task, idle, walker = published(), volunteer(), volunteer()
    claim_task(task.id, position=None, by=idle)
    done = played(task, walker)
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


def test_a_walk_whose_phone_died_is_finished_and_judged(published, volunteer):
    actor = volunteer()
    taken = claim_task(published().id, position=None, by=actor)
    start_participation(taken.id, by=actor)
    make_older()
    sweep()
    assert reloaded(taken).state == "finished"
    make_older(timedelta(seconds=10))
    sweep()
    assert (reloaded(taken).state, reloaded(taken).settled) == ("refused", True)


def test_a_cancelled_task_gives_everything_back_but_pays_a_walk_under_way(
    town, published, volunteer
):
    task, idle, walker = published(), volunteer(), volunteer()
    claim_task(task.id, position=None, by=idle)
    played(task, walker)
    cancel_task(task.id, by=town.officer)
    make_older(timedelta(seconds=10))
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
    make_older()
    for _ in range(2):
        at_once(6, lambda _: sweep())
    assert [balance_of(wallet(walker.person_id)) for walker in walkers] == [100] * 3
    assert budget_of(town.street) == 9_700
    assert task_of(task.id).settled


def test_one_broken_document_does_not_stop_the_others(published, volunteer):
    broken, sound = played(published(), volunteer()), played(published(), volunteer())
    Participation.objects(id=broken.id).update_one(set__task_id="0" * 24)
    make_older(timedelta(seconds=10))
    sweep()
    assert reloaded(sound).state == "verified"
    assert reloaded(broken).state == "finished"
    assert real_now() > reloaded(broken).finish_received_at
