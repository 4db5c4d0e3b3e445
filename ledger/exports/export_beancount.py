"""The book as a Beancount file: bean-check accepts it and proves our stored balances by it.

An account's open directive and the balance asserted of it stand at the head, before the entries
(Beancount orders by date, not by line): so a file that was cut short fails bean-check as well.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import groupby, islice
from typing import Any

from ledger.entry import Currency
from ledger.entry_kinds import EntryKind
from ledger.exports.export_legs import KINDS_ZH, lots_text, yuan_text
from ledger.exports.export_names import beancount_name
from ledger.exports.export_reading import AccountTotals, BookReading

OPENING = "Equity:Opening-Balances"
DIRECTIVES_A_CHUNK = 1_000
ONE_DAY = timedelta(days=1)


def beancount_chunks(book: BookReading) -> Iterator[bytes]:
    """The file in pieces: the head, every account, then every entry in the order of posting.

    Coins are FUB in whole coins, renminbi is CNY in yuan with two decimals: both exact. Entries
    are dated by their effective day in the business time zone. Of a range, each account opens
    with a transaction against Equity:Opening-Balances, the day before. Asserted are the stored
    balances where there are any, else what the server adds up; to the last fen (`~ 0`), for
    Beancount by itself lets a balance be a fen off.
    """
    directives = iter(_directives(book))
    while chunk := "".join(islice(directives, DIRECTIVES_A_CHUNK)):
        yield chunk.encode()


def _directives(book: BookReading) -> Iterator[str]:
    days = _Days(book)
    yield _head(book)
    if days.opening:
        yield from _opening_account(days.opening, days.closing)
    for account, both in groupby(book.totals(), key=lambda totals: totals.account):
        yield from _account(account, list(both), days)
    for entry in book.entries():
        yield _transaction(entry, book)


class _Days:
    """The day that balances open on (the one before a range) and the day that they must hold.

    A balance holds at the beginning of its day, so it is the day after the last one.
    """

    def __init__(self, book: BookReading) -> None:
        self._zone = book.zone
        starts_at, ends_at = book.months.starts_at, book.months.ends_at
        # An entry is effective no later than it was posted, so none lies behind the last posted.
        last_at = book.last_posted_at() or book.as_of
        self.opening = self.of(starts_at) - ONE_DAY if starts_at else None
        self.closing = self.of(ends_at) if ends_at else self.of(last_at) + ONE_DAY
        if starts_at and not ends_at:
            self.closing = max(self.closing, self.of(starts_at))

    def of(self, moment: datetime) -> date:
        return moment.astimezone(self._zone).date()

    def first_of(self, both: list[AccountTotals]) -> date:
        """The day an account opens: of its first entry, or that of the opening balances."""
        first = min((self.of(one.first_at) for one in both if one.first_at), default=self.closing)
        return max(first, self.opening) if self.opening else first


def _head(book: BookReading) -> str:
    return (
        f'option "title" {_quoted(f"福巡账本 Fuxun ledger {book.months}")}\n'
        + "".join(f'option "operating_currency" "{currency}"\n' for currency in Currency)
        + f"; {book.as_of.astimezone(book.zone).isoformat()} {book.zone}\n"
        "; FUB 福币 (whole coins), CNY 人民币 (yuan).\n"
        "; Plus is into an account, minus out of it, as in the book itself.\n\n"
    )


def _opening_account(opening: date, closing: date) -> Iterator[str]:
    yield f"{opening} open {OPENING}\n"
    for currency in Currency:
        yield f"{closing} balance {OPENING}  {_amount(0, currency, exactly=True)}\n"
    yield "\n"


def _account(account: str, both: list[AccountTotals], days: _Days) -> Iterator[str]:
    """The directives of one account in its currencies: open, opening balances, balances."""
    name = beancount_name(account)
    opened = days.first_of(both)
    yield f"{opened} open {name} {','.join(one.currency for one in both)}\n"
    yield _facts({"account": account}, "  ")
    for one in both:
        if one.opening and days.opening:
            yield _opening_balance(one, name, days.opening)
        source = "entries" if one.stored is None else "stored"
        asserted = one.closing if one.stored is None else one.stored
        yield f"{days.closing} balance {name}  {_amount(asserted, one.currency, exactly=True)}\n"
        yield _facts({"source": source}, "  ")
    yield "\n"


def _opening_balance(totals: AccountTotals, name: str, day: date) -> str:
    return (
        f'{day} * "期初余额 opening balance"\n'
        f"  {name}  {_amount(totals.opening, totals.currency)}\n"
        f"  {OPENING}  {_amount(-totals.opening, totals.currency)}\n"
    )


def _transaction(entry: Mapping[str, Any], book: BookReading) -> str:
    kind, about = entry["kind"], entry["about"]
    effective_at, posted_at = (
        entry[name].astimezone(book.zone) for name in ("effective_at", "posted_at")
    )
    facts = {
        "entry": entry["_id"],
        "key": entry["key"],
        "kind": kind,
        "about": f"{about['kind']}:{about['id']}",
        "effective-at": effective_at.isoformat(timespec="milliseconds"),
        "posted-at": posted_at.isoformat(timespec="milliseconds"),
    }
    facts |= {
        name: entry[name] for name in ("unit", "reverses", "returns", "reason") if name in entry
    }
    payee = _quoted(f"{KINDS_ZH[EntryKind(kind)]} {kind}")
    narration = _quoted(f"{about['kind']} {about['id']}")
    lines = [f"{effective_at.date()} * {payee} {narration}\n", _facts(facts, "  ")]
    lines += _postings(entry["legs"])
    return "".join([*lines, "\n"])


def _postings(legs: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for leg in legs:
        amount = _amount(int(leg["amount"]), leg["currency"])
        yield f"  {beancount_name(leg['account'])}  {amount}\n"
        if leg.get("lots"):
            yield _facts({"lots": lots_text(leg["lots"])}, "    ")


def _amount(minor_units: int, currency: str, *, exactly: bool = False) -> str:
    number = yuan_text(minor_units) if currency == Currency.CNY else str(minor_units)
    return f"{number}{' ~ 0' if exactly else ''} {currency}"


def _facts(facts: Mapping[str, str], indent: str) -> str:
    return "".join(f"{indent}{name}: {_quoted(text)}\n" for name, text in facts.items())


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
