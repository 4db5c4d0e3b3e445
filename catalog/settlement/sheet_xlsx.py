"""A statement as an Excel workbook, set up to be printed on A4: the sheet, and the stock. Pure."""

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

from catalog.settlement import sheet_words as words
from catalog.settlement.sheet import FEN_A_YUAN, Cell, Sheet, Yuan

_WIDTHS = {
    "number": 6,
    "handed_over_at": 20,
    "title": 28,
    "kind": 15,
    "voucher": 12,
    "coins": 11,
    "coin_value": 14,
    "worth": 13,
    "remark": 40,
}
_A4 = 9
_LABEL_COLUMNS = 3


def xlsx_of(sheet: Sheet) -> bytes:
    """The workbook. All texts are written as texts: none becomes a formula, a link or a number."""
    file = io.BytesIO()
    workbook = xlsxwriter.Workbook(file, {"in_memory": True})
    workbook.set_properties({"title": f"{sheet.title} {sheet.facts[0][1]}"})
    _Page(workbook, sheet.title).fill(sheet)
    if sheet.stock_rows:
        _write_stock(workbook, sheet)
    workbook.close()
    return file.getvalue()


class _Page:
    """The statement's own sheet, filled from the top down."""

    def __init__(self, workbook: Any, title: str) -> None:
        self._page = workbook.add_worksheet(title[:31])
        self._page.set_paper(_A4)
        self._page.set_landscape()
        self._page.fit_to_pages(1, 0)
        self._page.set_footer("&C&P / &N")
        self._title = workbook.add_format({"bold": True, "font_size": 18, "align": "center"})
        self._label = workbook.add_format({"font_color": "#555555", "valign": "top"})
        self._plain = workbook.add_format({"valign": "top", "align": "left"})
        self._sum = workbook.add_format({"bold": True, "top": 1, "num_format": "#,##0"})
        self._sum_yuan = workbook.add_format({"bold": True, "top": 1, "num_format": "#,##0.00"})
        self._line = workbook.add_format({"bottom": 1})
        self._cells = _Cells(workbook)
        self._row = 0

    def fill(self, sheet: Sheet) -> None:
        """Write the whole page."""
        last = len(sheet.columns) - 1
        for column, (name, _) in enumerate(sheet.columns):
            self._page.set_column(column, column, _WIDTHS[name])
        self._page.merge_range(0, 0, 0, last, sheet.say(words.PROGRAMME), self._label)
        self._page.merge_range(1, 0, 1, last, "", self._title)
        self._page.write_string(1, 0, sheet.title, self._title)
        self._page.set_row(1, 28)
        self._row = 3
        for label, said in sheet.facts:
            self._page.write_string(self._row, 0, label, self._label)
            self._page.write_string(self._row, _LABEL_COLUMNS - 1, said, self._plain)
            self._row += 1
        self._row += 1
        self._write_lines(sheet)
        self._write_sums(sheet, last)
        self._write_end(sheet)

    def _write_lines(self, sheet: Sheet) -> None:
        head = self._row
        self._cells.write_head(self._page, head, sheet.columns_shown())
        for number, row in enumerate(sheet.rows, head + 1):
            self._cells.write_row(self._page, number, row)
        self._page.repeat_rows(head)
        self._row = head + len(sheet.rows) + 2

    def _write_sums(self, sheet: Sheet, last: int) -> None:
        for label, cell in sheet.sums:
            value = float(cell.fen / FEN_A_YUAN) if isinstance(cell, Yuan) else cell
            form = self._sum_yuan if isinstance(cell, Yuan) else self._sum
            self._page.write_string(self._row, last - 2, label, self._sum)
            self._page.write_number(self._row, last - 1, value, form)
            self._row += 1

    def _write_end(self, sheet: Sheet) -> None:
        for note in sheet.notes:
            self._row += 1
            self._page.write_string(self._row, 0, note, self._label)
        self._row += 3
        for column, who in zip((0, 5), sheet.signatures, strict=True):
            self._page.write_string(self._row, column, who)
            for under in range(column, column + 3):
                self._page.write_blank(self._row + 3, under, None, self._line)
            self._page.write_string(self._row + 5, column, sheet.say(words.SIGNED_ON))
            for under in range(column + 1, column + 3):
                self._page.write_blank(self._row + 5, under, None, self._line)


class _Cells:
    """How the cells of a table are written."""

    def __init__(self, workbook: Any) -> None:
        edge = {"border": 1, "border_color": "#888888", "valign": "top"}
        self._head = workbook.add_format({**edge, "bold": True, "bg_color": "#eeeeee"})
        self._text = workbook.add_format({**edge, "text_wrap": True})
        self._time = workbook.add_format({**edge, "num_format": "yyyy-mm-dd hh:mm:ss"})
        self._count = workbook.add_format({**edge, "num_format": "#,##0"})
        self._yuan = workbook.add_format({**edge, "num_format": "#,##0.00####"})

    def write_head(self, page: Any, row: int, heads: Sequence[str]) -> None:
        """Write the head of a table."""
        for column, head in enumerate(heads):
            page.write_string(row, column, head, self._head)

    def write_row(self, page: Any, row: int, cells: Sequence[Cell]) -> None:
        """Write one row of a table: whole numbers, money in yuan, times, texts."""
        for column, cell in enumerate(cells):
            if isinstance(cell, Yuan):
                page.write_number(row, column, float(cell.fen / FEN_A_YUAN), self._yuan)
            elif isinstance(cell, datetime):
                plain = cell.replace(tzinfo=None)  # Excel's times know no zone
                page.write_datetime(row, column, plain, self._time)
            elif isinstance(cell, int):
                page.write_number(row, column, cell, self._count)
            elif cell:
                page.write_string(row, column, cell, self._text)
            else:
                page.write_blank(row, column, None, self._text)


def _write_stock(workbook: Any, sheet: Sheet) -> None:
    page, cells = workbook.add_worksheet(sheet.say(words.STOCK_TITLE)), _Cells(workbook)
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)
    page.set_column(0, 0, _WIDTHS["title"])
    page.set_column(1, len(sheet.stock_columns) - 1, _WIDTHS["coin_value"])
    cells.write_head(page, 0, sheet.stock_columns)
    for number, row in enumerate(sheet.stock_rows, 1):
        cells.write_row(page, number, row)
