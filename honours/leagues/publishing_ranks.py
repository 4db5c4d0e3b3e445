"""Publishing a season's ranks: a whole new edition is written, then one write makes it the one.

A crash in the middle leaves the edition before as it is. Two publishers write under different
numbers, and of two that finish the higher number stays.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from pymongo import ReturnDocument

from honours.leagues.batches import in_batches
from honours.leagues.league import Measure
from honours.leagues.league_counting import tallies_of
from honours.leagues.ranking import PER_MEMBERS, PER_RESIDENTS, Ranked, ranked
from honours.leagues.season import APPEALS, Season, SeasonState
from honours.leagues.standing import Standing, standing_id
from shared.clock import now, real_now
from shared.database import collection, lease
from shared.errors import Unavailable
from shared.queue import enqueue
from shared.sweeping import sweep_each

# Daily: from hour to hour a quiet unit's figures would tell what one neighbour did, or wished.
EVERY = timedelta(days=1)
# A count that was begun is given so long before another is asked for.
TRIED_AGAIN = timedelta(minutes=10)
# Readers of the edition before have long turned to the newer one.
READ_FOR = timedelta(hours=1)
# Longer than the server may add without a word.
LEASE_S = 120
INSERTED_AT_ONCE = 2_000
FORGOTTEN_AT_ONCE = 5_000


def ask_for_due_ranks() -> int:
    """Have every season published that is due, each by a job of its own; how many were asked for.

    Due is an open season without an edition of the last day, or whose end has come.
    """
    # The one whose last try was longest ago first; one that is cut off holds up no other.
    waited = {"begun_at": {"$not": {"$gt": real_now() - TRIED_AGAIN}}}
    found = collection(Season).find({**_due(), **waited}, {"_id": 1}).sort("begun_at", 1)
    return sweep_each([row["_id"] for row in found], _ask_for)


def _ask_for(season_id: str) -> bool:
    return enqueue("honours.jobs.publish_season", season_id)


def _due() -> dict[str, Any]:
    due = [
        {"published_at": {"$not": {"$gt": real_now() - EVERY}}},
        {"until_at": {"$lte": now() - APPEALS}},
    ]
    return {"state": SeasonState.OPEN.value, "from_at": {"$lte": now()}, "$or": due}


def publish_if_due(season_id: str) -> bool:
    """Publish a season's ranks; False where they are not due, or another is at it."""
    if collection(Season).find_one({"_id": season_id, **_due()}, {"_id": 1}) is None:
        return False
    try:
        return publish_ranks(season_id) > 0
    except Unavailable:
        return False


def publish_ranks(season_id: str) -> int:
    """Count a season anew and publish its next edition; its number, 0 where nothing was.

    Once the time of appeals is over the edition is the final one and closes the season. Raises
    Unavailable where another publisher holds the season.
    """
    with lease(f"league:{season_id}", seconds=LEASE_S) as prolong:
        season = _begun(season_id)
        if season is None:
            return 0
        counted_at = real_now()
        is_final = season.is_final_at(now())
        found = ranks_of(season, prolong=prolong)
        _write(season, found, prolong)
        return _publish(season, len(found), counted_at, is_final=is_final)


def ranks_of(season: Season, *, prolong: Callable[[], None]) -> list[Ranked]:
    """The ranks of a season as its work stands now."""
    return ranked(
        tallies_of(season, prolong=prolong),
        measure=Measure(season.measure).value,
        per=per_of(season),
        least_contributors=season.least_contributors,
    )


def per_of(season: Season) -> int:
    """Against how many people of the population a score is held."""
    return PER_MEMBERS if season.is_of_teams else PER_RESIDENTS


def _begun(season_id: str) -> Season | None:
    """The OPEN season with the number of an edition that nobody else writes: `editions`."""
    row = collection(Season).find_one_and_update(
        {"_id": season_id, "state": SeasonState.OPEN.value},
        {"$inc": {"editions": 1}, "$set": {"begun_at": real_now()}},
        return_document=ReturnDocument.AFTER,
    )
    return Season._from_son(row) if row else None


def _write(season: Season, found: Iterable[Ranked], prolong: Callable[[], None]) -> None:
    for some in in_batches(_rows(season, found), INSERTED_AT_ONCE):
        prolong()
        collection(Standing).insert_many(some, ordered=False)


def _rows(season: Season, found: Iterable[Ranked]) -> Iterator[dict[str, Any]]:
    for one in found:
        yield {
            "_id": standing_id(season.id, season.editions, one.tally.unit_id),
            "season_id": season.id,
            "edition": season.editions,
            "unit_id": one.tally.unit_id,
            "place": one.place,
            "rank": one.rank,
            "score": one.score,
            "raw": one.tally.raw,
            "population": one.tally.population,
            "contributors": one.tally.contributors,
        }


def _publish(season: Season, total: int, counted_at: datetime, *, is_final: bool) -> int:
    """The deciding write: from here on the edition is the published one."""
    edition = season.editions
    changed: dict[str, Any] = {
        "published_edition": edition,
        "published_at": real_now(),
        "counted_at": counted_at,
        "ranked": total,
    }
    if is_final:
        changed |= {"state": SeasonState.CLOSED.value, "closed_at": real_now()}
    still = {
        "_id": season.id,
        "state": SeasonState.OPEN.value,
        "published_edition": {"$lt": edition},
    }
    before = collection(Season).find_one_and_update(still, {"$set": changed})
    if before is None:
        _forget(season.id, {"edition": edition})
        return 0
    # The one before is kept for who is reading it just now.
    kept = before["published_edition"]
    _forget(season.id, {"edition": {"$lt": edition, "$ne": kept}})
    return edition


def tidy_closed() -> int:
    """Remove every edition but the final one of the seasons that are CLOSED; how many seasons."""
    closed = {"state": SeasonState.CLOSED.value, "is_tidy": False}
    closed |= {"closed_at": {"$lte": real_now() - READ_FOR}}
    found = collection(Season).find(closed, {"_id": 1})
    return sweep_each([row["_id"] for row in found], tidy_season)


def tidy_season(season_id: str) -> None:
    """Remove every edition of a CLOSED season but the final one. Safe to repeat."""
    closed = {"_id": season_id, "state": SeasonState.CLOSED.value}
    row = collection(Season).find_one(closed, {"published_edition": 1})
    if row:
        _forget(season_id, {"edition": {"$ne": row["published_edition"]}})
        collection(Season).update_one(closed, {"$set": {"is_tidy": True}})


def _forget(season_id: str, which: dict[str, Any]) -> None:
    """Remove editions some standings at a time: of a million, one command would take too long."""
    wanted = {"season_id": season_id, **which}
    while True:
        found = collection(Standing).find(wanted, {"_id": 1}).limit(FORGOTTEN_AT_ONCE)
        ids = [row["_id"] for row in found]
        if not ids:
            return
        collection(Standing).delete_many({"_id": {"$in": ids}})
