"""Quests: drafted, opened and withdrawn by the centre officers of a unit."""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
from mongoengine.errors import NotUniqueError
from pymongo.client_session import ClientSession

from honours.badges.defining_badges import BadgeNotFound, badge_of
from honours.quests.quest import Quest, QuestState, QuestStep
from honours.quests.quest_rules import usable_quest
from people import Actor, Role, Unit, record_change, sound_why, unit_of, units_of
from shared.clock import now, real_now
from shared.database import collection, in_transaction
from shared.errors import Conflict, Invalid, NotFound, Refused
from shared.i18n import Text
from shared.ids import new_id
from tasks import task_kinds

OFFICERS = (Role.CENTRE_OFFICER,)


class QuestNotFound(NotFound):
    """Raised when there is no such quest, or it is a draft of others."""

    message = Text("There is no such quest.", "没有该主题行动。")


class QuestKeyUsed(Conflict):
    """Raised when the Idempotency-Key was used for another quest."""

    message = Text(
        "This Idempotency-Key was used for another quest.",
        "该 Idempotency-Key 已用于其他主题行动。",
    )


class QuestChanged(Conflict):
    """Raised when somebody changed the draft since the version that was read."""

    message = Text(
        "The quest was changed meanwhile; it is at version {version} now.",
        "主题行动已被他人修改，当前版本为 {version}。",
    )


class QuestNotDraft(Conflict):
    """Raised when a quest that is open or withdrawn would be changed or opened."""

    message = Text(
        "The quest is no draft any more: volunteers rely on it.",
        "该主题行动已不是草稿，不可更改。",
    )


class QuestOver(Refused):
    """Raised when a quest would be opened whose time is over."""

    message = Text("The quest's time is over.", "该主题行动的时间已过。")


class QuestStepElsewhere(Invalid):
    """Raised when a step is to be taken at a unit that is not the quest's, nor below it."""

    message = Text(
        "A quest's steps are taken at its own unit or below it.",
        "步骤所在单位须为该主题行动的单位或其下级。",
    )


class QuestKindUnknown(Invalid):
    """Raised when a step names a kind of task that is not there."""

    message = Text("There is no kind of task {name}.", "没有任务类型 {name}。")


class QuestBadgeUnfit(Invalid):
    """Raised when a quest names a badge that no quest gives."""

    message = Text(
        "A quest's badge is one in use whose rule is quest.",
        "所选徽章须为在用且规则为 quest 的徽章。",
    )


def quest_of(quest_id: str) -> Quest:
    """The quest. Raises QuestNotFound."""
    found: Quest | None = Quest.objects.with_id(quest_id)
    if found is None:
        raise QuestNotFound
    return found


def draft_quest(unit_id: str, content: Mapping[str, Any], *, key: str, by: Actor) -> Quest:
    """Draft a quest of a unit; the same key answers the same draft, changed since or not.

    `content` holds name, words, from_at, until_at, steps, badge_id. Raises UnitNotFound,
    NotAllowed, QuestKeyUsed, and kinds of Invalid with their field.
    """
    unit = unit_of(unit_id)
    by.must_hold(*OFFICERS, at=unit)
    draft = Quest(
        id=new_id(),
        unit_id=unit_id,
        lineage=list(unit.lineage),
        state=QuestState.DRAFT,
        drafted_by=by.person_id,
        drafted_at=real_now(),
        draft_key=key,
        draft_hash=_hash_of(unit_id, content),
    )
    earlier = _drafted_before(draft)
    if earlier is not None:
        return earlier
    _write_into(draft, _fitting(content, unit))
    try:
        return draft.save(force_insert=True)
    except NotUniqueError:
        earlier = _drafted_before(draft)
        if earlier is None:
            raise
        return earlier


def change_quest(quest_id: str, content: Mapping[str, Any], *, version: int, by: Actor) -> Quest:
    """The draft with this content, whole; `version` is the one seen.

    Raises QuestNotFound, NotAllowed, QuestNotDraft, QuestChanged, and kinds of Invalid.
    """
    quest = managed_quest(quest_id, by)
    fitting = _fitting(content, unit_of(quest.unit_id))
    if quest.state != QuestState.DRAFT:
        raise QuestNotDraft
    changed = {f"set__{name}": value for name, value in _fields(fitting).items()}
    written: Quest | None = Quest.objects(
        id=quest_id, state=QuestState.DRAFT, version=version
    ).modify(new=True, inc__version=1, **changed)
    if written is None:
        current = quest_of(quest_id)
        if current.state != QuestState.DRAFT:
            raise QuestNotDraft
        raise QuestChanged(version=current.version)
    return written


