"""Seasons begin by themselves: whatever league has none going on gets its next one."""

from datetime import datetime
from zoneinfo import ZoneInfo

from pymongo.errors import DuplicateKeyError

from honours.leagues.league import League, Measure, SeasonLength
from honours.leagues.putting_leagues import all_leagues
from honours.leagues.season import Season
from honours.leagues.season_spans import span_around
from settings import settings
from shared.clock import now
from shared.database import collection
from shared.sweeping import sweep_each


def open_due_seasons() -> int:
    """Open the season of this moment of each active league that has none; how many were opened."""
    return sweep_each([one for one in all_leagues() if one.active], open_season)


def open_season(league: League) -> bool:
    """Open the league's next season; False where one is going on. Safe to race.

    The one of this moment, or the first that nobody opened since the last ended (or, later than
    that, since the league was put as it is): a month without a worker is ranked all the same. It
    begins where the month or quarter does, or where the season before it ends.
    """
    moment = now()
    last = Season.objects(league_id=league.league_id).order_by("-from_at").first()
    if last is not None:
        if last.until_at > moment:
            return False
        moment = min(moment, max(last.until_at, league.put_at or last.until_at))
    season = _season_at(league, moment)
    if last is not None:
        season.from_at = max(season.from_at, last.until_at)
    season.validate()
    try:
        collection(Season).insert_one(season.to_mongo().to_dict())
    except DuplicateKeyError:
        return False
    return True


def _season_at(league: League, moment: datetime) -> Season:
    zone = ZoneInfo(settings().business_time_zone)
    span = span_around(moment, SeasonLength(league.season).value, zone)
    return Season(
        id=f"{league.league_id}:{span.period}",
        league_id=league.league_id,
        league_version=league.version,
        name=dict(league.name),
        unit_id=league.unit_id,
        field=league.field,
        measure=Measure(league.measure),
        least_contributors=league.least_contributors,
        period=span.period,
        from_at=span.since,
        until_at=span.until,
    )
