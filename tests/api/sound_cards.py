"""Sound requests about rate cards, and the cards that they speak of."""

from datetime import timedelta
from typing import Any

from sound_world import Sound

from fixtures.factories import RATES
from rates import draft_card
from shared.clock import now
from shared.ids import new_id

TITLE = {"en": "Sample", "zh": "示例"}
WHY = {"why": "sample"}
# One each to edit, to approve, to withdraw: the first is what its place in an address is filled by.
DRAFTS = 3


def draft_cards(world: Any) -> None:
    """Drafts of the street's rate admin, for the addresses of requests."""
    made = [
        draft_card(
            world.town.street.id,
            {
                "title": TITLE,
                "in_force_from": now() + timedelta(days=number + 1),
                "lines": RATES,
            },
            why="sample",
            key=new_id(),
            by=world.actors["rates"],
        )
        for number in range(DRAFTS)
    ]
    world.ids["card_id"] = [card.id for card in made]


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
