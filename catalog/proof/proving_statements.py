"""Whether statements hold each hand-over once, and say of the money what the book says."""

from collections.abc import Iterator
from typing import Any

from pymongo.client_session import ClientSession

from catalog.proof.proof_steps import (
    IS_AWARD,
    WORST_FIRST,
    Flaw,
    Steps,
    all_of,
    beside,
    leg_of,
    looked_up,
    over,
    same,
    unless,
)
from catalog.proof.proving_hand_overs import SETTLED
from catalog.scanning.offline_hand_over import OfflineHandOver
from catalog.settlement.amounts import COINS_A_VALUE
from catalog.settlement.point_statement import PointStatement, StatementState
from catalog.settlement.statement_line import OF_VOUCHERS, LineState, StatementLine
from catalog.voucher import Voucher
from ledger import AccountKind, Currency, Entry
from shared.database import collection

_SUMMED = ("lines", "vouchers", "coins", "price", "fen", "cost")


def lines_that_differ(session: ClientSession) -> Iterator[Flaw]:
    """Vouchers in two lines, in none though they say so, or in one that says another worth."""
    stated: Steps = [
        {"$match": {"statement_id": {"$type": "string"}}},
        {
            "$project": {
                "vouchers": {"$literal": 1},
                "price": 1,
                "cost": {"$cond": [IS_AWARD, "$cost_fen", 0]},
                "stands_in": "$statement_id",
            }
        },
    ]
    steps: Steps = [
        {"$match": {"kind": {"$in": [kind.value for kind in OF_VOUCHERS]}}},
        {
            "$project": {
                "_id": "$voucher_id",
                "lines": {"$literal": 1},
                "coins": 1,
                "fen": "$in_kind_fen",
                "stated_in": "$statement_id",
            }
        },
        beside(Voucher, stated),
        {
            "$group": {
                "_id": "$_id",
                **{name: {"$sum": f"${name}"} for name in _SUMMED},
                **{name: {"$max": f"${name}"} for name in ("stated_in", "stands_in")},
            }
        },
        unless(
            all_of(
                same("$lines", 1),
                same("$vouchers", 1),
                same("$coins", "$price"),
                same("$fen", "$cost"),
                same("$stated_in", "$stands_in"),
            )
        ),
        *WORST_FIRST,
    ]
    for found in over(StatementLine, steps, session):
        yield Flaw(
            f"line {found['_id']}",
            f"voucher {found['_id']} says it stands in statement {found['stands_in']}; it has "
            f"{found['lines']} lines, in {found['stated_in']}, of {found['coins']} coins and "
            f"{found['fen']} fen where it is worth {found['price']} and {found['cost']}",
        )


def statements_that_differ(session: ClientSession) -> Iterator[Flaw]:
    """Statements settled or paid otherwise than their lines and their entries in the book say."""
    lines = _lines_summed()
    merchant, payable, paid = (
        {"$concat": [f"{kind}:", "$point_id"]}
        for kind in (AccountKind.MERCHANT, AccountKind.PAYABLE, AccountKind.PAID)
    )
    fub, cny = Currency.FUB.value, Currency.CNY.value
    is_paid = same("$state", StatementState.PAID.value)
    total = {"$cond": [is_paid, "$sums.total_fen", 0]}
    steps: Steps = [
        {"$match": {"state": {"$in": SETTLED}}},
        {"$lookup": lines},
        {"$set": {"lines": {"$first": "$lines"}}},
        *looked_up(Entry, "settlement_entry_id", "settled"),
        *looked_up(Entry, "payment_entry_id", "paid"),
        unless(
            all_of(
                same({"$ifNull": ["$lines.coins", 0]}, "$sums.coins"),
                same({"$ifNull": ["$lines.fen", 0]}, "$sums.in_kind_fen"),
                same(_rounded_fen("$lines"), "$sums.coin_fen"),
                same({"$add": ["$sums.coin_fen", "$sums.in_kind_fen"]}, "$sums.total_fen"),
                same(leg_of("$settled", merchant, fub), {"$multiply": ["$sums.coins", -1]}),
                same(leg_of("$settled", payable, cny), "$sums.coin_fen"),
                same(leg_of("$paid", payable, cny), {"$multiply": [total, -1]}),
                same(leg_of("$paid", paid, cny), total),
            )
        ),
        {"$project": {"state": 1, "sums": 1}},
        *WORST_FIRST,
    ]
    for found in over(PointStatement, steps, session):
        sums = found["sums"]
        yield Flaw(
            f"statement {found['_id']}",
            f"statement {found['_id']} is {found['state']} with {sums['coins']} coins for "
            f"{sums['coin_fen']} fen and {sums['total_fen']} fen in all, which its lines or its "
            "entries do not say",
        )


def _lines_summed() -> dict[str, Any]:
    """The look-up of what a statement's lines, but for those brought back, come to."""
    is_decided = {"$ne": [{"$type": "$decision.fen"}, "missing"]}
    units = {"$multiply": ["$coins", {"$ifNull": ["$fen_per_10000_coins", 0]}]}
    on_top = {"$subtract": ["$decision.fen", "$in_kind_fen"]}
    return {
        "from": collection(StatementLine).name,
        "localField": "_id",
        "foreignField": "statement_id",
        "as": "lines",
        "pipeline": [
            {"$match": {"state": {"$ne": LineState.REFUNDED.value}}},
            {
                "$group": {
                    "_id": None,
                    "coins": {"$sum": "$coins"},
                    "fen": {"$sum": "$in_kind_fen"},
                    "units": {"$sum": {"$cond": [is_decided, 0, units]}},
                    "decided": {"$sum": {"$cond": [is_decided, on_top, 0]}},
                }
            },
        ],
    }


def _rounded_fen(lines: str) -> dict[str, Any]:
    """The expression for what lines summed up are worth: coins times their value, half up."""
    units = {"$ifNull": [f"{lines}.units", 0]}
    # Whole numbers throughout: 2u + 10,000 over 20,000, without its remainder.
    doubled = {"$add": [{"$multiply": [units, 2]}, COINS_A_VALUE]}
    rest = {"$mod": [doubled, 2 * COINS_A_VALUE]}
    whole = {"$divide": [{"$subtract": [doubled, rest]}, 2 * COINS_A_VALUE]}
    return {"$add": [whole, {"$ifNull": [f"{lines}.decided", 0]}]}


def offline_that_differ(session: ClientSession) -> Iterator[Flaw]:
    """Disputed offline hand-overs in two lines, or in none of the statement that they name."""
    stated: Steps = [
        {"$match": {"statement_id": {"$type": "string"}}},
        {"$project": {"stands_in": "$statement_id", "brought": {"$literal": 1}}},
    ]
    steps: Steps = [
        {"$match": {"offline_id": {"$type": "string"}}},
        {
            "$project": {
                "_id": "$offline_id",
                "stated_in": "$statement_id",
                "lines": {"$literal": 1},
            }
        },
        beside(OfflineHandOver, stated),
        {
            "$group": {
                "_id": "$_id",
                **{name: {"$sum": f"${name}"} for name in ("lines", "brought")},
                **{name: {"$max": f"${name}"} for name in ("stated_in", "stands_in")},
            }
        },
        unless(all_of(same("$lines", 1), same("$brought", 1), same("$stated_in", "$stands_in"))),
        *WORST_FIRST,
    ]
    for found in over(StatementLine, steps, session):
        yield Flaw(
            f"offline {found['_id']}",
            f"offline hand-over {found['_id']} says it stands in statement {found['stands_in']}; "
            f"it has {found['lines']} lines, in {found['stated_in']}",
        )
