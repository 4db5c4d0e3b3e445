"""Sound requests about rate cards."""

from datetime import timedelta
from typing import Any

from drafted_cards import TITLE
from sound_world import Sound

from shared.clock import now

WHY = {"why": "sample"}


def of_cards(world: Any) -> dict[str, Sound]:
    """Cards drafted, edited, approved, withdrawn, and an action priced."""
    street_id = world.town.street.id
    _, to_approve, to_withdraw = world.ids["card_id"]
    begins, ends = now() + timedelta(hours=1), now() + timedelta(hours=3)
    card = {
        "unit_id": street_id,
        "title": TITLE,
        "in_force_from": begins.isoformat(),
        "lines": [{"kind": "patrol", "base": 0, "per_hour": 50, "caps": {"per_day": 300}}],
        "multipliers": [{"occasion": "weekend", "percent": 120, "kinds": ["patrol"]}],
        "extras": [
            {
                "name": TITLE,
                "coins": 5,
                "starts_at": begins.isoformat(),
                "ends_at": ends.isoformat(),
                "unit_ids": [street_id],
            }
        ],
        "award_grades": [{"grade": "major", "name": TITLE, "least_fen": 100, "most_fen": 200}],
        "duty_hours": [{"weekdays": [1, 2], "from_minute": 0, "until_minute": 60}],
        "paid_roles": ["grid_member"],
        "fen_per_10000_coins": 20_000,
        **WHY,
    }
    action = {
        "unit_id": street_id,
        "kind": "patrol",
        "starts_at": begins.isoformat(),
        "ends_at": ends.isoformat(),
        "distance_m": 1_500.0,
        "where_id": street_id,
    }
    return {
        "POST /rate-cards": Sound("rates", card),
        "PATCH /rate-cards/{card_id}": Sound("rates", {"title": TITLE, **WHY}),
        "POST /rate-cards/{card_id}/approval": Sound("admin", WHY, at={"card_id": to_approve}),
        "POST /rate-cards/{card_id}/withdrawal": Sound("rates", WHY, at={"card_id": to_withdraw}),
        "POST /quotes": Sound("resident", action),
    }
