"""What a point is owed, as the book has it and as its statements have it: the two must agree."""

from dataclasses import dataclass
from typing import Any

from catalog.settlement.asking import READERS, StatementNotFound
from catalog.settlement.gathering import unstated_before
from catalog.settlement.point_statement import UNSETTLED, PointStatement, StatementState
from catalog.stock import Stock
from catalog.voucher import Voucher, VoucherState
from ledger import Currency, balance_of, merchant, paid, payable
from people import Actor, Unit, unit_of, units_of
from shared.clock import real_now
from shared.cursors import from_cursor, to_cursor
from shared.database import collection

# Hand-overs go on while we read: what differs by that differs no more when read again.
MOST_READINGS = 3


@dataclass(frozen=True)
class PointAccount:
    """One point's coins and fen, by the book and by what makes them up.

    `merchant_coins` in the book are those of hand-overs in no statement (`unstated_coins`) and of
    statements not settled (`stated_coins`). `payable_fen` in the book are those settled and not
    paid (`settled_fen`) and those of awards handed over and not settled (`in_kind_fen`).
    """

    point: Unit
    merchant_coins: int
    unstated_coins: int
    stated_coins: int
    payable_fen: int
    settled_fen: int
    in_kind_fen: int
    paid_fen: int

    @property
    def differing_coins(self) -> int:
        """What the book has beyond what makes it up; 0 where they agree."""
        return self.merchant_coins - self.unstated_coins - self.stated_coins

    @property
    def differing_fen(self) -> int:
        """What the book has beyond what makes it up; 0 where they agree."""
        return self.payable_fen - self.settled_fen - self.in_kind_fen


@dataclass(frozen=True)
class PointAccountPage:
    """Accounts of points, by the point's id; `next_cursor` is None on the last page."""

    accounts: list[PointAccount]
    next_cursor: str | None


def point_account(point_id: str, *, by: Actor) -> PointAccount:
    """What one point is owed. Raises UnitNotFound, and StatementNotFound for who may not look."""
    point = unit_of(point_id)
    if not by.holds(*READERS, at=point):
        raise StatementNotFound
    return account_of(point)


def point_accounts(
    *, by: Actor, unit_id: str | None = None, limit: int = 20, cursor: str | None = None
) -> PointAccountPage:
    """What each point is owed that the caller may look at, of all below a unit. Raises BadCursor.

    A point is one that was ever supplied with something.
    """
    after = from_cursor(cursor, str)[0] if cursor else ""
    # As many ids as the city has points; the index answers without reading a stock.
    ids = sorted(collection(Stock).distinct("point_id", {"point_id": {"$gt": after}}))
    seen = [point for point in units_of(ids).values() if by.holds(*READERS, at=point)]
    seen = sorted(
        (point for point in seen if unit_id is None or unit_id in point.lineage),
        key=lambda point: str(point.id),
    )
    more = len(seen) > limit
    accounts = [account_of(point) for point in seen[:limit]]
    return PointAccountPage(accounts, to_cursor(seen[limit - 1].id) if more else None)


def account_of(point: Unit) -> PointAccount:
    """The point's account as read in one go, again where a hand-over came in between."""
    for _ in range(MOST_READINGS):
        found = _read(point)
        if not found.differing_coins and not found.differing_fen:
            break
    return found


def _read(point: Unit) -> PointAccount:
    unstated_coins, unstated_fen = _unstated(point.id)
    sums = {row["_id"]: row for row in collection(PointStatement).aggregate(_by_state(point.id))}
    unsettled = [sums[state.value] for state in UNSETTLED if state.value in sums]
    settled = sums.get(StatementState.SETTLED.value, {})
    return PointAccount(
        point=point,
        merchant_coins=balance_of(merchant(point.id)),
        unstated_coins=unstated_coins,
        stated_coins=sum(int(row["coins"]) for row in unsettled),
        payable_fen=balance_of(payable(point.id), Currency.CNY),
        settled_fen=int(settled.get("total_fen", 0)),
        in_kind_fen=unstated_fen + sum(int(row["in_kind_fen"]) for row in unsettled),
        paid_fen=balance_of(paid(point.id), Currency.CNY),
    )


def _by_state(point_id: str) -> list[dict[str, Any]]:
    # Those that were paid are all but everything in time, and are of no concern here.
    owing = [state.value for state in (*UNSETTLED, StatementState.SETTLED)]
    sums = {name: {"$sum": f"$sums.{name}"} for name in ("coins", "in_kind_fen", "total_fen")}
    return [
        {"$match": {"point_id": point_id, "state": {"$in": owing}}},
        {"$group": {"_id": "$state", **sums}},
    ]


def _unstated(point_id: str) -> tuple[int, int]:
    """Coins and fen of what was handed over and posted, and is in no statement."""
    wanted = {**unstated_before(real_now()), "redeemed_point_id": point_id}
    del wanted["redeemed_at"]  # hand-overs of a demo may lie ahead
    wanted["state"] = VoucherState.REDEEMED.value
    sums = {"coins": {"$sum": "$price"}, "fen": {"$sum": "$cost_fen"}}
    for row in collection(Voucher).aggregate(
        [
            {"$match": wanted},
            {
                "$project": {
                    "price": 1,
                    "cost_fen": {"$cond": [{"$ifNull": ["$fund", False]}, "$cost_fen", 0]},
                }
            },
            {"$group": {"_id": None, **sums}},
        ]
    ):
        return int(row["coins"]), int(row["fen"])
    return 0, 0
