"""Sound requests around points' statements, for the fuzzed API to spoil."""

from datetime import timedelta
from typing import Any

from sound_world import Sound

from catalog import (
    Voucher,
    confirm_statement,
    dispute_lines,
    escrow,
    order_reward,
    settle_statement,
)
from catalog.settlement.closing import close_days
from catalog.settlement.point_statement import PointStatement
from fixtures.factories import a_reward
from rates import grant_fund
from shared.clock import now, pretending
from shared.database import collection

DISPUTE = {"number": 1, "reason": "两件", "claimed_fen": 400}


def of_statements(world: Any) -> dict[str, Sound]:
    """Operation → a sound request of a statement that is in the state for it."""
    point, officer, clerk = world.town.point, world.actors["officer"], world.actors["clerk"]
    shelf = a_reward(at=world.town.district, point=point, stock=10, price=1)
    for days in range(5, 2, -1):
        _handed_over(world, shelf.id, days)
    close_days()
    fresh, disputed, settled = PointStatement.objects(point_id=point.id).order_by("day")[:3]
    dispute_lines(disputed.id, [DISPUTE], by=clerk)
    confirm_statement(settled.id, by=clerk)
    settle_statement(settled.id, by=officer)
    fund, year = world.ids["fund_name"][0], world.ids["year"][0]
    rates = world.actors["rates"]
    grant_fund(fund, year, 1_000, "sample", key="statements-0001", by=rates)
    world.ids["statement_id"] = [fresh.id, disputed.id, settled.id]
    world.ids["number"] = [1]
    base = "POST /point-statements/{statement_id}"
    decision = {"fen": 100, "reason": "核对属实"}
    payment = {"fund": fund, "reference": "ICBC 0001"}
    line = {"statement_id": disputed.id, "number": "1"}
    return {
        f"{base}/disputes": Sound("clerk", {"lines": [DISPUTE]}, at={"statement_id": fresh.id}),
        f"{base}/lines/{{number}}/decision": Sound("officer", decision, at=line),
        f"{base}/payment": Sound("officer", payment, at={"statement_id": settled.id}),
    }


def _handed_over(world: Any, reward_id: str, days: int) -> None:
    """One hand-over so many days ago, by the write that a scan makes."""
    resident, point = world.actors["resident"], world.town.point
    key, moment = f"statement-{days}", now() - timedelta(days=days)
    with pretending(moment):
        issued = order_reward(reward_id, point.id, key=key, by=resident)
    change = {
        "state": "redeemed",
        "redeemed_at": moment,
        "redeemed_by": world.actors["clerk"].person_id,
        "redeemed_point_id": point.id,
        "scan_key": key,
    }
    collection(Voucher).update_one({"_id": issued.id}, {"$set": change})
    entry_id = escrow.pay_point(Voucher.objects.get(id=issued.id))
    collection(Voucher).update_one({"_id": issued.id}, {"$set": {"settled_entry_id": entry_id}})
