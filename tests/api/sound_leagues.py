"""Sound requests around leagues, for the fuzzed API to spoil."""

from typing import Any

from sound_world import Sound

from honours.leagues.opening_seasons import open_season
from honours.leagues.putting_leagues import league_of


def of_leagues(world: Any) -> dict[str, Sound]:
    """Operation → a sound request that puts a league, a population, a wish."""
    city, street = world.town.city, world.town.street
    open_season(league_of("grid_hours"))
    world.ids["league_id"] = ["grid_hours", "team_hours", "walkers"]
    league = {
        "name": {"en": "Walkers", "zh": "步行联赛"},
        "unit_id": city.id,
        "field": "grid",
        "measure": "kilometres",
        "season": "quarter",
        "least_contributors": 5,
        "active": True,
        "why": "sample",
    }
    census = {"residents": 2_000, "source": "统计年鉴", "as_of": "2025-12-31", "why": "census"}
    return {
        "PUT /leagues/{league_id}": Sound("admin", league, {"league_id": "walkers"}),
        "PUT /units/{unit_id}/population": Sound("admin", census, {"unit_id": street.id}),
        "PUT /me/league-wish": Sound("resident", {"is_left_out": False}),
    }
