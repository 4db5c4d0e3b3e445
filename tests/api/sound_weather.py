"""Sound requests about weather warnings: declaring one, ending one."""

from datetime import timedelta
from typing import Any

from sound_world import Sound

from rates import Occasion, declare_weather
from shared.clock import now


def of_weather(world: Any) -> dict[str, Sound]:
    """What officers say of heat and storms."""
    begins = now() + timedelta(hours=1)
    ends = begins + timedelta(hours=6)
    known = declare_weather(
        world.town.district.id,
        Occasion.STORM,
        begins,
        ends,
        why="sample",
        key="warning-sample",
        by=world.actors["officer"],
    )
    world.ids["warning_id"] = [known.id]
    declared = {
        "occasion": "heat",
        "starts_at": begins.isoformat(),
        "ends_at": ends.isoformat(),
        "why": "sample",
    }
    unit = {"unit_id": world.town.district.id}
    return {
        "POST /units/{unit_id}/weather-warnings": Sound("officer", declared, at=unit),
        "POST /weather-warnings/{warning_id}/ending": Sound("officer", {"why": "sample"}),
    }
