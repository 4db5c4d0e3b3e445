"""Sound requests about budgets: envelopes, transfers, thresholds."""

from typing import Any

from sound_world import Sound

from rates import ask_transfer, grant_budget, put_budget_rule
from shared.ids import new_id

WHY = {"why": "sample"}


def of_budgets(world: Any) -> dict[str, Sound]:
    """Coins set aside for a quarter, moved to another unit, and stopped at a threshold."""
    town, rates = world.town, world.actors["rates"]
    # Of next year, so that what is published now draws from the same budget as before.
    year = world.ids["year"][0] + 1
    grant_budget(town.street.id, year, 1_000, "sample", new_id(), by=rates)
    units = (town.street.id, town.district.id)
    asked = [ask_transfer(*units, year, 5, **WHY, key=new_id(), by=rates).id for _ in range(3)]
    world.ids["transfer_id"] = asked
    put_budget_rule(
        town.street.id,
        world.ids["year"][0],
        warn_percent=80,
        stop_percent=None,
        **WHY,
        version=0,
        by=rates,
    )
    transfer = {"from_unit_id": units[0], "to_unit_id": units[1], "year": year, "coins": 5, **WHY}
    rule = {"warn_percent": 80, "stop_percent": 100, **WHY}
    envelope = {"year": year, "quarter": 3, "coins": 10, **WHY}
    return {
        "POST /units/{unit_id}/budget-envelopes": Sound("rates", envelope),
        "PUT /units/{unit_id}/budget-rules/{year}": Sound("rates", rule),
        "POST /budget-transfers": Sound("rates", transfer),
        "POST /budget-transfers/{transfer_id}/approval": Sound(
            "admin", WHY, {"transfer_id": asked[1]}
        ),
        "POST /budget-transfers/{transfer_id}/refusal": Sound(
            "admin", WHY, {"transfer_id": asked[2]}
        ),
    }
