"""The tail of a season that closed: the first three units' officers are told, and the volunteers
of whatever unit did better than in the season before. Nobody is told of a place lost.
"""

from typing import Any

from honours.leagues.batches import in_batches
from honours.leagues.league_counting import counted_in
from honours.leagues.season import Season, SeasonState
from honours.leagues.standing import Standing
from notices import tell_officers, tell_people
from people import Unit, units_of
from shared.database import collection, lease
from shared.errors import Unavailable
from shared.sweeping import sweep_each

FIRST_THREE = 3
# Where very many share a rank, so many of them are told of.
MOST_WINNERS = 20
TOLD_AT_ONCE = 500
LEASE_S = 120


def tell_closed() -> int:
    """Tell of the seasons that are CLOSED and not told of yet; how many seasons."""
    untold = {"state": SeasonState.CLOSED.value, "is_told": False}
    found = collection(Season).find(untold, {"_id": 1})
    return sweep_each([row["_id"] for row in found], tell_season)


def tell_season(season_id: str) -> bool:
    """Tell of a CLOSED season; False where that is done or another is at it. Safe to repeat."""
    try:
        with lease(f"league-told:{season_id}", seconds=LEASE_S) as prolong:
            season = Season.objects(id=season_id, state=SeasonState.CLOSED, is_told=False).first()
            if season is None:
                return False
            _tell_winners(season)
            better = _better_than_before(season)
            if better:
                done = counted_in(season, unit_ids=set(better), prolong=prolong)
                people = {one.unit_id: sorted(one.amounts) for one in done}
                for some in in_batches(sorted(better), TOLD_AT_ONCE):
                    prolong()
                    _tell_better(season, {one: better[one] for one in some}, people)
            collection(Season).update_one({"_id": season_id}, {"$set": {"is_told": True}})
            return True
    except Unavailable:
        return False


def _tell_winners(season: Season) -> None:
    first = _final(season, rank__lte=FIRST_THREE).order_by("place").limit(MOST_WINNERS)
    won = {one.unit_id: one.rank for one in first}
    for unit_id, unit in units_of(list(won)).items():
        facts = {**_facts(season, unit, won[unit_id]), "total": season.ranked}
        tell_officers(unit, "league_won", facts, key=f"league-won:{season.id}:{unit_id}")


def _better_than_before(season: Season) -> dict[str, int]:
    """The units whose rank is better than in the season before: unit id → the new rank."""
    before = _season_before(season)
    if before is None:
        return {}
    ranks = dict(_final(before).scalar("unit_id", "rank"))
    now_ranked = _final(season).scalar("unit_id", "rank")
    return {unit_id: rank for unit_id, rank in now_ranked if rank < ranks.get(unit_id, 0)}


def _season_before(season: Season) -> Season | None:
    """The season that ended where this one began, where both were played by the same terms."""
    found: Season | None = Season.objects(
        league_id=season.league_id,
        until_at=season.from_at,
        state=SeasonState.CLOSED,
        field=season.field,
        measure=season.measure,
        unit_id=season.unit_id,
    ).first()
    return found


def _tell_better(season: Season, ranks: dict[str, int], people: dict[str, list[str]]) -> None:
    for unit_id, unit in units_of(list(ranks)).items():
        facts = _facts(season, unit, ranks[unit_id])
        for some in in_batches(people.get(unit_id, []), TOLD_AT_ONCE):
            key = f"league-better:{season.id}:{unit_id}"
            tell_people(some, "league_better", facts, key=key)


def _final(season: Season, **which: Any) -> Any:
    edition = season.published_edition
    return Standing.objects(season_id=season.id, edition=edition, **which)


def _facts(season: Season, unit: Unit, rank: int) -> dict[str, Any]:
    return {
        "league": {"zh-CN": season.name["zh"], "en": season.name["en"]},
        "unit": {"zh-CN": unit.name, "en": unit.name_en or unit.name},
        "period": season.period,
        "rank": rank,
        "season_id": season.id,
        "unit_id": unit.id,
    }
