"""How a centre drafts, edits and publishes tasks; publishing funds them."""

import hashlib
from datetime import datetime
from typing import Any

import orjson
from mongoengine.errors import NotUniqueError
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from ledger import EntryKind, Leg, NewEntry, accounts, post_one
from people import Actor, Role, Unit, unit_of
from rates import (
    Budget,
    BudgetShort,
    Draw,
    budget_for,
    draw_from_budget,
    try_to_rebalance,
)
from shared.clock import now
from shared.database import collection, confirmed, in_transaction
from shared.errors import Conflict, NotFound
from shared.i18n import Text
from shared.ids import new_id
from tasks.draft_content import content_of, refuse_bad_window, usable_draft
from tasks.kinds.private_places import hide_place, holds_slot, is_private
from tasks.quoting import price_task
from tasks.task import Task, TaskState


class TaskNotFound(NotFound):
    """Raised when there is no such task, or none that the caller may see."""

    message = Text("There is no such task.", "任务不存在。")


class WrongTaskState(Conflict):
    """Raised when the task is no longer in the state that the step starts from."""

    message = Text(
        "The task is {state}; this is no longer possible.", "任务状态为 {state}，无法操作。"
    )


class TaskChanged(Conflict):
    """Raised when somebody changed the draft since the version named in If-Match."""

    message = Text(
        "The task was changed meanwhile; it is at version {version} now.",
        "任务已被他人修改，当前版本为 {version}。",
    )


class DraftKeyReused(Conflict):
    """Raised when an author's key for a draft comes again with another content."""

    message = Text("This key was already used for another draft.", "该编号已用于另一份任务草稿。")


def task_of(task_id: str) -> Task:
    """The task of this id, its claims with it. Raises TaskNotFound."""
    return _known(Task.objects.with_id(task_id))


def _known(found: Task | None) -> Task:
    if found is None:
        raise TaskNotFound
    return found


def draft_task(unit_id: str, content: dict[str, Any], *, key: str, by: Actor) -> Task:
    """A new draft of the unit. `content` holds the task's own fields, as the schema names them.

    What it leaves out, its kind says: who may claim, the crew, the checks. The kind's rules are
    frozen into it.

    The same key again answers the same draft, edited or not. Raises NotAllowed, UnitNotFound,
    BadWindow, UnknownKind, MissingCheck, TrackCheckMissing, CrewTooLarge, ClaimDistanceMissing,
    BadFund, DraftKeyReused, and what areas and checks raise for what they cannot use.
    """
    unit = unit_of(unit_id)
    by.must_hold(Role.CENTRE_OFFICER, at=unit)
    draft_hash = _hash_of(unit_id, content)
    task = Task(
        id=new_id(),
        unit_id=unit.id,
        state=TaskState.DRAFT,
        created_by=by.person_id,
        created_at=now(),
        draft_key=key,
        draft_hash=draft_hash,
        version=1,
        **_place_of(unit),
        **usable_draft(content),
    )
    try:
        task.save(force_insert=True)
    except NotUniqueError:
        earlier: Task = Task.objects(created_by=by.person_id, draft_key=key).get()
        if earlier.draft_hash != draft_hash:
            raise DraftKeyReused from None
        return earlier
    return task


