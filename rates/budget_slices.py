"""A budget's slices: a busy one is kept in several accounts, so that who publishes at once need
not wait for each other; all together they are the cap.

What is drawn is decided inside the transaction that posts it.
"""

import re
import threading
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError, PyMongoError

from ledger import GENERAL_FUND, EntryKind, Leg, NewEntry, accounts, post_one, slices_of
from rates.slicing import drawn, evened, spread
from settings import settings
from shared.database import holder_name, in_transaction
from shared.errors import Invalid, Refused, Unavailable
from shared.i18n import Text

FUND_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,39}$"
_FUND = re.compile(FUND_PATTERN)

log = structlog.get_logger()


class BudgetShort(Refused):
    """Raised when all slices of a budget together hold less than is to be drawn from it."""

    message = Text(
        "The budget {year} of the fund {fund} holds {available} Fu coins; {needed} are needed: "
        "{missing} are missing.",
        "{year} 年度预算（经费 {fund}）余额 {available} 福币，需 {needed}，尚缺 {missing}。",
    )


class BadFund(Invalid):
    """Raised when a text cannot be the name of a fund."""

    message = Text(
        "A fund is named by 1 to 40 small letters, digits, - and _.",
        "经费名称须为 1 至 40 个小写字母、数字、- 或 _。",
    )


@dataclass(frozen=True)
class Budget:
    """What a unit may put into tasks in a year out of one fund."""

    unit_id: str
    year: int
    fund: str = GENERAL_FUND

    def account(self, slice_number: int) -> str:
        """The name of the account of one slice."""
        return accounts.budget(self.unit_id, self.year, slice_number, fund=self.fund)

    def legs(self, amounts: Mapping[int, int]) -> list[Leg]:
        """The legs that move these amounts into (plus) or out of (minus) its slices."""
        return [Leg(self.account(number), amount) for number, amount in amounts.items()]


@dataclass(frozen=True)
class Draw:
    """The legs that take coins out of a budget; `is_uneven` where the own slice was short."""

    legs: tuple[Leg, ...]
    is_uneven: bool


def known_fund(name: str | None) -> str:
    """The name of a fund, where it can be one; the general fund where none is named.

    Raises BadFund.
    """
    if name is None:
        return GENERAL_FUND
    if not _FUND.fullmatch(name):
        raise BadFund("fund")
    return name


def legs_into_budget(budget: Budget, coins: int) -> list[Leg]:
    """The legs that bring coins into a budget, spread evenly over its slices."""
    return budget.legs(spread(coins, settings().budget_slices))


def draw_from_budget(budget: Budget, coins: int, *, session: ClientSession) -> Draw:
    """The legs that take coins out of a budget, for an entry of this very transaction.

    Exact: where somebody draws beside it the transaction starts anew and so does the decision.
    Raises BudgetShort.
    """
    held = _held(budget, session)
    own = _own_slice()
    taken = drawn(held, coins, own)
    available = sum(held.values())
    if available < coins:
        raise BudgetShort(
            unit_id=budget.unit_id,
            fund=budget.fund,
            year=budget.year,
            available=available,
            needed=coins,
            missing=coins - available,
        )
    legs = budget.legs({number: -part for number, part in taken.items()})
    return Draw(tuple(legs), is_uneven=set(taken) != {own})


def _held(budget: Budget, session: ClientSession) -> dict[int, int]:
    found = slices_of(budget.unit_id, budget.year, fund=budget.fund, session=session)
    return {each.number: each.available for each in found}


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
        found = slices_of(budget.unit_id, budget.year, fund=budget.fund, session=session)
        held, count = {each.number: each.available for each in found}, settings().budget_slices
        changes = evened(held, count)
        if not changes or sum(held.values()) // count < least:
            return False
        state = sum(each.entries for each in found)
        key = f"rebalancing:{budget.unit_id}:{budget.fund}:{budget.year}:{state}"
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
