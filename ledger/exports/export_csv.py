"""The book as CSV: a row a leg, with a header, for whoever adds up with tools of their own.

UTF-8 with a byte order mark, by which Excel knows that it is UTF-8. Excel takes an id of digits
alone for a number and shortens it: to work in Excel, export XLSX.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from ledger.exports.export_legs import COLUMNS, entry_cells, legs_cells, yuan_text
from ledger.exports.export_reading import BookReading

BYTE_ORDER_MARK = "\ufeff"
ENTRIES_A_CHUNK = 500
# A cell that begins so is a formula to a spreadsheet. Of these the book's patterns let only the
# hyphen through, at the head of a key or an id; an apostrophe before it makes it a text.
FORMULA_HEADS = ("=", "+", "-", "@", "\t", "\r")


def csv_chunks(book: BookReading) -> Iterator[bytes]:
    """The file in pieces: every leg in the order of posting.

    Times are ISO 8601 in the business time zone with its offset; `amount` is whole minor units,
    `yuan` the same in yuan with two decimals where the currency is CNY.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    text.write(BYTE_ORDER_MARK)
    writer.writerow(COLUMNS)
    entries = book.entries()
    while True:
        some = list(islice(entries, ENTRIES_A_CHUNK))
        for entry in some:
            writer.writerows(_rows(entry, book.zone))
        if text.tell():
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
        if not some:
            return


def _rows(entry: Mapping[str, Any], zone: ZoneInfo) -> Iterator[list[Any]]:
    facts = [_cell(value) for value in entry_cells(entry, zone)]
    for leg in legs_cells(entry):
        # Account names and currencies begin with a letter: no formula among them.
        yield [*facts, *leg[:-2], "" if leg.yuan is None else yuan_text(leg.yuan), leg.lots]


def _cell(value: str | datetime) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    return f"'{value}" if value.startswith(FORMULA_HEADS) else value