def open_quest(quest_id: str, *, by: Actor) -> Quest:
    """Open a draft for everybody; repeating it changes nothing.

    Verified work counts from `from_at` on, what was done before the opening included: the sweep
    has whoever did that counted. Raises
    QuestNotFound, NotAllowed, QuestNotDraft, QuestOver, QuestBadgeUnfit.
    """
    quest = managed_quest(quest_id, by)
    if quest.state == QuestState.DRAFT:
        if quest.until_at <= now():
            raise QuestOver
        _refuse_unfit_badge(quest.badge_id)
    opened: Quest | None = Quest.objects(
        id=quest_id, state=QuestState.DRAFT, version=quest.version
    ).modify(
        new=True,
        set__state=QuestState.OPEN,
        set__opened_by=by.person_id,
        set__opened_at=real_now(),
        inc__version=1,
    )
    return opened or _as_opened(quest_of(quest_id))


def _as_opened(quest: Quest) -> Quest:
    if quest.state == QuestState.WITHDRAWN:
        raise QuestNotDraft
    if quest.state == QuestState.DRAFT:
        raise QuestChanged(version=quest.version)
    return quest


def withdraw_quest(quest_id: str, *, why: str, by: Actor) -> Quest:
    """End a quest before its time, or drop a draft; repeating it changes nothing.

    Who completed it keeps that; nobody gets any further. Logged with `why`. Raises
    QuestNotFound, NotAllowed, WhyMissing.
    """
    quest, why = managed_quest(quest_id, by), sound_why(why)
    unit = unit_of(quest.unit_id)
    moment = real_now()

    def decide(session: ClientSession) -> None:
        before = collection(Quest).find_one_and_update(
            {"_id": quest_id, "state": {"$ne": QuestState.WITHDRAWN.value}},
            {
                "$set": {
                    "state": QuestState.WITHDRAWN.value,
                    "withdrawn_by": by.person_id,
                    "withdrawn_at": moment,
                    "why": why,
                },
                "$inc": {"version": 1},
            },
            session=session,
        )
        if before is not None:
            _record(quest, before["state"], why, unit, by, session)

    in_transaction(decide)
    return quest_of(quest_id)


def _record(
    quest: Quest, state: str, why: str, unit: Unit, by: Actor, session: ClientSession
) -> None:
    record_change(
        "quest",
        quest.id,
        "withdraw",
        unit=unit,
        before={"state": state},
        after={"state": QuestState.WITHDRAWN.value},
        why=why,
        by_id=by.person_id,
        session=session,
    )


def managed_quest(quest_id: str, by: Actor) -> Quest:
    """The quest, for an officer of its unit. Raises QuestNotFound, NotAllowed."""
    quest = quest_of(quest_id)
    by.must_hold(*OFFICERS, at=quest)
    return quest


# ---- content


def _fitting(content: Mapping[str, Any], unit: Unit) -> dict[str, Any]:
    """The content, checked, and that what it names is there."""
    usable = usable_quest(content)
    kinds = {kind.kind_id for kind in task_kinds() if kind.active}
    named = units_of([step["unit_id"] for step in usable["steps"] if step["unit_id"]])
    for index, step in enumerate(usable["steps"]):
        field = f"steps.{index}"
        if step["kind"] and step["kind"] not in kinds:
            raise QuestKindUnknown(f"{field}.kind", name=step["kind"])
        below = named.get(step["unit_id"])
        if step["unit_id"] and (below is None or unit.id not in below.lineage):
            raise QuestStepElsewhere(f"{field}.unit_id")
    _refuse_unfit_badge(usable["badge_id"])
    return usable


def _refuse_unfit_badge(badge_id: str) -> None:
    if not badge_id:
        return
    try:
        badge = badge_of(badge_id)
    except BadgeNotFound:
        raise QuestBadgeUnfit("badge_id") from None
    if not badge.active or badge.rule["rule"] != "quest":
        raise QuestBadgeUnfit("badge_id")


def _fields(usable: Mapping[str, Any]) -> dict[str, Any]:
    return {**usable, "steps": [QuestStep(**step) for step in usable["steps"]]}


def _write_into(draft: Quest, usable: Mapping[str, Any]) -> None:
    for name, value in _fields(usable).items():
        setattr(draft, name, value)


def _hash_of(unit_id: str, content: Mapping[str, Any]) -> str:
    """What tells a repeat from another draft: what was said, not what follows from it."""
    plain = orjson.dumps([unit_id, dict(content)], option=orjson.OPT_SORT_KEYS, default=str)
    return hashlib.sha256(plain).hexdigest()


def _drafted_before(draft: Quest) -> Quest | None:
    """The draft made under the same key. Raises QuestKeyUsed."""
    same_key = {"drafted_by": draft.drafted_by, "draft_key": draft.draft_key}
    earlier: Quest | None = Quest.objects(**same_key).first()
    if earlier is not None and earlier.draft_hash != draft.draft_hash:
        raise QuestKeyUsed
    return earlier
