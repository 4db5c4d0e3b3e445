"""Sound requests around points and pools of codes, for the fuzzed API to spoil."""

from typing import Any

from sound_world import Sound

from catalog import (
    PointTerms,
    RewardKind,
    count_stock,
    import_codes,
    offer_reward,
    order_reward,
    set_point_hours,
)
from fixtures.factories import a_reward

CODES = "code,valid_until\r\nFILM-{number},2099-12-31\r\nＦＩＬＭ９９９９,\r\nbad\r\n"


def of_points(world: Any) -> dict[str, Sound]:
    """Operation → a sound request of the point, its film ticket, and a count that differs."""
    point, officer, clerk = world.town.point, world.actors["officer"], world.actors["clerk"]
    film = a_reward(at=world.town.district, offered=False, kind=RewardKind.TICKET, price=1)
    for number in range(2):
        raw = CODES.format(number=f"{number:04}").encode()
        import_codes(film.id, point.id, raw, key=f"codes-000{number}", by=officer)
    ticket = _ordered(world, film)
    set_point_hours(point.id, PointTerms(phone_number="0591-87654321"), version=0, by=clerk)
    shelf_id = world.ids["reward_id"][0]
    counts = [
        count_stock(point.id, shelf_id, counted=number, key=f"count-000{number}", by=clerk)
        for number in (1, 2)
    ]
    world.ids["reward_id"] += [film.id]
    world.ids["voucher_id"] += [ticket.id]
    world.ids["count_id"] = [one.id for one in reversed(counts)]
    hours = {
        "weekly": [{"weekday": 1, "from_minute": 540, "until_minute": 1_020}],
        "closed_days": ["2026-10-01"],
        "extra_days": [{"day": "2026-10-10", "spans": [{"from_minute": 0, "until_minute": 60}]}],
        "phone_number": "0591-87654321",
        "low_at": 5,
    }
    count = {"reward_id": shelf_id, "counted": 5, "note": "lost"}
    raw = CODES.format(number="0002").encode()
    return {
        "POST /rewards/{reward_id}/codes": Sound(
            "officer", raw, {"reward_id": film.id}, "text/csv", f"point_id={point.id}"
        ),
        "POST /rewards/{reward_id}/code-voidings": Sound(
            "officer", {"point_id": point.id}, {"reward_id": film.id}
        ),
        "PUT /points/{point_id}/hours": Sound("clerk", hours),
        "POST /stock-counts/{count_id}/dismissal": Sound("officer", {"reason": "wrong shelf"}),
        "POST /points/{point_id}/stock-counts": Sound("clerk", count),
    }


def _ordered(world: Any, film: Any) -> Any:
    offer_reward(film.id, by=world.actors["officer"])
    key, by = "order-film", world.actors["resident"]
    return order_reward(film.id, world.town.point.id, key=key, by=by)
