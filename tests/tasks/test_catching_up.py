"""What a pass finds that was cut off: late, doubled, interrupted, one broken among many."""

from datetime import timedelta

import pytest
from street import make_older, played

from ledger import balance_of, wallet
from shared.clock import now, pretending, real_now
from shared.queue import valkey
from tasks import (
    Participation,
    catching_up,
    claim_task,
    claiming,
    start_participation,
    taking_part,
    task_of,
)
from tasks.agenda import Agenda
from tasks.jobs import sweep


def reloaded(participation):
    return Participation.objects(id=participation.id).get()


def test_a_lost_job_is_judged_and_paid_by_the_sweep(published, volunteer):
    actor = volunteer()
    done = played(published(), actor)
    valkey().flushdb()
    make_older(timedelta(seconds=60))
    sweep()
    assert reloaded(done).settled
    assert balance_of(wallet(actor.person_id)) == 100


def test_a_fresh_finish_is_left_to_its_job(published, volunteer):
    done = played(published(), volunteer())
    assert catching_up.judge_finished() == 0
    assert reloaded(done).state == "finished"


def test_a_claim_cut_off_before_its_participation_is_completed(published, volunteer, monkeypatch):
    task, actor = published(), volunteer()
    with monkeypatch.context() as patch:
        patch.setattr(claiming, "complete_claim", _cut_off)
        with pytest.raises(ConnectionError):
            claim_task(task.id, position=None, by=actor)
    assert Participation.objects.count() == 0
    make_older(timedelta(seconds=60))
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
    make_older(timedelta(seconds=60))
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


def test_a_walk_whose_phone_died_is_finished_and_judged(published, volunteer):
    actor = volunteer()
    taken = claim_task(published().id, position=None, by=actor)
    start_participation(taken.id, by=actor)
    make_older()
    sweep()
    assert reloaded(taken).state == "finished"
    make_older(timedelta(seconds=60))
    sweep()
    assert (reloaded(taken).state, reloaded(taken).settled) == ("refused", True)


def test_one_broken_document_does_not_stop_the_others(published, volunteer):
    broken, sound = played(published(), volunteer()), played(published(), volunteer())
    Participation.objects(id=broken.id).update_one(set__task_id="0" * 24)
    make_older(timedelta(seconds=60))
    sweep()
    assert reloaded(sound).state == "verified"
    assert reloaded(broken).state == "finished"
    assert real_now() > reloaded(broken).finish_received_at


def test_hours_claimed_by_a_clock_of_the_past_are_left_to_their_claim(published, volunteer):
    task, actor = published(starts_at=now() - timedelta(hours=1)), volunteer()
    with pretending(now() - timedelta(minutes=20)):
        claim_task(task.id, position=None, by=actor)
    Agenda.objects.update(set__engagements__0__confirmed=False)
    assert catching_up.confirm_claims() == 0


def test_many_that_fail_do_not_starve_the_next(published, volunteer, monkeypatch):
    monkeypatch.setattr(catching_up, "BATCH", 2)
    broken = [played(published(), volunteer()) for _ in range(2)]
    Participation.objects(id__in=[one.id for one in broken]).update(set__task_id="0" * 24)
    sound = played(published(), volunteer())
    make_older(timedelta(seconds=60))
    for _ in range(2):
        sweep()
    assert reloaded(sound).state == "verified"
