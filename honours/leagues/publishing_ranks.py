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
from shared.sweeping import sweep_each

EVERY = timedelta(hours=1)
LEASE_S = 60
INSERTED_AT_ONCE = 2_000


def publish_due_ranks() -> int:
    """Publish every open season that was not within the hour, or whose end has come; how many."""
    begun = {"state": SeasonState.OPEN.value, "from_at": {"$lte": now()}}
    due = [
        {"published_at": {"$not": {"$gt": real_now() - EVERY}}},
        {"until_at": {"$lte": now() - APPEALS}},
    ]
    # One that was cut off goes to the end of the line: it must not hold up the others.
    found = collection(Season).find({**begun, "$or": due}, {"_id": 1}).sort("begun_at", 1)
    return sweep_each([row["_id"] for row in found], publish_if_free)


def publish_if_free(season_id: str) -> bool:
    """Publish a season's ranks; False where another is at it, or it is CLOSED."""
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
    # Nobody reads one that was replaced an hour ago.
    closed = {"state": SeasonState.CLOSED.value, "is_tidy": False}
    closed |= {"closed_at": {"$lte": real_now() - EVERY}}
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
    collection(Standing).delete_many({"season_id": season_id, **which})
