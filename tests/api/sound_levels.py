"""Sound requests around what volunteers gave: levels, frozen weeks."""

from typing import Any

from sound_world import Sound

from honours import put_levels
from shared.clock import now


def of_levels(world: Any) -> dict[str, Sound]:
    """Operation → a sound request."""
    year, week, _ = now().date().isocalendar()
    line = {"name": {"en": "Neighbour", "zh": "邻里"}, "least_hours": 1, "least_weeks": 1}
    put_levels([line], version=0, why="试行", by=world.actors["admin"])
    return {
        "POST /me/streak-freezes": Sound("resident", {"week": f"{year}-W{week:02d}"}),
        "PUT /levels": Sound("admin", {"levels": [line], "why": "试行"}),
    }
