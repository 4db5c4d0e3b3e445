"""The workbook opens, holds real numbers and times, and adds up."""

from collections import Counter
from datetime import datetime

import export_book as book
import pytest
from openpyxl import load_workbook

from ledger import ExportFormat, export_to_file
from ledger.exports import export_xlsx
from ledger.exports.export_legs import COLUMNS
from ledger.exports.export_xlsx import BALANCES, ENTRIES, TRIAL_BALANCE


@pytest.fixture
def workbook(tmp_path):
    """`workbook(first, last)` is the workbook of these months, as openpyxl reads it."""
    book.fill_book()

    def export(first=None, last=None):
        path = tmp_path / "ledger.xlsx"
        export_to_file(path, ExportFormat.XLSX, first=first, last=last, overwrite=True)
        return load_workbook(path)

    return export


def rows_of(sheet):
    """The rows of a sheet as dictionaries, by the English part of the header."""
    header, *rows = sheet.iter_rows(values_only=True)
    names = [title.split()[0] for title in header]
    return [dict(zip(names, row, strict=True)) for row in rows]


def test_has_three_sheets_with_a_frozen_header(workbook):
    opened = workbook()
    assert opened.sheetnames == [BALANCES, TRIAL_BALANCE, ENTRIES]
    assert {sheet.freeze_panes for sheet in opened} == {"A2"}
    assert [cell.value for cell in opened[ENTRIES][1]] == [
        f"{name} {chinese}" for name, chinese in COLUMNS.items()
    ]


def test_entries_add_up_to_zero_and_to_every_stored_balance(workbook):
    sums = Counter()
    for row in rows_of(workbook()[ENTRIES]):
        assert type(row["amount"]) is int
        sums[row["currency"]] += row["amount"]
        sums[row["account"], row["currency"]] += row["amount"]
    assert (sums["FUB"], sums["CNY"]) == (0, 0)
    stored = book.stored_balances()
    assert {key: sums[key] for key in stored} == stored


def test_times_and_yuan_are_real_times_and_numbers(workbook):
    rows = {row["key"]: row for row in rows_of(workbook()[ENTRIES])}
    # The cell keeps the time as a fraction of a day.
    off = rows["grant"]["effective_at"] - datetime.fromisoformat("2026-08-31T23:59:59.999")
    assert abs(off.total_seconds()) < 0.002
    assert rows["cash"]["yuan"] == 999.95
    assert rows["grant"]["yuan"] is None


def test_balances_are_what_is_stored(workbook):
    rows = {(row["account"], row["currency"]): row for row in rows_of(workbook()[BALANCES])}
    stored = book.stored_balances()
    assert {key: rows[key]["stored"] for key in stored} == stored
    assert {key: row["closing"] for key, row in rows.items()} == book.summed_legs()
    assert {row["difference"] for row in rows.values()} == {0, None}
    assert rows[book.FUND, "CNY"]["closing_yuan"] == 994.9


def test_the_trial_balance_is_zero_in_each_currency(workbook):
    rows = rows_of(workbook()[TRIAL_BALANCE])
    totals = {row["currency"]: row for row in rows if row["account_kind"] == "total 合计"}
    assert set(totals) == {"FUB", "CNY"}
    for currency, total in totals.items():
        kinds = [row for row in rows if row["currency"] == currency and row is not total]
        assert sum(row["closing"] for row in kinds) == total["closing"] == 0
        assert any(row["closing"] for row in kinds)


def test_some_months_open_with_what_was_before_and_end_with_what_was_stored_then(workbook):
    opened = workbook("2026-10", "2026-10")
    assert {row["key"] for row in rows_of(opened[ENTRIES])} == {"h1", "c2", "cr", "s1"}
    rows = {(row["account"], row["currency"]): row for row in rows_of(opened[BALANCES])}
    task = rows[book.TASK, "FUB"]
    assert (task["opening"], task["moved"], task["closing"], task["stored"]) == (300, 0, 300, 300)
    fund = rows[book.FUND, "CNY"]
    assert (fund["opening"], fund["moved"], fund["closing"]) == (99_995, -505, 99_490)
    assert {row["difference"] for row in rows.values()} == {0, None}


def test_no_cell_is_a_formula_or_a_link(workbook):
    for sheet in workbook():
        assert sheet._hyperlinks == []
        for row in sheet.iter_rows():
            assert {cell.data_type for cell in row} <= {"s", "inlineStr", "n", "d"}


def test_a_text_like_a_formula_stays_a_text(tmp_path):
    writer = export_xlsx.xlsxwriter.Workbook(tmp_path / "a.xlsx", {"constant_memory": True})
    table = export_xlsx._Table(writer, "A", {"key": "键", "account": "账户"})
    table.add(("=1+1", "http://example.org"))
    table.add(("-1", "{=SUM(A1)}"))
    writer.close()
    cells = [cell for row in load_workbook(tmp_path / "a.xlsx")["A"]["A2:B3"] for cell in row]
    texts = [cell.value for cell in cells]
    assert texts == ["=1+1", "http://example.org", "-1", "{=SUM(A1)}"]
    assert all(cell.hyperlink is None for cell in cells)
    assert "<f>" not in _xml_of(tmp_path / "a.xlsx")


def _xml_of(path):
    with export_xlsx.xlsxwriter.workbook.ZipFile(path) as archive:
        return archive.read("xl/worksheets/sheet1.xml").decode()


def test_goes_on_in_another_sheet_where_excel_has_no_more_rows(workbook, monkeypatch):
    whole = rows_of(workbook()[ENTRIES])
    monkeypatch.setattr(export_xlsx, "MAX_ROWS", 10)
    opened = workbook()
    parts = [name for name in opened.sheetnames if name.startswith(ENTRIES)]
    assert parts[:2] == [ENTRIES, f"{ENTRIES} 2"]
    assert {opened[name].max_row for name in parts[:-1]} == {10}
    assert [row for name in parts for row in rows_of(opened[name])] == whole
    assert {opened[name].freeze_panes for name in parts} == {"A2"}
