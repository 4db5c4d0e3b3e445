"""Quests as people find them: those open to them where they belong, with their own progress."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from honours.quests.quest import Quest, QuestPhase, QuestState
from honours.quests.quest_progress import QuestProgress, progress_id_for
from honours.quests.quests import OFFICERS, QuestNotFound, quest_of
from honours.service import Service
from people import Actor, Role, person_of, unit_of, units_of
from shared.clock import now
from shared.cursors import BadCursor, from_cursor, to_cursor

READERS = (*OFFICERS, Role.ADMIN, Role.AUDITOR)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


class SeenQuest(NamedTuple):
    """A quest as somebody sees it: what it is now, how far they are, how many take part in it.

    How many is as of some minutes ago.
    """

    quest: Quest
    phase: QuestPhase
    done: list[int]
    completed_at: datetime | None
    participants: int
    completed: int


class QuestPage(NamedTuple):
    """Quests; where the list goes on."""

    items: list[SeenQuest]
    next_cursor: str | None


def quests_for(
    *, unit_id: str | None = None, cursor: str | None = None, limit: int = 20, by: Actor
) -> QuestPage:
    """The quests open now or announced, those that end first before others.

    Of the units where the caller belongs or worked, of those above them and below; or of one
    unit, those above it and below. Raises UnitNotFound, BadCursor.
    """
    units = [unit_of(unit_id)] if unit_id else list(units_of(_units_of_own(by)).values())
    above = sorted({one for unit in units for one in unit.lineage})
    near = [{"unit_id": {"$in": above}}, {"lineage": {"$in": [unit.id for unit in units]}}]
    wanted: dict[str, Any] = {
        "state": QuestState.OPEN.value,
        "until_at": {"$gt": now()},
        "$and": [{"$or": near}],
    }
    if cursor:
        wanted["$and"].append({"$or": _behind(cursor)})
    found = Quest.objects(__raw__=wanted).order_by("until_at", "id").limit(limit + 1)
    return _page(list(found), limit, by)


def quests_of_unit(
    unit_id: str, *, cursor: str | None = None, limit: int = 20, by: Actor
) -> QuestPage:
    """All quests of a unit and of those below it, drafts and past ones too, newest first.

    Raises UnitNotFound, NotAllowed, BadCursor.
    """
    by.must_hold(*READERS, at=unit_of(unit_id))
    found = Quest.objects(lineage=unit_id)
    if cursor:
        found = found.filter(id__lt=from_cursor(cursor, str)[0])
    rows = list(found.order_by("-id").limit(limit + 1))
    more = to_cursor(rows[limit - 1].id) if len(rows) > limit else None
    return QuestPage(_seen(rows[:limit], by), more)


def seen_quest(quest_id: str, *, by: Actor) -> SeenQuest:
    """One quest with the caller's own progress; a draft only for its unit's officers.

    Raises QuestNotFound.
    """
    quest = quest_of(quest_id)
    was_open = quest.opened_at is not None
    if not was_open and not by.holds(*READERS, at=quest):
        raise QuestNotFound
    return _seen([quest], by)[0]


def _units_of_own(by: Actor) -> list[str]:
    """Where the caller is a member, and where their verified work was done."""
    person = person_of(by.person_id)
    service: Service | None = Service.objects.with_id(by.person_id)
    member_of = [held.unit_id for held in person.memberships]
    return [*member_of, *(service.unit_ids if service else [])]


def _page(rows: Sequence[Quest], limit: int, by: Actor) -> QuestPage:
    last = rows[limit - 1] if len(rows) > limit else None
    more = to_cursor((last.until_at - _EPOCH) // _MS, last.id) if last else None
    return QuestPage(_seen(rows[:limit], by), more)


def _behind(cursor: str) -> list[dict[str, Any]]:
    ends_ms, last_id = from_cursor(cursor, int, str)
    try:
        ends_at = _EPOCH + ends_ms * _MS
    except OverflowError:
        raise BadCursor("cursor") from None
    return [{"until_at": {"$gt": ends_at}}, {"until_at": ends_at, "_id": {"$gt": last_id}}]


def _seen(rows: Sequence[Quest], by: Actor) -> list[SeenQuest]:
    own_ids = [progress_id_for(quest.id, by.person_id) for quest in rows]
    own = {one.quest_id: one for one in QuestProgress.objects(id__in=own_ids)}
    moment = now()
    return [
        SeenQuest(
            quest,
            quest.phase_at(moment),
            list(own[quest.id].done) if quest.id in own else [0] * len(quest.steps),
            own[quest.id].completed_at if quest.id in own else None,
            quest.participants,
            quest.completed,
        )
        for quest in rows
    ]
