"""A statement as a file to keep, to calculate with or to sign: CSV, XLSX, printable HTML."""

from dataclasses import dataclass
from enum import StrEnum

from catalog.settlement.asking import StatementAtPoint, point_statement
from catalog.settlement.closing import business_zone
from catalog.settlement.restating import lines_in
from catalog.settlement.sheet import PointOnSheet, Sheet, StockRow, sheet_of
from catalog.settlement.sheet_csv import csv_of
from catalog.settlement.sheet_html import html_of
from catalog.settlement.sheet_xlsx import xlsx_of
from catalog.settlement.stock_days import stock_days
from people import Actor


class StatementFormat(StrEnum):
    """What kind of file a statement is made as."""

    CSV = "csv"
    XLSX = "xlsx"
    HTML = "html"


@dataclass(frozen=True)
class StatementFile:
    """A file, whole in memory: a statement has at most 500 lines."""

    name: str
    content: bytes


def statement_file(
    statement_id: str, file_format: StatementFormat, *, language: str, by: Actor
) -> StatementFile:
    """A statement as a file in "zh-CN" or "en". Raises StatementNotFound."""
    stated = point_statement(statement_id, by=by)
    name = f"statement-{stated.statement.reference()}.{file_format}"
    if file_format == StatementFormat.CSV:
        lines = lines_in(statement_id)
        return StatementFile(name, csv_of(stated.statement, lines, business_zone()))
    sheet = _sheet(stated, language)
    if file_format == StatementFormat.XLSX:
        return StatementFile(name, xlsx_of(sheet))
    return StatementFile(name, html_of(sheet).encode())


def _sheet(stated: StatementAtPoint, language: str) -> Sheet:
    point = stated.point
    stock = [
        StockRow(
            one.title,
            one.title_en,
            one.opening,
            one.handed_over,
            one.returned,
            one.restocked,
            one.closing,
        )
        for one in stock_days(stated)
    ]
    return sheet_of(
        stated.statement,
        lines_in(stated.statement.id),
        PointOnSheet(point.name, point.name_en, point.address),
        stock,
        language=language,
        zone=business_zone(),
    )
