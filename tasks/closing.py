"""How a task ends: called off by its centre or closed by time, and its unspent coins go back."""

from datetime import timedelta

from ledger import EntryKind, Leg, NewEntry, accounts, balance_of, post_one
from people import Actor
from shared.clock import now, real_now
from shared.sweeping import sweep_each
from tasks.participation import Participation, ParticipationState
from tasks.publishing import WrongTaskState, managed_task, task_of
from tasks.slots import complete_claim, end_unwalked
from tasks.task import Task, TaskState

# A task with walks still open is looked at again after this long.
LOOK_AGAIN = timedelta(seconds=30)
BATCH = 500


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
            complete_claim(task, claim.participation_id, claim.person_id, claim.claimed_at)
    return bool(Participation.objects(task_id=task.id, settled=False).limit(1).count(True))


def _post_return(task: Task, step: str, coins: int) -> None:
    legs = [Leg(accounts.task(task.id), -coins), Leg(task.budget_account, coins)]
    key = f"task-return:{task.id}:{step}"
    about = ("task", task.id)
    post_one(NewEntry(key, EntryKind.TASK_RETURN, legs, about, unit=task.unit_id))
