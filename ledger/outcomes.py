"""What the book answers for an entry, and what it raises where only one was asked for."""

from dataclasses import dataclass
from datetime import datetime

from shared.errors import Conflict, Refused, Unavailable
from shared.i18n import Text


class InsufficientCoins(Refused):
    """Raised when an account holds less than the entry would take from it."""

    message = Text(
        "There are {available} coins, and {needed} are needed.",
        "福币不足：现有 {available}，需要 {needed}。",
    )


class EntryConflict(Conflict):
    """Raised when the key was posted before with other content."""

    message = Text(
        "This was already recorded with other content.",
        "该操作已以不同内容记账。",
    )


class MonthClosed(Refused):
    """Raised when an entry would count in a month that is closed."""

    message = Text(
        "The month {month} is closed; date it in a later one.", "{month} 已关账，请使用其后的日期。"
    )


class DatedInFuture(Refused):
    """Raised when an entry would count from a moment that has not come."""

    message = Text("An entry cannot be dated in the future.", "记账日期不能晚于当前时间。")


class EntryRejected(Refused):
    """Raised when the database itself will not take the entry: a slip of the program."""

    message = Text("The book does not take this entry.", "账本拒绝了该分录。")


@dataclass(frozen=True)
class Posted:
    """The entry is in the book now."""

    entry_id: str


@dataclass(frozen=True)
class Exists:
    """The same entry was in the book already; nothing moved."""

    entry_id: str


@dataclass(frozen=True)
class KeyConflict:
    """The key stands in the book with other content; nothing moved."""

    key: str
    entry_id: str


@dataclass(frozen=True)
class Overdrawn:
    """The account holds too little; nothing moved. Amounts in minor units of `currency`."""

    account: str
    currency: str
    available: int
    needed: int


@dataclass(frozen=True)
class InClosedMonth:
    """The month (2026-10) it would count in is closed; nothing moved."""

    month: str


@dataclass(frozen=True)
class DatedAhead:
    """It would count from a moment that has not come; nothing moved."""

    effective_at: datetime


@dataclass(frozen=True)
class Rejected:
    """The database's own rules refuse the entry, or what it names is not there; nothing moved."""

    reason: str


@dataclass(frozen=True)
class Unknown:
    """Nobody answered in time whether it was posted; posting the same `key` again is safe."""

    key: str


Outcome = (
    Posted | Exists | KeyConflict | Overdrawn | InClosedMonth | DatedAhead | Rejected | Unknown
)


def entry_id_of(outcome: Outcome) -> str:
    """The id of the entry where it is in the book; raises what the outcome means where not.

    Raises InsufficientCoins, EntryConflict, MonthClosed, DatedInFuture, EntryRejected, Unavailable.
    """
    match outcome:
        case Posted(entry_id) | Exists(entry_id):
            return entry_id
        case KeyConflict(key, _):
            raise EntryConflict(key=key)
        case Overdrawn(account, currency, available, needed):
            raise InsufficientCoins(
                account=account, currency=currency, available=available, needed=needed
            )
        case InClosedMonth(month):
            raise MonthClosed(month=month)
        case DatedAhead():
            raise DatedInFuture
        case Rejected(reason):
            raise EntryRejected(reason=reason)
        case Unknown():
            raise Unavailable
