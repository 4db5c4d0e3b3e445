"""Counting one person's verified work anew, whole, and what follows from it.

Of two counts that race, the one that read the earlier work never stays: its write is guarded by
the version that was read before the work, and where its tail was outrun the person is noted again.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from honours.asking_counts import ask_for_counts
from honours.badges.awarding_badges import review_badges
from honours.bests import bests_of
from honours.levels.defining_levels import level_table
from honours.levels.levelling import level_for
from honours.quests.taking_quests import review_quests
from honours.service import Service
from honours.tally import Tally, tally_of
from honours.telling_honours import tell_what_is_new
from people import set_level
from settings import settings
from shared.clock import real_now
from shared.database import collection, in_transaction
from shared.errors import Unavailable
from tasks import PastWork, verified_work

# So many counts of one person at once are more than there are workers.
MAX_TRIES = 20
# Whoever began so lately is told of the first level, however many walks the first count found.
JUST_BEGUN = timedelta(days=7)


class _Outrun(Exception):
    """Another count was written since this one read its version."""


def recount_person(person_id: str) -> Service | None:
    """Count a person's verified work anew: figures, level, badges, quests, bests.

    None where there neither is work nor ever was. Safe to repeat and to race. Raises Unavailable
    where others counted the same person all the while.
    """
    for _ in range(MAX_TRIES):
        try:
            counted = _count(person_id)
        except (_Outrun, DuplicateKeyError):
            continue
        if counted is None:
            return None
        written, work = counted
        _follow(written, work)
        if _version_of(person_id) != written.version:
            # This tail, made from earlier work, may have come after the other's: once more, later,
            # for two that did so at once would outrun one another without end.
            ask_for_counts([person_id])
        return written
    raise Unavailable


def _count(person_id: str) -> tuple[Service, list[PastWork]] | None:
    # The order is what the guard stands on: first the version, then the work.
    before: Service | None = Service.objects.with_id(person_id)
    counted_at = real_now()
    # Duty that is somebody's paid post earns its pay, and no honours.
    work = [one for one in verified_work(person_id=person_id) if not one.on_duty]
    if before is None and not work:
        return None
    made = _made(person_id, work, before)
    made.counted_at = counted_at
    in_transaction(lambda session: _write(made, session))
    return made, work


def _made(person_id: str, work: Sequence[PastWork], before: Service | None) -> Service:
    zone = ZoneInfo(settings().business_time_zone)
    tally, bests = tally_of(work, zone), bests_of(work, zone)
    lines = level_table().lines
    level = level_for(lines, seconds=tally.seconds, weeks=len(tally.weeks))
    made = Service(id=person_id, **vars(tally), bests=bests, level=level)
    if before is None:
        made.version, made.bests_told = 1, bests
        # What stood before anybody counted is no news, but for a volunteer who just began.
        made.level_told = 0 if _just_began(tally) else level
    else:
        made.version = before.version + 1
        made.level_told, made.bests_told = before.level_told, before.bests_told
    return made


def _just_began(tally: Tally) -> bool:
    began = tally.first_at is not None and tally.first_at > real_now() - JUST_BEGUN
    return began or tally.count <= 1


def _write(made: Service, session: ClientSession) -> None:
    """The deciding write, and the level where people keep it, both or neither."""
    row: dict[str, Any] = made.to_mongo().to_dict()
    if made.version == 1:
        collection(Service).insert_one(row, session=session)
    else:
        seen = {"_id": made.id, "version": made.version - 1}
        if not collection(Service).replace_one(seen, row, session=session).matched_count:
            raise _Outrun
    set_level(made.id, made.level, session=session)


def _follow(written: Service, work: Sequence[PastWork]) -> None:
    """Whatever else follows from the figures; each of it is safe to repeat."""
    # Before the badges: some are given for quests.
    review_quests(written.id, work)
    review_badges(written.id, written, work)
    tell_what_is_new(written)


def _version_of(person_id: str) -> int:
    row = collection(Service).find_one({"_id": person_id}, {"version": 1})
    return row["version"] if row else 0
