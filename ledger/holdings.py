"""What an account holds now: one stored document read by its id, or a sum since a month's end."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from pymongo.client_session import ClientSession

from ledger.accounts import GUARDED, AccountKind, NoSuchAccount, is_guarded, kind_of
from ledger.balance import Balance, balance_id
from ledger.entry import Currency
from ledger.hold import Hold, HoldState
from ledger.leg_sums import sum_of_legs
from ledger.lots import Lots, over
from ledger.month_ends import balance_at_month_end, newest_month_end
from shared.clock import business_month, month_later, real_now
from shared.database import collection
from shared.errors import NotFound
from shared.i18n import Text

# What a person is told of: the coins that may be spent this month at the latest, and those of as
# many months after it.
SOON_MONTHS = 3


class AccountNotFound(NotFound):
    """Raised when something is asked of what is not the name of an account."""

    message = Text("There is no account of this name.", "没有该名称的账户。")


@dataclass(frozen=True)
class ExpiringLot:
    """Free coins that can be spent until the end of a month ("2027-03"), the day `expires_on`."""

    month: str
    expires_on: date
    coins: int


@dataclass(frozen=True)
class Holdings:
    """What an account holds at `as_of`, in minor units.

    `held` of `posted` is set aside by holds that are not overdue; `available` is what may be
    spent: neither held nor of a lot whose month is over. `owes` is what the owner of a wallet owes,
    which whatever comes free pays first; `lots` its free coins that expire, by their last month.
    """

    account: str
    currency: str
    as_of: datetime
    posted: int
    held: int
    owes: int
    lots: Lots

    @property
    def available(self) -> int:
        """What may be spent now; nothing of an account that runs negative."""
        free = self.posted - self.held - over(self.lots, self.as_of)
        return max(0, free - self.owes)

    @property
    def expiring(self) -> tuple[ExpiringLot, ...]:
        """What expires this month or in the three after it, soonest first."""
        first = business_month(self.as_of)
        last = month_later(first, SOON_MONTHS)
        return tuple(
            ExpiringLot(month, _last_day(month), coins)
            for month, coins in sorted(self.lots.items())
            if coins and first <= month <= last
        )


def must_be_account(account: str) -> AccountKind:
    """What kind of account the name means. Raises AccountNotFound where it means none."""
    try:
        return kind_of(account)
    except NoSuchAccount:
        raise AccountNotFound from None


def is_stored(account: str) -> bool:
    """Whether the account's balance stands in a document; what is owed stands in the wallet's."""
    return kind_of(account) in GUARDED | {AccountKind.OWED}


def balance_of(account: str, currency: str = Currency.FUB) -> int:
    """What the account holds now, in minor units; 0 where it was never used."""
    return balance_in(account, currency, None)


def balances_of(accounts: Collection[str], currency: str = Currency.FUB) -> dict[str, int]:
    """What each of these guarded accounts holds now, in minor units; 0 where it was never used.

    One question to the database for all of them.
    """
    ids = {balance_id(account, currency): account for account in accounts if is_guarded(account)}
    if len(ids) < len(set(accounts)):
        raise ValueError("only guarded accounts keep a balance")
    found = collection(Balance).find({"_id": {"$in": list(ids)}}, {"posted": 1})
    return dict.fromkeys(accounts, 0) | {ids[kept["_id"]]: int(kept["posted"]) for kept in found}


def holdings_of(account: str, currency: str = Currency.FUB) -> Holdings:
    """What the account holds now, and how much of it may be spent. Raises AccountNotFound.

    Accounts that keep no stored balance hold nothing back: what is above zero is available.
    """
    kind, as_of = must_be_account(account), real_now()
    kept = stored_balance(account, currency) if kind in GUARDED else None
    held = _number(kept, "held")
    lots = (kept or {}).get("lots", {})
    return Holdings(
        account=account,
        currency=str(currency),
        as_of=as_of,
        posted=_number(kept, "posted") if kind in GUARDED else balance_of(account, currency),
        held=held - _overdue(account, currency, as_of) if held else 0,
        owes=_number(kept, "owes"),
        lots={month: int(coins) for month, coins in lots.items() if coins},
    )


def _overdue(account: str, currency: str, as_of: datetime) -> int:
    """What is held by holds that are over but for the job that releases them; a spend does, too.

    Read after the balance: one released in between is then told as held, never as free twice.
    """
    which = {
        "account": account,
        "state": HoldState.ACTIVE.value,
        "expires_at": {"$lte": as_of},
        "currency": str(currency),
    }
    return sum(int(hold["amount"]) for hold in collection(Hold).find(which, {"amount": 1}))


def stored_balance(
    account: str, currency: str, session: ClientSession | None = None
) -> Mapping[str, Any] | None:
    """The document that keeps the account's balance, read by its id; None where never used."""
    which = {"_id": balance_id(account, currency)}
    found: Mapping[str, Any] | None = collection(Balance).find_one(which, session=session)
    return found


def balance_in(account: str, currency: str, session: ClientSession | None) -> int:
    """What the account holds at the moment the session sees (None: now), in minor units."""
    if is_stored(account):
        return balance_kept(account, stored_balance(account, currency, session))
    end = newest_month_end(session)
    if end is None:
        return sum_of_legs(account, currency, {}, session)
    # Closed months never change, so the two sums fit together whenever each is read.
    before = balance_at_month_end(account, currency, end, session)
    return before + sum_of_legs(account, currency, end.later, session)


def balance_kept(account: str, kept: Mapping[str, Any] | None) -> int:
    """The account's balance out of the document that keeps it, in minor units."""
    if kind_of(account) is AccountKind.OWED:
        return -_number(kept, "owes")
    return _number(kept, "posted")


def _number(kept: Mapping[str, Any] | None, field: str) -> int:
    return int((kept or {}).get(field, 0))


def _last_day(month: str) -> date:
    return date.fromisoformat(f"{month_later(month, 1)}-01") - timedelta(days=1)
