"""The book as an Excel workbook: every account's balance, the trial balance, and every leg.

Written row by row to temporary files, so that memory stays small. A sheet ends at Excel's last
row; what follows goes on in another sheet of the same name with a number.
"""

import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import IO, Any

import xlsxwriter  # type: ignore[import-untyped]

from ledger.entry import Currency
from ledger.exports.export_legs import COLUMNS, FEN_PER_YUAN, entry_cells, legs_cells
from ledger.exports.export_reading import AccountTotals, BookReading

MAX_ROWS = 1_048_576
CHUNK_BYTES = 1 << 16
ENTRIES, BALANCES, TRIAL_BALANCE = "分录 Entries", "余额 Balances", "试算平衡 Trial balance"
_MONEY_ZH = {
    "opening": "期初",
    "moved": "本期发生",
    "closing": "期末",
    "closing_yuan": "期末（元）",
}
_NAMES = ("account_kind", "account", "currency")
_BALANCE_ZH = {
    **{name: COLUMNS[name] for name in _NAMES},
    **_MONEY_ZH,
    "stored": "存储余额",
    "difference": "差额",
}
_TRIAL_ZH = {
    "account_kind": COLUMNS["account_kind"],
    "currency": COLUMNS["currency"],
    **_MONEY_ZH,
}
_WIDTHS = {"key": 34, "account": 38, "entry_id": 27, "about_id": 27, "account_kind": 14, "unit": 27}
_TIME_WIDTH, _WIDTH = 20, 14
_TIME_FORMAT, _COUNT_FORMAT, _YUAN_FORMAT = "yyyy-mm-dd hh:mm:ss", "#,##0", "#,##0.00"


def xlsx_chunks(book: BookReading) -> Iterator[bytes]:
    """The workbook in pieces; it is whole in a temporary file before the first comes."""
    with tempfile.TemporaryFile() as file:
        write_xlsx(book, file)
        file.seek(0)
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def write_xlsx(book: BookReading, file: IO[bytes]) -> None:
    """Write the workbook; times are of the business time zone, amounts in minor units.

    All texts are written as texts: none becomes a formula, a link or a number.
    """
    with tempfile.TemporaryDirectory(prefix="ledger-export-") as folder:
        workbook = xlsxwriter.Workbook(
            file,
            {"constant_memory": True, "tmpdir": folder, "in_memory": False},
        )
        workbook.use_zip64()
        workbook.set_properties(
            {
                "title": f"福巡账本 Fuxun ledger {book.months}",
                "comments": f"{book.as_of.astimezone(book.zone).isoformat()} {book.zone}",
                "created": book.as_of.astimezone(book.zone).replace(tzinfo=None),
            }
        )
        _write_balances(workbook, book)
        _write_entries(workbook, book)
        workbook.close()


class _Table:
    """Rows under a frozen header, in as many sheets as they need."""

    def __init__(self, workbook: Any, title: str, columns: dict[str, str]) -> None:
        self._workbook, self._title, self._columns = workbook, title, columns
        self._head = workbook.add_format({"bold": True, "bottom": 1})
        self._time = workbook.add_format({"num_format": _TIME_FORMAT})
        self._count = workbook.add_format({"num_format": _COUNT_FORMAT})
        self._yuan = workbook.add_format({"num_format": _YUAN_FORMAT})
        self._is_yuan = [name.endswith("yuan") for name in columns]
        self._sheets = 0
        self._begin_sheet()

    def _begin_sheet(self) -> None:
        self._sheets += 1
        number = "" if self._sheets == 1 else f" {self._sheets}"
        self._sheet = self._workbook.add_worksheet(self._title + number)
        self._sheet.freeze_panes(1, 0)
        for column, (name, chinese) in enumerate(self._columns.items()):
            width = _TIME_WIDTH if name.endswith("_at") else _WIDTHS.get(name, _WIDTH)
            self._sheet.set_column(column, column, width)
            self._sheet.write_string(0, column, f"{name} {chinese}", self._head)
        self._row = 1

    def add(self, values: Sequence[Any]) -> None:
        """Write one row: whole numbers, times, texts; nothing where None or empty."""
        if self._row == MAX_ROWS:
            self._begin_sheet()
        for column, value in enumerate(values):
            if isinstance(value, str):
                if value:
                    self._sheet.write_string(self._row, column, value)
            elif isinstance(value, datetime):
                plain = value.replace(tzinfo=None)  # Excel's times know no zone
                self._sheet.write_datetime(self._row, column, plain, self._time)
            elif value is not None and self._is_yuan[column]:
                self._sheet.write_number(self._row, column, value / FEN_PER_YUAN, self._yuan)
            elif value is not None:
                self._sheet.write_number(self._row, column, value, self._count)
        self._row += 1


def _write_balances(workbook: Any, book: BookReading) -> None:
    """Every account's balance, and what they add up to by kind, which must come to zero."""
    table = _Table(workbook, BALANCES, _BALANCE_ZH)
    by_kind: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for totals in book.totals():
        kind = totals.account.partition(":")[0]
        table.add((kind, *_balance_cells(totals)))
        for key in ((totals.currency, kind), (totals.currency, "")):
            by_kind[key][0] += totals.opening
            by_kind[key][1] += totals.moved
    trial = _Table(workbook, TRIAL_BALANCE, _TRIAL_ZH)
    # The empty kind, the total of a currency, comes after its kinds.
    for (currency, kind), sums in sorted(
        by_kind.items(), key=lambda item: (item[0][0], not item[0][1], item[0][1])
    ):
        trial.add((kind or "total 合计", currency, *_money(currency, *sums)))


def _balance_cells(totals: AccountTotals) -> tuple[Any, ...]:
    money = _money(totals.currency, totals.opening, totals.moved)
    differs = None if totals.stored is None else totals.stored - totals.closing
    return (totals.account, totals.currency, *money, totals.stored, differs)


def _money(currency: str, opening: int, moved: int) -> tuple[int | None, ...]:
    closing = opening + moved
    return (opening, moved, closing, closing if currency == Currency.CNY else None)


def _write_entries(workbook: Any, book: BookReading) -> None:
    table = _Table(workbook, ENTRIES, COLUMNS)
    # Cells are written more slowly than entries are read, and the moment is not kept for ever.
    for entry in book.entries_read_first():
        facts = entry_cells(entry, book.zone)
        for leg in legs_cells(entry):
            table.add((*facts, *leg))
