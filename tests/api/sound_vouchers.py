"""Sound requests about vouchers: gifts, exchanges, refunds, rewards in kind."""

from typing import Any

from sound_world import Sound

from catalog import MatterKind, award_in_kind, live_qr, order_reward, scan_voucher
from fixtures.factories import a_reward
from rates import budget_year_of, grant_fund
from shared.clock import now


def of_vouchers(world: Any) -> dict[str, Sound]:
    """What holders do with their vouchers and officers with those of others."""
    town, actors, ids = world.town, world.actors, world.ids
    officer, point = actors["officer"], town.point
    terms = {"price": 1, "refund_days": 7, "cost_fen": 500}
    reward = a_reward(at=town.district, point=point, stock=1_000, **terms)
    year, fund = budget_year_of(now()), ids["fund_name"][0]
    grant_fund(fund, year, 100_000, "sample", "grant-0001", by=actors["rates"])
    given, exchanged, brought_back = (_ordered(world, reward.id, number) for number in range(3))
    qr = live_qr(brought_back, by=actors["resident"]).text
    # The point is scanned at with a key once others have made it one.
    shown = {"point_key": getattr(world, "point_key", "")}
    scan_voucher(qr, point_id=point.id, key="scan-sound", by=actors["clerk"], **shown)
    award = award_in_kind(
        reward.id,
        actors["member"].person_id,
        point.id,
        fund=fund,
        matter_kind=MatterKind.REGISTER,
        matter_id="sample-1",
        key="award-0001",
        by=officer,
    )
    ids["award_id"] = [award.id]
    exchange = {"reward_id": ids["reward_id"][0], "point_id": point.id}
    back = {"reason": "goods_returned", "restock": True}
    wanted = {"point_id": point.id, "fund": fund, "person_id": actors["member"].person_id}
    wanted |= {"matter": {"kind": "case", "id": "sample-2"}}
    of_one = "POST /vouchers/{voucher_id}"
    return {
        f"{of_one}/gift": Sound("resident", {"card": world.card}, at={"voucher_id": given}),
        f"{of_one}/substitution": Sound("resident", exchange, at={"voucher_id": exchanged}),
        f"{of_one}/refund": Sound("officer", back, at={"voucher_id": brought_back}),
        "POST /rewards/{reward_id}/awards": Sound("officer", wanted, at={"reward_id": reward.id}),
    }


def _ordered(world: Any, reward_id: str, number: int) -> str:
    issued = order_reward(
        reward_id, world.town.point.id, key=f"sound-{number}", by=world.actors["resident"]
    )
    return str(issued.id)
