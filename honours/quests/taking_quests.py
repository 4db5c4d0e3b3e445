"""How far people are with quests: counted whole from the verified work of each, at every count.

Only work that began between the quest's two moments counts. When work is withdrawn, a step and a
completion go with it, and come back with other work; each is told once.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from mongoengine.errors import NotUniqueError

from honours.badges.telling_badges import both
from honours.quests.quest import Quest, QuestState
from honours.quests.quest_progress import QuestProgress, progress_id_for
from honours.quests.quest_rules import Done, Span, Step, is_complete, steps_taken
from honours.tally import Work
from notices import tell
from people import units_of
from shared.clock import real_now
from shared.sweeping import sweep_each

_BATCH = 500


def review_quests(person_id: str, work: Sequence[Work]) -> bool:
    """Write down how far the person is with every quest, tell of completions.

    Whether a completion came or went, so that badges that quests give are to be looked at.
    Safe to repeat and to race.
    """
    lineages = {unit.id: unit.lineage for unit in units_of([one.unit_id for one in work]).values()}
    done = [
        Done(one.starts_at, one.kind, frozenset(lineages.get(one.unit_id, [one.unit_id])))
        for one in work
    ]
    before = {one.quest_id: one for one in QuestProgress.objects(person_id=person_id)}
    turned = [
        _review(person_id, quest, done, before.get(quest.id)) for quest in _quests_of(done, before)
    ]
    if any(turned) or not all(one.told for one in before.values()):
        for one in QuestProgress.objects(person_id=person_id, told=False):
            tell_of_quest(one)
    return any(turned)


def _quests_of(done: Sequence[Done], before: dict[str, QuestProgress]) -> list[Quest]:
    """The quests that the person's work may count for, and those it once counted for."""
    either: list[dict[str, Any]] = [{"_id": {"$in": list(before)}}]
    if done:
        moments = [one.starts_at for one in done]
        open_then = {
            "unit_id": {"$in": sorted(frozenset[str]().union(*(one.unit_ids for one in done)))},
            "state": QuestState.OPEN.value,
            "until_at": {"$gt": min(moments)},
            "from_at": {"$lte": max(moments)},
        }
        either.append(open_then)
    return list(Quest.objects(__raw__={"$or": either}))


def _review(
    person_id: str, quest: Quest, done: Sequence[Done], before: QuestProgress | None
) -> bool:
    """Write one quest's progress where it differs; whether its completion came or went."""
    steps = steps_of(quest)
    taken = steps_taken(steps, Span(quest.from_at, quest.until_at), done)
    if quest.state == QuestState.WITHDRAWN and before is not None:
        # Nobody gets further in what was withdrawn, yet work that does not stand still goes.
        taken = [min(now, then) for now, then in zip(taken, before.done, strict=True)]
    if before is None:
        return any(taken) and _begin(person_id, quest, taken, is_complete(steps, taken))
    is_done = is_complete(steps, taken)
    if taken == list(before.done) and is_done == (before.completed_at is not None):
        return False
    return _go_on(before, taken, is_done)


def _begin(person_id: str, quest: Quest, taken: list[int], is_done: bool) -> bool:
    moment = real_now()
    try:
        QuestProgress(
            id=progress_id_for(quest.id, person_id),
            quest_id=quest.id,
            person_id=person_id,
            done=taken,
            taken=sum(taken),
            completed_at=moment if is_done else None,
            badge_id=quest.badge_id,
            times=int(is_done),
            told=not is_done,
            counted_at=moment,
        ).save(force_insert=True)
    except NotUniqueError:
        return False  # another count was there first
    return is_done


def _go_on(before: QuestProgress, taken: list[int], is_done: bool) -> bool:
    """One write, guarded by the version read; whether it won and the completion came or went."""
    was_done = before.completed_at is not None
    turns = is_done != was_done
    completed_at = _completed_at(before, is_done)
    written = QuestProgress.objects(id=before.id, version=before.version).update_one(
        set__done=taken,
        set__taken=sum(taken),
        set__completed_at=completed_at,
        set__counted_at=real_now(),
        inc__version=1,
        **({"inc__times": 1, "set__told": False} if turns else {}),
    )
    return bool(written) and turns


def _completed_at(before: QuestProgress, is_done: bool) -> datetime | None:
    if not is_done:
        return None
    return before.completed_at or real_now()


def steps_of(quest: Quest) -> list[Step]:
    """The quest's steps in plain values, each with the unit it is taken at."""
    return [Step(step.kind, step.unit_id or quest.unit_id, step.times) for step in quest.steps]


def tell_of_quest(progress: QuestProgress) -> None:
    """Tell somebody that they completed a quest, or no longer have; repeats tell nothing twice."""
    quest: Quest | None = Quest.objects.with_id(progress.quest_id)
    if quest is not None:
        facts = {"quest": both(quest.name), "quest_id": quest.id}
        key = f"quest:{progress.id}:{progress.times}"
        if progress.completed_at is not None:
            tell(progress.person_id, "quest_completed", facts, key=key)
        else:
            tell(progress.person_id, "quest_taken_back", facts, key=key)
    QuestProgress.objects(id=progress.id, times=progress.times).update_one(set__told=True)


def tell_untold_quests() -> int:
    """Tell of changes whose teller died on the way; how many."""
    return sweep_each(list(QuestProgress.objects(told=False).limit(_BATCH)), tell_of_quest)
