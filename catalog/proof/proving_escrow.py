"""Whether what is set aside for vouchers is what the outstanding ones are worth."""

from collections.abc import Iterator

from pymongo.client_session import ClientSession

from catalog.proof.proof_steps import (
    CURRENCY,
    WORST_FIRST,
    WORTH,
    Flaw,
    Steps,
    all_of,
    beside,
    looked_up,
    over,
    same,
    unless,
)
from catalog.providers.delivery import DeliveryState, TopUpDelivery
from catalog.reward import RewardKind
from catalog.voucher import OUTSTANDING, Voucher, VoucherState
from ledger import AccountKind, Balance, Entry, EntryKind, Hold, HoldState

_TOP_UP = RewardKind.TOP_UP.value
_ESCROW = {"$concat": [f"{AccountKind.VOUCHER}:", "$_id", "|", CURRENCY]}
# Handed over, and its coins perhaps not yet brought to the point: the tail of every hand-over.
UNSETTLED = {
    "state": VoucherState.REDEEMED.value,
    "settled_entry_id": None,
    "kind": {"$ne": _TOP_UP},
}
# What a top-up's delivery may say while its voucher says this.
_AGREEING = {
    VoucherState.ISSUED: (DeliveryState.WAITING,),
    VoucherState.DELIVERING: (DeliveryState.WAITING, DeliveryState.SENT),
    VoucherState.REDEEMED: (DeliveryState.DELIVERED,),
    VoucherState.CANCELLED: (
        DeliveryState.REFUNDED,
        DeliveryState.CALLED_OFF,
        DeliveryState.WAITING,
    ),
    VoucherState.EXPIRED: (DeliveryState.CALLED_OFF, DeliveryState.WAITING),
}


def escrow_that_differs(session: ClientSession) -> Iterator[Flaw]:
    """Vouchers whose account does not hold exactly what they are worth, or nothing once ended."""
    issued = {"state": VoucherState.ISSUED.value, "kind": {"$ne": _TOP_UP}}
    tail = same("$state", VoucherState.REDEEMED.value)
    stored: Steps = [
        {"$match": {"_id": {"$regex": f"^{AccountKind.VOUCHER}:"}, "posted": {"$ne": 0}}},
        {"$project": {"stored": "$posted"}},
    ]
    sums = {name: {"$sum": f"${name}"} for name in ("worth", "stored")}
    steps: Steps = [
        {"$match": {"$or": [issued, UNSETTLED]}},
        {"$project": {"_id": _ESCROW, "worth": WORTH, "tail": tail}},
        beside(Balance, stored),
        {"$group": {"_id": "$_id", **sums, "tail": {"$max": "$tail"}}},
        unless(
            {"$or": [same("$worth", "$stored"), all_of(same("$tail", True), same("$stored", 0))]}
        ),
        *WORST_FIRST,
    ]
    for found in over(Voucher, steps, session):
        yield Flaw(
            f"escrow {found['_id']}",
            f"{found['_id']} holds {found['stored']}, but its voucher is worth {found['worth']} "
            "there",
        )


def tails_that_differ(session: ClientSession) -> Iterator[Flaw]:
    """Vouchers handed over whose worth is neither set aside still nor brought to their point."""
    steps: Steps = [
        {"$match": UNSETTLED},
        {"$set": {"escrow": _ESCROW, "worth": WORTH}},
        {"$set": {"posts": {"$concat": [f"{EntryKind.REDEMPTION}:", "$_id"]}}},
        *looked_up(Balance, "escrow", "balance"),
        *looked_up(Entry, "posts", "entry", "key"),
        {"$set": {"stored": {"$ifNull": ["$balance.posted", 0]}}},
        {"$set": {"is_posted": {"$gt": ["$entry._id", None]}}},
        unless(
            {
                "$or": [
                    all_of("$is_posted", same("$stored", 0)),
                    all_of({"$not": ["$is_posted"]}, same("$stored", "$worth")),
                ]
            }
        ),
        {"$project": {"stored": 1, "worth": 1}},
        *WORST_FIRST,
    ]
    for found in over(Voucher, steps, session):
        yield Flaw(
            f"tail {found['_id']}",
            f"voucher {found['_id']} was handed over and is not settled, but {found['stored']} of "
            f"its {found['worth']} are set aside",
        )


def holds_that_differ(session: ClientSession) -> Iterator[Flaw]:
    """Top-ups without an active hold of exactly their price, and active holds of no such top-up."""
    steps: Steps = [
        {"$match": {"state": HoldState.ACTIVE.value, "about_kind": "voucher"}},
        {
            "$project": {
                "holds": {"$literal": 1},
                "amount": 1,
                "about": "$about_id",
                "account": 1,
            }
        },
        beside(Voucher, _top_ups_outstanding()),
        {
            "$group": {
                "_id": "$_id",
                **{name: {"$sum": f"${name}"} for name in ("holds", "vouchers", "amount", "price")},
                **{
                    name: {"$max": f"${name}"} for name in ("about", "voucher", "account", "wallet")
                },
            }
        },
        unless(
            all_of(
                same("$holds", 1),
                same("$vouchers", 1),
                same("$amount", "$price"),
                same("$about", "$voucher"),
                same("$account", "$wallet"),
            )
        ),
        *WORST_FIRST,
    ]
    for found in over(Hold, steps, session):
        yield Flaw(
            f"hold {found['_id']}",
            f"hold {found['_id']} keeps {found['amount']} of {found['account']} for voucher "
            f"{found['about']}, but {found['vouchers']} top-ups ({found['voucher']} of "
            f"{found['wallet']}) need {found['price']} there",
        )


def _top_ups_outstanding() -> Steps:
    outstanding = [state.value for state in OUTSTANDING]
    return [
        {"$match": {"kind": _TOP_UP, "state": {"$in": outstanding}}},
        {
            "$project": {
                "_id": {"$ifNull": ["$hold_id", {"$concat": ["none of voucher ", "$_id"]}]},
                "vouchers": {"$literal": 1},
                "price": 1,
                "voucher": "$_id",
                "wallet": {"$concat": [f"{AccountKind.WALLET}:", "$ordered_by"]},
            }
        },
    ]


def deliveries_that_differ(session: ClientSession) -> Iterator[Flaw]:
    """Top-ups that do not agree with their delivery whether it is under way, done or given back."""
    agreeing = [
        all_of(
            same("$voucher.state", state.value),
            {"$in": ["$state", [delivery.value for delivery in deliveries]]},
        )
        for state, deliveries in _AGREEING.items()
    ]
    without: Steps = [
        {"$match": {"kind": _TOP_UP}},
        *looked_up(TopUpDelivery, "_id", "delivery"),
        {"$match": {"delivery": None}},
        {"$project": {"voucher.state": "$state"}},
    ]
    steps: Steps = [
        *looked_up(Voucher, "_id", "voucher"),
        unless({"$or": agreeing}),
        {"$project": {"state": 1, "voucher.state": 1}},
        beside(Voucher, without),
        *WORST_FIRST,
    ]
    for found in over(TopUpDelivery, steps, session):
        delivery, voucher = found.get("state", "missing"), found.get("voucher", {})
        yield Flaw(
            f"delivery {found['_id']}",
            f"the delivery of top-up {found['_id']} is {delivery}, but its voucher is "
            f"{voucher.get('state', 'missing')}",
        )
