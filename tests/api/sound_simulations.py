"""Sound requests about simulations of rate cards."""

from typing import Any

from sound_world import Sound


def of_simulations(_world: Any) -> dict[str, Sound]:
    """Operation → a sound request."""
    span = {"since": "2026-03-02T00:00:00Z", "until": "2026-03-09T00:00:00Z"}
    return {"POST /rate-cards/{card_id}/simulations": Sound("rates", span)}
