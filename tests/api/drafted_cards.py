"""The rate cards that sound requests speak of."""

from datetime import timedelta
from typing import Any

from fixtures.factories import RATES
from rates import draft_card
from shared.clock import now
from shared.ids import new_id

TITLE = {"en": "Sample", "zh": "示例"}
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
