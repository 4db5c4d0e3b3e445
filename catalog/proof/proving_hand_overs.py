"""Whether what was handed over was paid for once: point by point, voucher by voucher."""

from collections.abc import Iterator

from pymongo.client_session import ClientSession

from catalog.proof.proof_steps import (
    CURRENCY,
    IS_AWARD,
    WORST_FIRST,
    WORTH,
    Flaw,
    Steps,
    all_of,
    beside,
    held_on,
    looked_up,
    over,
    same,
    unless,
)
from catalog.proof.proving_escrow import UNSETTLED
from catalog.reward import RewardKind
from catalog.settlement.point_statement import PointStatement, StatementState
from catalog.voucher import HANDED_OVER, Voucher, VoucherState
from ledger import AccountKind, Balance, Currency, Entry, EntryKind

SETTLED = [StatementState.SETTLED.value, StatementState.PAID.value]
_MERCHANT = f"{AccountKind.MERCHANT}:"
_FUB = f"|{Currency.FUB.value}"
_PAYABLE = f"{AccountKind.PAYABLE}:"
_CNY = f"|{Currency.CNY.value}"


def points_that_differ(session: ClientSession) -> Iterator[Flaw]:
    """Points whose coins are not those of what they handed over and were not settled for.

    What was handed over a moment ago may still lie on its voucher's own account.
    """
    of_point = {"$concat": [_MERCHANT, "$redeemed_point_id", _FUB]}
    escrow = {"$concat": [f"{AccountKind.VOUCHER}:", "$_id"]}
    on_the_way: Steps = [
        {"$match": {**UNSETTLED, "price": {"$gt": 0}}},
        *held_on(escrow, Currency.FUB.value, "held"),
        {"$project": {"_id": of_point, "due": {"$multiply": ["$held", -1]}}},
    ]
    settled: Steps = [
        {"$match": {"state": {"$in": SETTLED}}},
        {
            "$project": {
                "_id": {"$concat": [_MERCHANT, "$point_id", _FUB]},
                "due": {"$multiply": ["$sums.coins", -1]},
            }
        },
    ]
    steps: Steps = [
        {"$match": {"state": VoucherState.REDEEMED.value, "price": {"$gt": 0}}},
        {"$group": {"_id": of_point, "due": {"$sum": "$price"}}},
        beside(Voucher, on_the_way),
        beside(PointStatement, settled),
        beside(Entry, _reversed_since()),
        beside(
            Balance,
            [
                {"$match": {"_id": {"$regex": rf"^{_MERCHANT}.*\|{Currency.FUB.value}$"}}},
                {"$project": {"stored": "$posted"}},
            ],
        ),
        {"$group": {"_id": "$_id", "due": {"$sum": "$due"}, "stored": {"$sum": "$stored"}}},
        unless(same("$due", "$stored")),
        *WORST_FIRST,
    ]
    for found in over(Voucher, steps, session):
        yield Flaw(
            f"point {found['_id']}",
            f"{found['_id']} holds {found['stored']}, but hand-overs not settled for come to "
            f"{found['due']}",
        )


def debts_that_differ(session: ClientSession) -> Iterator[Flaw]:
    """Points owed other fen than for awards handed over and statements settled and not paid.

    What is owed keeps no stored balance: it is what the book's entries come to.
    """
    of_point = {"$concat": [_PAYABLE, "$redeemed_point_id", _CNY]}
    escrow = {"$concat": [f"{AccountKind.VOUCHER}:", "$_id"]}
    awards = {"fund": {"$type": "string"}, "cost_fen": {"$gt": 0}}
    on_the_way: Steps = [
        {"$match": {**UNSETTLED, **awards}},
        *held_on(escrow, Currency.CNY.value, "held"),
        {"$project": {"_id": of_point, "due": {"$multiply": ["$held", -1]}}},
    ]
    steps: Steps = [
        {"$match": {"state": VoucherState.REDEEMED.value, **awards}},
        {"$group": {"_id": of_point, "due": {"$sum": "$cost_fen"}}},
        beside(Voucher, on_the_way),
        beside(PointStatement, _settled_and_not_paid()),
        beside(Entry, _owed_by_the_book()),
        {"$group": {"_id": "$_id", "due": {"$sum": "$due"}, "stored": {"$sum": "$stored"}}},
        unless(same("$due", "$stored")),
        *WORST_FIRST,
    ]
    for found in over(Voucher, steps, session):
        yield Flaw(
            f"debt {found['_id']}",
            f"{found['_id']} holds {found['stored']} fen, but awards handed over and statements "
            f"not paid come to {found['due']}",
        )


