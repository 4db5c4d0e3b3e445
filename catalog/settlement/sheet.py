"""A statement as a sheet of paper shows it: facts, lines, sums, stock, in one language. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from catalog.settlement import sheet_words as words
from catalog.settlement.amounts import yuan_text
from catalog.settlement.point_statement import PointStatement
from catalog.settlement.statement_line import StatementLine
from shared.i18n import Text

FEN_A_YUAN = 100
_SHOWN_OF_A_VOUCHER = 8


@dataclass(frozen=True)
class Yuan:
    """An amount of money, in fen and parts of it."""

    fen: Fraction

    def text(self) -> str:
        """In yuan with two decimals at least and six at most: 0.7 fen is "0.007"."""
        millionths = int(self.fen * 10_000)
        whole, rest = divmod(millionths, 1_000_000)
        decimals = f"{rest:06d}".rstrip("0").ljust(2, "0")
        return f"{whole:,}.{decimals}"


Cell = int | str | datetime | Yuan | None


@dataclass(frozen=True)
class StockRow:
    """One reward on the point's shelf that day, in items."""

    title: str
    title_en: str
    opening: int
    handed_over: int
    returned: int
    restocked: int
    closing: int


@dataclass(frozen=True)
class Sheet:
    """All that is on the paper, in order; times are of the business time zone."""

    language: str
    title: str
    facts: list[tuple[str, str]]
    columns: list[tuple[str, str]]
    rows: list[list[Cell]]
    sums: list[tuple[str, Cell]]
    notes: list[str]
    stock_columns: list[str]
    stock_rows: list[list[Cell]]
    signatures: list[str]

    def columns_shown(self) -> list[str]:
        """The heads of the lines' table."""
        return [label for _, label in self.columns]

    def say(self, text: Text) -> str:
        """A fixed text of the sheet in its language."""
        return text.say(self.language)


@dataclass(frozen=True)
class PointOnSheet:
    """The point as the sheet names it."""

    name: str
    name_en: str
    address: str


def sheet_of(
    statement: PointStatement,
    lines: Sequence[StatementLine],
    point: PointOnSheet,
    stock: Sequence[StockRow],
    *,
    language: str,
    zone: ZoneInfo,
) -> Sheet:
    """The sheet of a statement in "zh-CN" or "en"."""
    sums = statement.sums
    notes = [words.ROUNDING] + ([words.OPEN] if sums.open_disputes else [])
    return Sheet(
        language=language,
        title=words.TITLE.say(language),
        facts=_facts(statement, point, language, zone),
        columns=[(name, label.say(language)) for name, label in words.COLUMNS.items()],
        rows=[_row(line, language, zone) for line in lines],
        sums=[
            (words.SUMS["lines"].say(language), sums.lines),
            (words.SUMS["coins"].say(language), sums.coins),
            (words.SUMS["coin_fen"].say(language), Yuan(Fraction(sums.coin_fen))),
            (words.SUMS["in_kind_fen"].say(language), Yuan(Fraction(sums.in_kind_fen))),
            *([(words.SUMS["open_disputes"].say(language), sums.open_disputes)] * (len(notes) - 1)),
            (words.SUMS["total_fen"].say(language), Yuan(Fraction(sums.total_fen))),
        ],
        notes=[note.say(language) for note in notes],
        stock_columns=[label.say(language) for label in words.STOCK_COLUMNS.values()],
        stock_rows=[_stock_row(row, language) for row in stock],
        signatures=[one.say(language) for one in words.SIGNATURES],
    )


def _facts(
    statement: PointStatement, point: PointOnSheet, language: str, zone: ZoneInfo
) -> list[tuple[str, str]]:
    """What is known of the statement by now, with its label; what is not is left out."""
    confirmed = _clock(statement.confirmed_at, zone)
    if confirmed and not statement.confirmed_by:
        confirmed = words.BY_SILENCE.say(language, at=confirmed)
    payment = statement.payment
    said = {
        "point": (language == "en" and point.name_en) or point.name,
        "address": point.address,
        "day": statement.day,
        "statement": statement.id,
        "state": words.STATES[statement.state].say(language),
        "closed_at": _clock(statement.closed_at, zone),
        "confirmed_at": confirmed,
        "settled_at": _clock(statement.settled_at, zone),
        "paid_at": _clock(payment.paid_at, zone) if payment else "",
        "reference": payment.reference if payment else "",
    }
    return [(words.FACTS[name].say(language), value) for name, value in said.items() if value]


def _clock(moment: datetime | None, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M") if moment else ""


def _row(line: StatementLine, language: str, zone: ZoneInfo) -> list[Cell]:
    """A line's cells, as words.COLUMNS names them."""
    value = line.fen_per_10000_coins
    title = (language == "en" and line.title_en) or line.title
    price = line.coins or line.price
    return [
        line.number,
        line.handed_over_at.astimezone(zone),
        title,
        words.KINDS[line.kind].say(language),
        # Enough to find it by; the id's beginning says no more than when it was made.
        (line.voucher_id or "")[-_SHOWN_OF_A_VOUCHER:],
        price or None,
        Yuan(Fraction(value)) if price and value is not None else None,
        _worth(line),
        _remark(line, language),
    ]


def _worth(line: StatementLine) -> Yuan | None:
    """What the line counts for; None while that is disputed."""
    if line.is_open() and not line.in_kind_fen:
        return None
    return Yuan(line.counted_fen())


def _remark(line: StatementLine, language: str) -> str:
    said = [words.LINE_STATES[line.state].say(language)]
    if line.dispute:
        said.append(line.dispute.words.get(language) or line.dispute.reason)
        said.append(line.dispute.claim_reason)
        if line.dispute.claimed_fen is not None:
            said.append(words.CLAIMED.say(language, yuan=yuan_text(line.dispute.claimed_fen)))
    if line.decision:
        said.append(words.DECIDED.say(language, reason=line.decision.reason))
    return ("; " if language == "en" else "；").join(part for part in said if part)


def _stock_row(row: StockRow, language: str) -> list[Cell]:
    title = (language == "en" and row.title_en) or row.title
    return [title, row.opening, row.handed_over, row.returned, row.restocked, row.closing]
