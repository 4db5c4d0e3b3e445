"""Whether every item of a stock is on the shelf or in somebody's voucher, and every code in one."""

from collections.abc import Iterator

from pymongo.client_session import ClientSession

from catalog.pools.pool_code import PoolCode, PoolCodeState
from catalog.proof.proof_steps import (
    WORST_FIRST,
    Flaw,
    Steps,
    all_of,
    beside,
    looked_up,
    over,
    same,
    unless,
)
from catalog.reward import Reward, RewardKind
from catalog.stock import Stock
from catalog.voucher import HANDED_OVER, OUTSTANDING, Voucher

_AT = {"_id": {"$concat": ["$reward_id", ":", "$point_id"]}}
_HELD = (PoolCodeState.TAKEN.value, PoolCodeState.OPENED.value)


def stocks_that_differ(session: ClientSession) -> Iterator[Flaw]:
    """Stocks of which other things are gone than what vouchers were issued for.

    What was brought back and put on the shelf again is not gone.
    """
    gone = [state.value for state in (*OUTSTANDING, *HANDED_OVER)]
    steps: Steps = [
        {"$match": {"state": {"$in": gone}, "is_restocked": {"$ne": True}}},
        {"$group": {"_id": {"r": "$reward_id", "p": "$point_id"}, "issued": {"$sum": 1}}},
        {"$project": {"_id": {"$concat": ["$_id.r", ":", "$_id.p"]}, "issued": 1}},
        beside(Stock, [{"$project": _AT | {"gone": {"$subtract": ["$supplied", "$available"]}}}]),
        {"$group": {"_id": "$_id", "issued": {"$sum": "$issued"}, "gone": {"$sum": "$gone"}}},
        unless(same("$issued", "$gone")),
        *WORST_FIRST,
    ]
    for found in over(Voucher, steps, session):
        where = _where(found["_id"])
        yield Flaw(
            f"stock {found['_id']}",
            f"{where}: {found['gone']} are gone from the stock, but vouchers were issued for "
            f"{found['issued']}",
        )


def pools_that_differ(session: ClientSession) -> Iterator[Flaw]:
    """Stocks of tickets that are not the codes in their pools."""
    held = {"$cond": [{"$in": ["$state", list(_HELD)]}, 1, 0]}
    free = {"$cond": [same("$state", PoolCodeState.FREE.value), 1, 0]}
    of_tickets: Steps = [
        *looked_up(Reward, "reward_id", "reward"),
        {"$match": {"reward.kind": RewardKind.TICKET.value}},
        {"$project": _AT | {"supplied": 1, "available": 1}},
    ]
    steps: Steps = [
        {"$project": _AT | {"free": free, "codes": {"$add": [free, held]}}},
        beside(Stock, of_tickets),
        {
            "$group": {
                "_id": "$_id",
                **{name: {"$sum": f"${name}"} for name in ("free", "codes")},
                **{name: {"$sum": f"${name}"} for name in ("supplied", "available")},
            }
        },
        unless(all_of(same("$free", "$available"), same("$codes", "$supplied"))),
        *WORST_FIRST,
    ]
    for found in over(PoolCode, steps, session):
        yield Flaw(
            f"pool {found['_id']}",
            f"{_where(found['_id'])}: {found['available']} of {found['supplied']} tickets are on "
            f"sale, but the pool has {found['free']} free codes of {found['codes']}",
        )


def codes_given_wrongly(session: ClientSession) -> Iterator[Flaw]:
    """Codes that not exactly one voucher holds, tickets without a code, and codes opened early."""
    of_tickets = [state.value for state in (*OUTSTANDING, *HANDED_OVER)]
    handed_over = {"$in": ["$state", [state.value for state in HANDED_OVER]]}
    tickets: Steps = [
        {"$match": {"kind": RewardKind.TICKET.value, "state": {"$in": of_tickets}}},
        {
            "$project": {
                "_id": {"$ifNull": ["$pool_code_id", {"$concat": ["none of voucher ", "$_id"]}]},
                "vouchers": {"$literal": 1},
                "voucher": "$_id",
                "shown": handed_over,
            }
        },
    ]
    steps: Steps = [
        {"$match": {"state": {"$in": list(_HELD)}}},
        {
            "$project": {
                "codes": {"$literal": 1},
                "held_by": "$voucher_id",
                "opened": same("$state", PoolCodeState.OPENED.value),
            }
        },
        beside(Voucher, tickets),
        {
            "$group": {
                "_id": "$_id",
                **{name: {"$sum": f"${name}"} for name in ("codes", "vouchers")},
                **{
                    name: {"$max": f"${name}"} for name in ("held_by", "voucher", "opened", "shown")
                },
            }
        },
        unless(
            all_of(
                same("$codes", 1),
                same("$vouchers", 1),
                same("$held_by", "$voucher"),
                same("$opened", "$shown"),
            )
        ),
        *WORST_FIRST,
    ]
    for found in over(PoolCode, steps, session):
        yield Flaw(f"code {found['_id']}", _said_of_code(found))


def _said_of_code(found: dict[str, object]) -> str:
    code = f"code {found['_id']}"
    if not found["codes"]:
        return f"{code} is held by voucher {found['voucher']}, and is not given to it"
    if found["vouchers"] != 1:
        return f"{code} is given to voucher {found['held_by']}, and {found['vouchers']} hold it"
    if found["held_by"] != found["voucher"]:
        return f"{code} is given to voucher {found['held_by']}, and {found['voucher']} holds it"
    seen = "opened" if found["opened"] else "not opened"
    return f"{code} is {seen}, which its voucher {found['voucher']} does not say"


def _where(pool: str | None) -> str:
    if pool is None:  # a voucher that cannot be read names neither
        return "no reward"
    reward_id, _, point_id = pool.partition(":")
    return f"reward {reward_id} at point {point_id}"
