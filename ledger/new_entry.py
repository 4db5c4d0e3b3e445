"""What a room asks the book to post, checked before anything reaches the database. Pure."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from ledger.accounts import kind_of
from ledger.entry import (
    KEY_PATTERN,
    MAX_AMOUNT,
    REFERENCE_PATTERN,
    WORD_PATTERN,
    Currency,
)
from ledger.entry_kinds import MOVEMENTS, RETURNING, EntryKind, Movement, ReasonCode
from shared.ids import ID_PATTERN

# Fewer than an entry may have: a credit to a wallet whose owner owes becomes two legs.
MAX_NEW_LEGS = 100
MAX_MONTHS = 120
_CURRENCIES = frozenset(Currency)
_KEY = re.compile(KEY_PATTERN)
_WORD = re.compile(WORD_PATTERN)
_REFERENCE = re.compile(REFERENCE_PATTERN)


class UnsoundEntry(ValueError):
    """Raised when an entry could never be posted: a slip of the program, not of a person."""


@dataclass(frozen=True)
class Leg:
    """One side of an entry: `amount` whole minor units into (plus) or out of (minus) `account`."""

    account: str
    amount: int
    currency: str = Currency.FUB


@dataclass(frozen=True)
class NewEntry:
    """An entry to be posted; the same `key` with the same content is posted once.

    `about` is (noun, id); `effective_at` is when it counts from, by default the moment of posting;
    `unit` is the id of whose activity it is. `lasts_months` is after how many months the coins
    that it brings into a wallet expire (None: never). `returns` is the key of the entry whose
    coins come back: they come with the lots they went with. `reverses` (an entry's id) and
    `reason` belong to reversals. Raises UnsoundEntry at once where it could never be posted.
    """

    key: str
    kind: EntryKind
    legs: Sequence[Leg]
    about: tuple[str, str]
    effective_at: datetime | None = None
    unit: str | None = None
    lasts_months: int | None = None
    returns: str | None = None
    reverses: str | None = None
    reason: ReasonCode | None = None
    request_hash: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        _check_words(self)
        _check_terms(self)
        _check_legs(self.legs, MOVEMENTS[self.kind])
        object.__setattr__(self, "legs", tuple(self.legs))
        object.__setattr__(self, "request_hash", _hash_of(self))


def _check_words(entry: NewEntry) -> None:
    if not _KEY.fullmatch(entry.key):
        raise UnsoundEntry(f"the key {entry.key!r} does not match {KEY_PATTERN}")
    if entry.kind not in MOVEMENTS:
        raise UnsoundEntry(f"{entry.kind!r} is not a kind of entry")
    noun, about_id = entry.about
    if not _WORD.fullmatch(noun) or not _REFERENCE.fullmatch(about_id):
        raise UnsoundEntry(f"{entry.about!r} does not name a thing")
    if entry.unit is not None and not _REFERENCE.fullmatch(entry.unit):
        raise UnsoundEntry(f"{entry.unit!r} is not the id of a unit")


def _check_terms(entry: NewEntry) -> None:
    if entry.effective_at is not None and entry.effective_at.tzinfo is None:
        raise UnsoundEntry("effective_at must say its time zone")
    months = entry.lasts_months
    if months is not None and (type(months) is not int or not 1 <= months <= MAX_MONTHS):
        raise UnsoundEntry(f"coins last 1 to {MAX_MONTHS} months, not {months!r}")
    if entry.returns is not None and not _KEY.fullmatch(entry.returns):
        raise UnsoundEntry(f"{entry.returns!r} is not the key of an entry")
    if entry.returns is not None and entry.kind not in RETURNING:
        raise UnsoundEntry(f"a {entry.kind} brings nothing back")
    if (entry.reverses is None) is (entry.kind == EntryKind.REVERSAL):
        raise UnsoundEntry("a reversal, and nothing else, says what it reverses")
    if (entry.reason is None) is (entry.kind == EntryKind.REVERSAL):
        raise UnsoundEntry("a reversal, and nothing else, has a reason")
    if entry.reverses is not None and not ID_PATTERN.fullmatch(entry.reverses):
        raise UnsoundEntry(f"{entry.reverses!r} is not the id of an entry")


def _check_legs(legs: Sequence[Leg], movement: Movement) -> None:
    if not 2 <= len(legs) <= MAX_NEW_LEGS:
        raise UnsoundEntry(f"an entry has 2 to {MAX_NEW_LEGS} legs, not {len(legs)}")
    sums: dict[str, int] = defaultdict(int)
    for leg in legs:
        kind = kind_of(leg.account)
        if leg.currency not in _CURRENCIES:
            raise UnsoundEntry(f"{leg.currency!r} is not a currency of the book")
        # bool is an int to Python, and True would be posted as one coin.
        if type(leg.amount) is not int or not 0 < abs(leg.amount) <= MAX_AMOUNT:
            raise UnsoundEntry(f"{leg.amount!r} is not an amount a leg can carry")
        if kind not in (movement.out_of if leg.amount < 0 else movement.into):
            raise UnsoundEntry(f"this kind of entry moves nothing on {leg.account} that way")
        sums[leg.currency] += leg.amount
    if len({(leg.account, leg.currency) for leg in legs}) < len(legs):
        raise UnsoundEntry("an account stands in one leg of an entry")
    for currency, total in sums.items():
        if total:
            raise UnsoundEntry(f"the legs in {currency} sum to {total}, not to zero")


def _hash_of(entry: NewEntry) -> str:
    """The SHA-256 of what the caller supplied, and only that: no default, no moment of posting."""
    supplied = [
        entry.kind,
        sorted([leg.account, leg.currency, leg.amount] for leg in entry.legs),
        list(entry.about),
        entry.effective_at.astimezone(UTC).isoformat() if entry.effective_at else None,
        entry.unit,
        entry.lasts_months,
        entry.returns,
        entry.reverses,
        entry.reason,
    ]
    return hash_of(supplied)


def hash_of(supplied: list[Any]) -> str:
    """The SHA-256 of what a caller supplied, as hex: a repeat under its key must have the same."""
    return hashlib.sha256(orjson.dumps(supplied)).hexdigest()
