"""What time does: claims lapse, forgotten walks finish, tasks close, unspent coins go back.

Each function is one pass over what was decided and not finished; a pass can be late, doubled or
cut off anywhere, and the next one goes on.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import structlog

from ledger import EntryKind, Leg, NewEntry, accounts, balance_of, post_one
from shared.clock import real_now
from shared.database import collection
from tasks.agenda import Agenda
from tasks.participation import ENDED_UNWALKED, Participation, ParticipationState
from tasks.publishing import task_of
from tasks.slots import complete_claim, free_hours, free_slot
from tasks.task import Task, TaskState
from tasks.verification import FINAL, settle_participation, verify_participation

# A tail that is still running is left alone for this long.
TAIL_TIME = timedelta(seconds=5)
# A phone that was off line has this long after the window to send its walk and finish.
LATE_FINISH = timedelta(hours=12)
BATCH = 500

log = structlog.get_logger()


def sweep() -> dict[str, int]:
    """One pass over everything of this room that is decided and not finished; how much it did."""
    passes = (
        confirm_claims,
        lapse_claims,
        finish_forgotten,
        judge_finished,
        settle_decided,
        free_ended,
        close_tasks,
        return_unspent,
    )
    return {step.__name__: step() for step in passes}


def _each(found: Iterable[Any], act: Callable[[Any], object]) -> int:
    """Do `act` to each; one that fails is logged and left for the next pass."""
    done = 0
    for document in found:
        try:
            act(document)
            done += 1
        except Exception:  # one broken document must not stop the others
            log.exception("sweep_failed", document=str(document.pk), act=act.__name__)
    return done


def confirm_claims() -> int:
    """Finish claims cut off between the slot and the participation, free hours without a slot."""
    before = real_now() - TAIL_TIME
    waiting = Agenda.objects(
        engagements__match={"confirmed": False, "claimed_at__lt": before}
    ).limit(BATCH)
    return _each(waiting, _confirm)


def _confirm(agenda: Agenda) -> None:
    before = real_now() - TAIL_TIME
    for engagement in agenda.engagements:
        if engagement.confirmed or engagement.claimed_at >= before:
            continue
        task: Task | None = Task.objects.with_id(engagement.task_id)
        held = task.claim_of(agenda.person_id) if task else None
        stands = held is not None and held.participation_id == engagement.participation_id
        if task is not None and stands:
            complete_claim(
                task, engagement.participation_id, agenda.person_id, engagement.claimed_at
            )
            collection(Agenda).update_one(
                {
                    "_id": agenda.person_id,
                    "engagements.participation_id": engagement.participation_id,
                },
                {"$set": {"engagements.$.confirmed": True}},
            )
        else:
            free_hours(agenda.person_id, engagement.participation_id)


def _unsettled(state: ParticipationState, **more: Any) -> Any:
    return Participation.objects(settled=False, state=state, **more).limit(BATCH)


def lapse_claims() -> int:
    """End claims that were never started when their window ended, or whose task was called off."""
    cancelled = collection(Task).distinct(
        "_id", {"state": TaskState.CANCELLED.value, "settled": False}
    )
    moment = real_now()
    over = _unsettled(ParticipationState.CLAIMED, ends_at__lte=moment)
    off = _unsettled(ParticipationState.CLAIMED, task_id__in=cancelled)
    return _each(over, lambda found: _end(found, ParticipationState.LAPSED)) + _each(
        off, lambda found: _end(found, ParticipationState.WITHDRAWN)
    )


def _end(found: Participation, state: ParticipationState) -> None:
    ended = Participation.objects(id=found.id, state=ParticipationState.CLAIMED).modify(
        new=True, set__state=state
    )
    if ended is not None:
        free_slot(ended)


def finish_forgotten() -> int:
    """Finish walks whose phone never said so: what arrived is judged as the walk it is."""
    moment = real_now()
    found = _unsettled(ParticipationState.STARTED, ends_at__lte=moment - LATE_FINISH)
    return _each(found, _finish_at_end)


def _finish_at_end(found: Participation) -> None:
    Participation.objects(id=found.id, state=ParticipationState.STARTED).update_one(
        set__state=ParticipationState.FINISHED,
        set__finished_at=max(found.ends_at, found.started_at),
        set__finish_received_at=real_now(),
    )


def judge_finished() -> int:
    """Judge finished walks whose job was lost."""
    before = real_now() - TAIL_TIME
    found = _unsettled(ParticipationState.FINISHED, finish_received_at__lt=before)
    return _each(found, lambda finished: verify_participation(finished.id))


def settle_decided() -> int:
    """Pay and settle verdicts whose tail was cut off."""
    before = real_now() - TAIL_TIME
    found = Participation.objects(
        settled=False, state__in=FINAL, verdicts__judged_at__lt=before
    ).limit(BATCH)
    return _each(found, settle_participation)


def free_ended() -> int:
    """Give back the slots of claims that ended and whose tail was cut off."""
    found = Participation.objects(settled=False, state__in=ENDED_UNWALKED).limit(BATCH)
    return _each(found, free_slot)


def close_tasks() -> int:
    """Close published tasks whose window is over."""
    found = Task.objects(settled=False, state=TaskState.PUBLISHED, ends_at__lte=real_now()).limit(
        BATCH
    )
    return _each(found, _close)


def _close(task: Task) -> None:
    Task.objects(id=task.id, state=TaskState.PUBLISHED, slots_left=task.slots_left).update_one(
        set__state=TaskState.CLOSED,
        set__closed_at=real_now(),
        set__unheld_slots=task.slots_left,
        inc__version=1,
    )


def return_unspent() -> int:
    """Give escrows back to their budgets: unheld slots at closing, the rest when all is final."""
    found = Task.objects(settled=False, state__in=[TaskState.CLOSED, TaskState.CANCELLED]).limit(
        BATCH
    )
    return _each(found, _return_escrow)


def _return_escrow(task: Task) -> None:
    if task.published_at is not None:
        if task.unheld_slots:
            _post_return(task, "closing", task.unheld_slots * task.coins)
        # Any claim made at the last moment shows as an embedded one, even before its document.
        open_ones = Participation.objects(task_id=task.id, settled=False).count()
        if open_ones or _has_orphans(task):
            return
        rest = balance_of(accounts.task(task.id))
        if rest:
            _post_return(task, "final", rest)
    Task.objects(id=task.id).update_one(set__settled=True)


def _has_orphans(task: Task) -> bool:
    """Whether a slot is held whose participation is not written yet."""
    ids = [claim.participation_id for claim in task_of(task.id).claims]
    return Participation.objects(id__in=ids).count() != len(ids)


def _post_return(task: Task, step: str, coins: int) -> None:
    legs = [Leg(accounts.task(task.id), -coins), Leg(task.budget_account, coins)]
    key = f"task-return:{task.id}:{step}"
    post_one(NewEntry(key, EntryKind.TASK_RETURN, legs, ("task", task.id)))
