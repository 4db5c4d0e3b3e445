"""How a task ends: called off by its centre or closed by time, and its unspent coins go back."""

from contextlib import suppress
from datetime import timedelta

from ledger import (
    AccountKind,
    BroughtBack,
    Currency,
    EntryConflict,
    EntryKind,
    InsufficientCoins,
    Leg,
    NewEntry,
    accounts,
    balance_of,
    post_one,
    reversals_into,
)
from people import Actor
from shared.clock import now, real_now
from shared.sweeping import sweep_each
from tasks.participation import Participation, ParticipationState
from tasks.publishing import WrongTaskState, managed_task, task_of
from tasks.slots import complete_claim, end_unwalked
from tasks.task import Task, TaskState

# A task with walks still open is looked at again after this long.
LOOK_AGAIN = timedelta(seconds=30)
# A reversal is looked for this long, far longer than the sweep is ever away.
REVERSALS_FOR = timedelta(days=30)
BATCH = 500
_RETURN_NEEDS = ("unit_id", "budget_account")


def cancel_task(task_id: str, *, by: Actor) -> Task:
    """The task, called off: claims not yet started end, walks under way are still judged and paid.

    Repeating it answers the cancelled task. Raises NotAllowed, TaskNotFound, WrongTaskState.
    """
    task = managed_task(task_id, by)
    if task.state != TaskState.CANCELLED:
        changed = Task.objects(
            id=task_id, state__in=[TaskState.DRAFT, TaskState.PUBLISHED]
        ).update_one(set__state=TaskState.CANCELLED, set__closed_at=now(), inc__version=1)
        task = task_of(task_id)
        if not changed and task.state != TaskState.CANCELLED:
            raise WrongTaskState(state=task.state)
    for found in Participation.objects(task_id=task.id, state=ParticipationState.CLAIMED):
        end_unwalked(found.id, ParticipationState.WITHDRAWN)
    return task


def close_tasks() -> int:
    """Close published tasks whose window is over."""
    found = Task.objects(settled=False, state=TaskState.PUBLISHED, ends_at__lte=real_now()).limit(
        BATCH
    )
    return sweep_each(found, _close)


def _close(task: Task) -> None:
    # The slots left are part of the guard: what goes back at once was held by nobody just then.
    Task.objects(id=task.id, state=TaskState.PUBLISHED, slots_left=task.slots_left).update_one(
        set__state=TaskState.CLOSED,
        set__closed_at=real_now(),
        set__unheld_slots=task.slots_left,
        inc__version=1,
    )


def return_unspent() -> int:
    """Give escrows back to their budgets: unheld slots at closing, the rest when all is final."""
    ended = {"$in": [TaskState.CLOSED.value, TaskState.CANCELLED.value]}
    due = {"settled": False, "state": ended, "look_again_at": {"$not": {"$gt": real_now()}}}
    return sweep_each(Task.objects(__raw__=due).limit(BATCH), _return_escrow)


def _return_escrow(task: Task) -> None:
    # First of all, so that tasks whose walks stay open for long, or which fail, block no others.
    Task.objects(id=task.id).update_one(set__look_again_at=real_now() + LOOK_AGAIN)
    if task.published_at is not None:
        if task.unheld_slots:
            _post_return(task, "closing", task.unheld_slots * task.coins)
            Task.objects(id=task.id).update_one(set__unheld_slots=0)
        if _has_open_walks(task):
            return
        rest = balance_of(accounts.task(task.id))
        if rest:
            # A conflict: it was posted, and the mark cut off. What has come in since then was
            # brought by reversals, and goes back by itself.
            with suppress(EntryConflict):
                _post_return(task, "final", rest)
    Task.objects(id=task.id).update_one(set__settled=True)


def _has_open_walks(task: Task) -> bool:
    """Whether a participation may still be paid, those included that were cut off being claimed.

    The task has ended, so its claims are all there are: once each has its participation, none
    can appear between the count and what follows from it.
    """
    claims = task_of(task.id).claims
    written = set(Participation.objects(task_id=task.id).scalar("id"))
    for claim in claims:
        if claim.participation_id not in written:
            complete_claim(task, claim)
    return bool(Participation.objects(task_id=task.id, settled=False).limit(1).count(True))


def _post_return(task: Task, step: str, coins: int) -> None:
    post_one(_task_return(task, _return_key(task.id, step), coins))


def _return_key(task_id: str, step: str) -> str:
    return f"task-return:{task_id}:{step}"


def _task_return(task: Task, key: str, coins: int) -> NewEntry:
    legs = [Leg(accounts.task(task.id), -coins), Leg(task.budget_account, coins)]
    return NewEntry(key, EntryKind.TASK_RETURN, legs, ("task", task.id), unit=task.unit_id)


def return_reversed() -> int:
    """Give back to their budgets the coins that reversals brought into settled tasks' escrows.

    All that lies there, whichever reward it was: they differ, and some of a reversed one may have
    gone back with the rest. What comes into an unsettled task's escrow goes back with that.
    """
    found = reversals_into(AccountKind.TASK, since=real_now() - REVERSALS_FOR)
    brought = {each.owner_id: each for each in found if each.currency == Currency.FUB}
    settled = Task.objects(id__in=list(brought), settled=True, budget_account__ne=None)
    return sweep_each(
        (_brought_return(task, brought[task.id]) for task in settled.only(*_RETURN_NEEDS)),
        _give_back,
    )


def _brought_return(task: Task, brought: BroughtBack) -> NewEntry:
    # By how much was ever posted there: the same coins go back once, and others under another key.
    key = _return_key(task.id, f"reversed-{brought.entries}")
    return _task_return(task, key, brought.amount)


def _give_back(task_return: NewEntry) -> bool:
    """False where the coins went back meanwhile: with the task's rest, or by another process."""
    try:
        post_one(task_return)
    except InsufficientCoins:
        return False
    return True
