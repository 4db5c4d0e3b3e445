"""Checking published ranks for an admin or auditor: a job recounts, a question tells the result."""

from datetime import timedelta

from honours.leagues.recounting_season import RECOUNTERS, recount_season
from honours.leagues.season_check import SeasonCheck
from honours.leagues.unit_place import season_of
from people import Actor, unit_of
from shared.clock import real_now
from shared.database import collection, lease
from shared.errors import Unavailable
from shared.queue import enqueue

# What is younger and of the published edition is told as it is.
FRESH = timedelta(hours=1)
# One that is under way, or lost, is not asked for again so soon.
ASKED_AGAIN = timedelta(minutes=5)
LEASE_S = 180


def season_check(league_id: str, *, season_id: str = "", by: Actor) -> SeasonCheck:
    """The last check of the newest season of a league, or the one named; a new one is asked for.

    Asked for is one where there is none within the hour of the edition that is published. Raises
    LeagueNotFound, SeasonNotFound, NotAllowed.
    """
    season = season_of(league_id, season_id)
    by.must_hold(*RECOUNTERS, at=unit_of(season.unit_id))
    found: SeasonCheck | None = SeasonCheck.objects.with_id(season.id)
    found = found or SeasonCheck(id=season.id)
    moment = real_now()
    is_fresh = found.checked_at is not None and found.checked_at > moment - FRESH
    if is_fresh and found.edition == season.published_edition:
        return found
    if found.asked_at is None or found.asked_at < moment - ASKED_AGAIN:
        asked = {"$set": {"asked_at": moment}, "$setOnInsert": {"edition": 0}}
        collection(SeasonCheck).update_one({"_id": season.id}, asked, upsert=True)
        enqueue("honours.jobs.check_season", season.id)
    return found


def check_season(season_id: str) -> bool:
    """Recount a season and keep what it says; False where another is at it.

    Raises SeasonNotFound.
    """
    try:
        with lease(f"league-check:{season_id}", seconds=LEASE_S):
            moment = real_now()
            result = recount_season(season_id)._asdict()
            del result["season_id"]
            kept = {"$set": {**result, "checked_at": moment}}
            collection(SeasonCheck).update_one({"_id": season_id}, kept, upsert=True)
            return True
    except Unavailable:
        return False
