"""What was decided and not finished, finished: one pass after the other over claims and walks.

Each function can be late, doubled or cut off anywhere, and the next pass goes on. A document
that fails waits a minute, so that it never stands in the way of the others.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from shared.clock import real_now
from shared.database import collection
from shared.sweeping import sweep_each
from tasks.agenda import Agenda
from tasks.claims.ending_together import finish_left_companions
from tasks.claims.leasing import tell_of_incidents
from tasks.claims.waiting import expire_offers, tend_waiting
from tasks.closing import close_tasks, return_reversed, return_unspent
from tasks.devices.packing import pack_waiting
from tasks.orders.answering import finish_orders, pass_orders_on
from tasks.orders.missing import warn_of_missing_roles
from tasks.orders.replacing import replace_lost
from tasks.participation import ENDED_UNWALKED, Participation, ParticipationState
from tasks.paying import FINAL, settle_participation
from tasks.proofs.photographing import drop_old_photos, drop_orphaned_files
from tasks.reminding import raise_overrun, raise_silent, remind_before_start, warn_of_leases
from tasks.reviews.reviewing import WAITING
from tasks.reviews.withdrawing import continue_withdrawals
from tasks.slots import complete_claim, end_unwalked, free_hours, free_slot, lapse_claim
from tasks.task import Task, TaskState
from tasks.tracks.erasing import erase_old_tracks
from tasks.verification import tell_of_review, verify_participation

# A tail that is still running is left alone for this long: longer than a command may take.
TAIL_TIME = timedelta(seconds=20)
# A judgement is safe to do twice, so a lost job is not waited for as long.
JUDGE_AFTER = timedelta(seconds=5)
# A phone that was off line has this long after the window to send its walk and finish.
LATE_FINISH = timedelta(hours=12)
LOOK_AGAIN = timedelta(minutes=1)
BATCH = 500


def sweep() -> dict[str, int]:
    """One pass over everything of this room that is decided and not finished; how much it did."""
    passes = (
        confirm_claims,
        remind_before_start,
        warn_of_leases,
        raise_silent,
        raise_overrun,
        tell_of_incidents,
        lapse_claims,
        expire_offers,
        tend_waiting,
        withdraw_claims,
        finish_forgotten,
        finish_left_companions,
        pack_waiting,
        judge_finished,
        settle_decided,
        tell_of_reviews,
        free_ended,
        close_tasks,
        return_unspent,
        return_reversed,
        continue_withdrawals,
        erase_old_tracks,
        drop_old_photos,
        drop_orphaned_files,
        replace_lost,
        pass_orders_on,
        finish_orders,
        warn_of_missing_roles,
    )
    return {step.__name__: step() for step in passes}


def confirm_claims() -> int:
    """Finish claims cut off between the slot and the participation, free hours without a slot."""
    before = real_now() - TAIL_TIME
    waiting = Agenda.objects(
        engagements__match={"confirmed": False, "reserved_at__lt": before}
    ).limit(BATCH)
    return sweep_each(waiting, _confirm)


def _confirm(agenda: Agenda) -> None:
    before = real_now() - TAIL_TIME
    for engagement in agenda.engagements:
        if engagement.confirmed or engagement.reserved_at >= before:
            continue
        task: Task | None = Task.objects.with_id(engagement.task_id)
        held = task.claim_of(agenda.person_id) if task else None
        if task is None or held is None or held.participation_id != engagement.participation_id:
            free_hours(agenda.person_id, engagement.participation_id)
            continue
        complete_claim(task, held)
        collection(Agenda).update_one(
            {"_id": agenda.person_id, "engagements.participation_id": held.participation_id},
            {"$set": {"engagements.$.confirmed": True}},
        )


def lapse_claims() -> int:
    """End claims that were not started when their lease ended; a pause moves its end on."""
    moment = real_now()
    # A claim made before there were leases is held to the end of its window.
    ended = [{"held_until": {"$lte": moment}}, {"held_until": None, "ends_at": {"$lte": moment}}]
    return _each_unsettled({"state": ParticipationState.CLAIMED.value, "$or": ended}, _lapse)


def _lapse(found: Participation) -> bool:
    return lapse_claim(found, real_now())


def withdraw_claims() -> int:
    """End claims of tasks that were called off, where the cancelling was cut off."""
    cancelled = collection(Task).distinct(
        "_id", {"state": TaskState.CANCELLED.value, "settled": False}
    )
    off = {"state": ParticipationState.CLAIMED.value, "task_id": {"$in": cancelled}}
    return _each_unsettled(off, _withdraw)


def _withdraw(found: Participation) -> None:
    end_unwalked(found.id, ParticipationState.WITHDRAWN)


def finish_forgotten() -> int:
    """Finish walks whose phone never said so: what arrived is judged as the walk it is."""
    before = real_now() - LATE_FINISH
    gone = {"state": ParticipationState.STARTED.value, "ends_at": {"$lte": before}}
    return _each_unsettled(gone, _finish_at_end)


def _finish_at_end(found: Participation) -> None:
    Participation.objects(id=found.id, state=ParticipationState.STARTED).update_one(
        set__state=ParticipationState.FINISHED,
        set__finished_at=max(found.ends_at, found.started_at),
        set__finish_received_at=real_now(),
    )


def judge_finished() -> int:
    """Judge finished walks whose job was lost."""
    before = real_now() - JUDGE_AFTER
    lost = {
        "state": ParticipationState.FINISHED.value,
        "finish_received_at": {"$lt": before},
    }
    return _each_unsettled(lost, _judge)


def _judge(found: Participation) -> None:
    verify_participation(found.id)


def settle_decided() -> int:
    """Pay and settle verdicts whose tail was cut off."""
    before = real_now() - JUDGE_AFTER
    decided = {
        "state": {"$in": [state.value for state in FINAL]},
        "verdicts.judged_at": {"$lt": before},
    }
    return _each_unsettled(decided, settle_participation)


def tell_of_reviews() -> int:
    """Tell walkers and officers of walks that wait for a person, where that was cut off."""
    untold = {"state": {"$in": [state.value for state in WAITING]}, "review_told": False}
    return _each_unsettled(untold, tell_of_review)


def free_ended() -> int:
    """Give back the slots of claims that ended and whose tail was cut off."""
    ended = {"state": {"$in": [state.value for state in ENDED_UNWALKED]}}
    return _each_unsettled(ended, free_slot)


def _each_unsettled(wanted: dict[str, Any], act: Callable[[Participation], object]) -> int:
    """Do `act` to each unsettled participation like `wanted` that has not just failed."""
    now_due = {"settled": False, "look_again_at": {"$not": {"$gt": real_now()}}}
    found = Participation.objects(__raw__=wanted | now_due).limit(BATCH)

    @wraps(act)  # the log names the step
    def acted(participation: Participation) -> None:
        try:
            act(participation)
        except Exception:
            Participation.objects(id=participation.id).update_one(
                set__look_again_at=real_now() + LOOK_AGAIN
            )
            raise

    return sweep_each(found, acted)
