"""Sound requests about rewards: their terms, their offer, their pictures, their stock, orders."""

from datetime import timedelta
from typing import Any

from sound_world import Sound

from shared.clock import now
from tests.pictures import photo_file


def of_rewards(world: Any) -> dict[str, Sound]:
    """What officers say of a reward, and a resident's order."""
    town = world.town
    soon, later = (
        (now() + timedelta(days=days)).replace(microsecond=0).isoformat() for days in (1, 30)
    )
    hours = {"weekdays": [1, 7], "from_minute": 540, "until_minute": 1_080}
    terms = {
        "title": "纸巾",
        "title_en": "Tissues",
        "description": "sample",
        "price": 1,
        "cost_fen": 90,
        "validity_days": 30,
        "per_person_limit": 100,
        "per_day_limit": 50,
        "buyers": {
            "least_level": 0,
            "groups": ["tea"],
            "trades": ["driver"],
            "roles": ["captain"],
            "unit_id": town.street.id,
        },
        "on_sale_from": soon,
        "on_sale_until": later,
        "sale_hours": [hours],
        "cancel_hours": 24,
        "refund_days": 7,
        "expiry_rule": "returns",
        "can_be_gifted": True,
    }
    new = {"unit_id": town.district.id, "kind": "coupon", **terms}
    window = {"on_sale_from": soon, "on_sale_until": later}
    draft, launch = ({"reward_id": reward.id} for reward in world.draft_rewards)
    supply = {"supplied": 2_000, "low_at": 5}
    order = {"point_id": town.point.id}
    return {
        "POST /rewards": Sound("officer", new),
        "PATCH /rewards/{reward_id}": Sound("officer", terms, at=draft),
        "POST /rewards/{reward_id}/offer": Sound("officer", window, at=launch),
        "POST /rewards/{reward_id}/pictures": Sound("officer", photo_file(1), kind="image/jpeg"),
        "PUT /rewards/{reward_id}/stocks/{point_id}": Sound("officer", supply),
        "POST /rewards/{reward_id}/orders": Sound("resident", order),
    }
