"""A budget's slices: a busy one is kept in several accounts, so that who publishes at once need
not wait for each other; all together they are the cap.

What is drawn is decided inside the transaction that posts it.
"""

import threading
import zlib
from dataclasses import dataclass
from datetime import datetime

import structlog
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError, PyMongoError

from ledger import GENERAL_FUND, BudgetSlice, EntryKind, Leg, NewEntry, post_one, slices_of
from rates.budgets.budget import Budget
from rates.budgets.budget_rule import BudgetRule, rule_id
from rates.budgets.budget_standings import budget_standing
from rates.budgets.budget_years import budget_quarter_of, budget_year_of, quarter_ends_at
from rates.budgets.envelope import Envelope
from rates.budgets.slicing import drawn, evened, spread
from settings import settings
from shared.clock import real_now
from shared.database import collection, holder_name, in_transaction
from shared.errors import Refused, Unavailable
from shared.i18n import Text

log = structlog.get_logger()


class BudgetShort(Refused):
    """Raised when all slices of a budget together hold less than is to be drawn from it."""

    message = Text(
        "The budget {period} of the fund {fund} holds {available} Fu coins; {needed} are needed: "
        "{missing} are missing.",
        "{period} 预算（经费 {fund}）余额 {available} 福币，需 {needed}，尚缺 {missing}。",
    )


class StopReached(BudgetShort):
    """Raised when a publication would draw a budget beyond its stop threshold."""

    message = Text(
        "Of the {had} Fu coins in the budget {year} of the fund {fund}, {stop_percent}% may be put "
        "into tasks, which is {stop_at}; {drawn} are drawn and {needed} are needed: "
        "{missing} are missing.",
        "{year} 年度预算（经费 {fund}）共 {had} 福币，支出上限为 {stop_percent}%，即 {stop_at}；"
        "已支出 {drawn}，本次需 {needed}，超出 {missing}。",
    )


@dataclass(frozen=True)
class Draw:
    """The legs that take coins out of a budget; `is_uneven` where the own slice was short."""

    legs: tuple[Leg, ...]
    is_uneven: bool


def legs_into_budget(budget: Budget, coins: int) -> list[Leg]:
    """The legs that bring coins into a budget, spread evenly over its slices."""
    return budget.legs(spread(coins, settings().budget_slices))


def budget_for(
    unit_id: str,
    moment: datetime,
    fund: str = GENERAL_FUND,
    *,
    session: ClientSession | None = None,
) -> Budget:
    """The budget that pays for what the unit publishes at `moment` out of a fund.

    That of the moment's quarter where coins are set aside for it, else that of the year: a
    quarter's cap is what it was given. A quarter that is truly over pays for nothing any more.
    """
    year, quarter = budget_year_of(moment), budget_quarter_of(moment)
    of_quarter = Budget(unit_id, year, fund, quarter)
    if quarter_ends_at(year, quarter) > real_now():
        wanted = {"_id": of_quarter.name, "coins": {"$gt": 0}}
        if collection(Envelope).find_one(wanted, {"_id": 1}, session=session):
            return of_quarter
    return of_quarter.of_the_year


def draw_from_budget(
    budget: Budget, coins: int, *, session: ClientSession, past_stop: bool = False
) -> Draw:
    """The legs that take coins out of a budget, for an entry of this very transaction.

    Exact: where somebody draws beside it the transaction starts anew and so does the decision.
    With `past_stop` the stop threshold does not hold, for what is owed already. Raises
    BudgetShort, StopReached.
    """
    if not past_stop:
        _refuse_past_stop(budget, coins, session)
    held = _held(budget, session)
    own = _own_slice()
    taken = drawn(held, coins, own)
    available = sum(held.values())
    if available < coins:
        raise BudgetShort(
            unit_id=budget.unit_id,
            fund=budget.fund,
            year=budget.year,
            period=budget.period,
            available=available,
            needed=coins,
            missing=coins - available,
        )
    legs = budget.legs({number: -part for number, part in taken.items()})
    return Draw(tuple(legs), is_uneven=set(taken) != {own})


def draw_owed(
    unit_id: str, moment: datetime, fund: str, coins: int, *, session: ClientSession
) -> Draw:
    """The legs that take what a unit owes already, an appeal won, out of its budget at `moment`.

    No threshold stops it; out of the year's budget where the quarter's has too little. Raises
    BudgetShort.
    """
    budget = budget_for(unit_id, moment, fund, session=session)
    try:
        return draw_from_budget(budget, coins, session=session, past_stop=True)
    except BudgetShort:
        if budget == budget.of_the_year:
            raise
    return draw_from_budget(budget.of_the_year, coins, session=session, past_stop=True)


def _refuse_past_stop(budget: Budget, coins: int, session: ClientSession) -> None:
    """Raises StopReached where the year would be drawn beyond the threshold.

    The rule is written at once: of two publications beside each other, whichever slices they draw
    from, one starts anew and sees what the other took.
    """
    rule = {"_id": rule_id(budget.unit_id, budget.year, budget.fund), "stop_percent": {"$gte": 1}}
    counted = collection(BudgetRule).update_one(rule, {"$inc": {"draws": 1}}, session=session)
    if not counted.matched_count:
        return
    standing = budget_standing(budget.unit_id, budget.year, budget.fund, session=session)
    if standing.left >= coins > standing.may_draw:
        raise StopReached(
            unit_id=budget.unit_id,
            fund=budget.fund,
            year=budget.year,
            had=standing.had,
            drawn=standing.drawn,
            stop_percent=standing.stop_percent,
            stop_at=standing.stop_at,
            available=standing.may_draw,
            needed=coins,
            missing=coins - standing.may_draw,
        )


def _held(budget: Budget, session: ClientSession) -> dict[int, int]:
    return {each.number: each.available for each in _slices(budget, session)}


def _slices(budget: Budget, session: ClientSession) -> list[BudgetSlice]:
    return slices_of(
        budget.unit_id, budget.year, fund=budget.fund, quarter=budget.quarter, session=session
    )


def _own_slice() -> int:
    """The slice this thread draws from first: always the same, and rarely that of another."""
    own_name = f"{holder_name()}:{threading.get_native_id()}"
    return zlib.crc32(own_name.encode()) % settings().budget_slices


def rebalance_budget(budget: Budget, *, least: int = 1) -> bool:
    """Even out a budget's slices by an entry; whether there was anything to move.

    Nothing is moved where the slices would hold less than `least` coins each. Its key counts the
    entries on the slices, so that the same state is evened out once.
    """

    def decide(session: ClientSession) -> bool:
        found = _slices(budget, session)
        held, count = {each.number: each.available for each in found}, settings().budget_slices
        changes = evened(held, count)
        if not changes or sum(held.values()) // count < least:
            return False
        state = sum(each.entries for each in found)
        key = f"rebalancing:{budget.unit_id}:{budget.fund}:{budget.period}:{state}"
        post_one(
            NewEntry(
                key,
                EntryKind.REBALANCING,
                budget.legs(changes),
                ("unit", budget.unit_id),
                unit=budget.unit_id,
            ),
            session=session,
        )
        return True

    try:
        return in_transaction(decide)
    except DuplicateKeyError:
        return False  # another process did it, which may count slices differently


def try_to_rebalance(budget: Budget, *, least: int = 1) -> None:
    """Even out a budget's slices where that can be done now.

    It only saves waiting: whoever draws finds the coins wherever they lie.
    """
    try:
        rebalance_budget(budget, least=least)
    except (Unavailable, PyMongoError) as error:
        log.warning("budget_not_rebalanced", unit=budget.unit_id, error=type(error).__name__)
