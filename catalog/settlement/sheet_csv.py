"""A statement's lines as CSV: a row a line under names for programs, safe to open in Excel. Pure.

The last row, of kind "total", is what the statement comes to: rounded once, as its lines are not.

UTF-8 with a byte order mark, by which Excel knows that it is UTF-8.
"""

import csv
import io
from collections.abc import Sequence
from fractions import Fraction
from zoneinfo import ZoneInfo

from catalog.settlement.point_statement import PointStatement
from catalog.settlement.statement_line import StatementLine

BYTE_ORDER_MARK = "\ufeff"
# A cell that begins so is a formula to a spreadsheet; an apostrophe before it makes it a text.
FORMULA_HEADS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
NAMES = (
    "statement_id",
    "point_id",
    "day",
    "number",
    "kind",
    "voucher_id",
    "reward_id",
    "title",
    "title_en",
    "handed_over_at",
    "coins",
    "fen_per_10000_coins",
    "in_kind_fen",
    "worth_fen",
    "price",
    "cost_fen",
    "state",
    "dispute_reason",
    "claimed_fen",
    "decided_fen",
    "decision_reason",
)


def csv_of(statement: PointStatement, lines: Sequence[StatementLine], zone: ZoneInfo) -> bytes:
    """The file; times are ISO 8601 in the business time zone with its offset, amounts in fen."""
    text = io.StringIO()
    text.write(BYTE_ORDER_MARK)
    writer = csv.writer(text)
    writer.writerow(NAMES)
    for line in lines:
        writer.writerow([safe_cell(cell) for cell in _cells(statement, line, zone)])
    writer.writerow([safe_cell(cell) for cell in _total(statement)])
    return text.getvalue().encode()


def safe_cell(value: object) -> str:
    """The value as a cell that no spreadsheet takes for a formula; empty where None."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_HEADS) else text


def _cells(statement: PointStatement, line: StatementLine, zone: ZoneInfo) -> list[object]:
    dispute, decision = line.dispute, line.decision
    return [
        statement.id,
        statement.point_id,
        statement.day,
        line.number,
        line.kind.value,
        line.voucher_id,
        line.reward_id,
        line.title,
        line.title_en,
        line.handed_over_at.astimezone(zone).isoformat(timespec="seconds"),
        line.coins,
        line.fen_per_10000_coins,
        line.in_kind_fen,
        _exact(line.counted_fen()),
        line.price,
        line.cost_fen,
        line.state.value,
        dispute.reason if dispute else None,
        dispute.claimed_fen if dispute else None,
        decision.fen if decision else None,
        decision.reason if decision else None,
    ]


def _total(statement: PointStatement) -> list[object]:
    sums = statement.sums
    known = {
        "statement_id": statement.id,
        "point_id": statement.point_id,
        "day": statement.day,
        "kind": "total",
        "coins": sums.coins,
        "in_kind_fen": sums.in_kind_fen,
        "worth_fen": sums.total_fen,
        "state": statement.state.value,
    }
    return [known.get(name) for name in NAMES]


def _exact(fen: Fraction) -> str:
    """Fen with as many decimals as they have, four at most, for a coin is worth a 10,000th."""
    tenthousandths = int(fen * 10_000)
    whole, rest = divmod(tenthousandths, 10_000)
    return f"{whole}.{rest:04d}".rstrip("0").rstrip(".")