def _hash_of(unit_id: str, content: dict[str, Any]) -> str:
    plain = orjson.dumps([unit_id, content], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(plain).hexdigest()


def edit_task(task_id: str, changes: dict[str, Any], *, version: int, by: Actor) -> Task:
    """The draft with `changes` taken over; a published task is not edited but cancelled.

    Raises NotAllowed, TaskNotFound, TaskChanged, WrongTaskState, and what drafting raises.
    """
    task = managed_task(task_id, by)
    content = content_of(task, changes) | changes
    update = {f"set__{name}": value for name, value in usable_draft(content).items()}
    edited: Task | None = Task.objects(id=task_id, state=TaskState.DRAFT, version=version).modify(
        new=True, inc__version=1, **update
    )
    if edited is None:
        raise _why_not_edited(task_of(task_id))
    return edited


def _why_not_edited(task: Task) -> Conflict:
    if task.state != TaskState.DRAFT:
        return WrongTaskState(state=task.state)
    return TaskChanged(version=task.version)


def publish_task(task_id: str, *, by: Actor) -> Task:
    """The draft, published: its coins quoted and frozen, and moved from the budget to its escrow.

    Repeating it answers the published task. Raises NotAllowed, TaskNotFound, WrongTaskState,
    BadWindow, NoRateInForce, BudgetShort (StopReached where a threshold stops it).
    """
    task = managed_task(task_id, by)
    if task.state == TaskState.PUBLISHED:
        return task
    if task.state != TaskState.DRAFT:
        raise WrongTaskState(state=task.state)
    refuse_bad_window(task.starts_at, task.ends_at)
    unit = unit_of(task.unit_id)
    moment = now()
    decided = {
        "state": TaskState.PUBLISHED.value,
        **price_task(task, unit, at=moment).frozen(task.kind),
        "published_by": by.person_id,
        "published_at": moment,
    }
    _fund_and_publish(task, decided, moment)
    return task_of(task_id)


def _fund_and_publish(task: Task, decided: dict[str, Any], moment: datetime) -> None:
    """Move the most the task can cost and publish it, both or neither."""
    cost = task.slots * decided["coins"]

    def decide(session: ClientSession) -> tuple[Budget, Draw]:
        budget = budget_for(task.unit_id, moment, task.fund, session=session)
        draw = draw_from_budget(budget, cost, session=session)
        post_one(_publication(task, draw, cost), session=session)
        # The version pins what was quoted: an edit in between would change the price.
        result = collection(Task).update_one(
            {"_id": task.id, "state": TaskState.DRAFT.value, "version": task.version},
            {
                "$set": decided | {"budget_account": draw.legs[0].account},
                "$inc": {"version": 1},
            },
            session=session,
        )
        if result.matched_count != 1:
            raise _why_not_edited(task_of(task.id))
        return budget, draw

    try:
        budget, draw = in_transaction(decide)
    except (DuplicateKeyError, BudgetShort) as error:
        # Another request published it meanwhile, perhaps with the very coins missing here.
        seen = confirmed(Task).find_one({"_id": task.id}, {"state": 1})
        if isinstance(error, DuplicateKeyError) or (seen and seen["state"] == TaskState.PUBLISHED):
            return
        raise
    if draw.is_uneven:
        try_to_rebalance(budget, least=cost)


def _publication(task: Task, draw: Draw, cost: int) -> NewEntry:
    legs = [*draw.legs, Leg(accounts.task(task.id), cost)]
    about = ("task", task.id)
    return NewEntry(f"publication:{task.id}", EntryKind.PUBLICATION, legs, about, unit=task.unit_id)


def tasks_of_unit(
    unit_id: str, *, state: str | None, before_id: str | None, limit: int, by: Actor
) -> list[Task]:
    """The unit's own tasks, newest first, for its centre. Raises NotAllowed, UnitNotFound."""
    by.must_hold(Role.CENTRE_OFFICER, Role.AUDITOR, at=unit_of(unit_id))
    wanted: dict[str, Any] = {"unit_id": unit_id}
    if state:
        wanted["state"] = state
    if before_id:
        wanted["id__lt"] = before_id
    return list(Task.objects(**wanted).exclude("claims").order_by("-id").limit(limit))


def seen_task(task_id: str, *, by: Actor) -> Task:
    """The task as `by` may see it: what was never published by its centre, somebody's home by who
    goes there. Raises TaskNotFound.
    """
    task = _known(Task.objects.exclude("claims").with_id(task_id))
    if task.published_at is None and not by.holds(Role.CENTRE_OFFICER, at=unit_of(task.unit_id)):
        raise TaskNotFound
    if not is_private(task.kind_rules) or holds_slot(task.id, by):
        return task
    is_staff = by.holds(Role.CENTRE_OFFICER, Role.AUDITOR, at=unit_of(task.unit_id))
    return task if is_staff else hide_place(task)


def managed_task(task_id: str, by: Actor) -> Task:
    """The task, where `by` runs its centre. Raises TaskNotFound, NotAllowed."""
    task = task_of(task_id)
    by.must_hold(Role.CENTRE_OFFICER, at=unit_of(task.unit_id))
    return task


def _place_of(unit: Unit) -> dict[str, str]:
    """The unit in words as the task card shows it, from the district down."""
    steps = [step for step in (unit_of(unit_id) for unit_id in unit.lineage[1:]) if step.name]
    shown = steps or [unit]
    return {
        "place": "".join(step.name for step in shown),
        "place_en": ", ".join(step.name_en or step.name for step in shown),
    }