def _settled_and_not_paid() -> Steps:
    of_statement = {"$concat": [_PAYABLE, "$point_id", _CNY]}
    is_paid = same("$state", StatementState.PAID.value)
    return [
        {"$match": {"state": {"$in": SETTLED}}},
        {
            "$project": {
                "_id": of_statement,
                "due": {
                    "$subtract": ["$sums.coin_fen", {"$cond": [is_paid, "$sums.total_fen", 0]}]
                },
            }
        },
    ]


def _owed_by_the_book() -> Steps:
    return [
        # Cash owed to people is no point's.
        {
            "$match": {
                "legs.account": {"$regex": f"^{_PAYABLE}"},
                "kind": {"$ne": EntryKind.CASH_REWARD.value},
            }
        },
        {"$unwind": "$legs"},
        {"$match": {"legs.account": {"$regex": f"^{_PAYABLE}"}, "legs.currency": "CNY"}},
        {"$project": {"_id": {"$concat": ["$legs.account", _CNY]}, "stored": "$legs.amount"}},
    ]


def _reversed_since() -> Steps:
    """What officers took back from points by reversing the delivery of a top-up."""
    return [
        {"$match": {"reverses": {"$exists": True}, "about.kind": "voucher"}},
        {"$unwind": "$legs"},
        {"$match": {"legs.account": {"$regex": f"^{_MERCHANT}"}, "legs.currency": "FUB"}},
        {"$project": {"_id": {"$concat": ["$legs.account", _FUB]}, "due": "$legs.amount"}},
    ]


def settlements_that_differ(session: ClientSession) -> Iterator[Flaw]:
    """Vouchers that say they are settled by an entry which is missing, or not their own."""
    into = {"$cond": [IS_AWARD, f"{AccountKind.PAYABLE}:", _MERCHANT]}
    account = {"$concat": [into, "$redeemed_point_id"]}
    on_it = [same("$$this.account", account), same("$$this.currency", CURRENCY)]
    legs = {"$filter": {"input": {"$ifNull": ["$entry.legs", []]}, "cond": all_of(*on_it)}}
    kinds = [EntryKind.REDEMPTION.value, EntryKind.DELIVERY.value]
    handed_over = [state.value for state in HANDED_OVER]
    steps: Steps = [
        {"$match": {"settled_entry_id": {"$type": "string"}}},
        *looked_up(Entry, "settled_entry_id", "entry"),
        unless(
            all_of(
                {"$in": ["$state", handed_over]},
                same("$entry.about.kind", "voucher"),
                same("$entry.about.id", "$_id"),
                {"$in": ["$entry.kind", kinds]},
                same({"$sum": {"$map": {"input": legs, "in": "$$this.amount"}}}, WORTH),
            )
        ),
        {"$project": {"settled_entry_id": 1}},
        *WORST_FIRST,
    ]
    for found in over(Voucher, steps, session):
        yield Flaw(
            f"settled {found['_id']}",
            f"voucher {found['_id']} says that entry {found['settled_entry_id']} paid its point, "
            "which that entry does not",
        )


def unsettled_for_good(session: ClientSession) -> Iterator[Flaw]:
    """Top-ups delivered and vouchers refunded that no entry ever brought to their point."""
    steps: Steps = [
        {
            "$match": {
                "$or": [
                    {"state": VoucherState.REDEEMED.value, "kind": RewardKind.TOP_UP.value},
                    {"state": VoucherState.REFUNDED.value},
                ],
                "settled_entry_id": None,
            }
        },
        {"$project": {"state": 1}},
        *WORST_FIRST,
    ]
    for found in over(Voucher, steps, session):
        yield Flaw(
            f"unsettled {found['_id']}",
            f"voucher {found['_id']} is {found['state']}, and no entry paid its point",
        )


def refunds_that_differ(session: ClientSession) -> Iterator[Flaw]:
    """Vouchers refunded whose coins were not given back, or given back and not refunded."""
    given_back: Steps = [
        {"$match": {"kind": EntryKind.REFUND.value}},
        {"$project": {"_id": "$about.id", "refunds": {"$literal": 1}}},
    ]
    steps: Steps = [
        {"$match": {"state": VoucherState.REFUNDED.value}},
        {"$project": {"refunded": {"$literal": 1}}},
        beside(Entry, given_back),
        {
            "$group": {
                "_id": "$_id",
                **{name: {"$sum": f"${name}"} for name in ("refunded", "refunds")},
            }
        },
        unless(same("$refunded", "$refunds")),
        *WORST_FIRST,
    ]
    for found in over(Voucher, steps, session):
        yield Flaw(
            f"refund {found['_id']}",
            f"voucher {found['_id']} is refunded {found['refunded']} times, and its coins were "
            f"given back {found['refunds']} times",
        )
