"""The CSV adds up to zero in each currency, and to the stored balances."""

import csv
import io
from collections import Counter
from datetime import datetime
from decimal import Decimal

import export_book as book
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import Entry, ExportFormat, export_to_file, wallet
from ledger.exports.export_csv import csv_chunks
from ledger.exports.export_legs import COLUMNS, EntryCells, LegCells, yuan_text
from ledger.exports.export_reading import Months
from shared.clock import real_now
from shared.database import collection


@pytest.fixture
def rows(tmp_path):
    """`rows(first, last)` are the rows of the CSV of these months, as dictionaries."""
    book.fill_book()

    def export(first=None, last=None):
        path = tmp_path / "ledger.csv"
        export_to_file(path, ExportFormat.CSV, first=first, last=last, overwrite=True)
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    return export


def test_begins_with_the_mark_by_which_excel_reads_chinese(tmp_path):
    export_to_file(tmp_path / "a.csv", ExportFormat.CSV)
    header = ",".join(COLUMNS)
    assert (tmp_path / "a.csv").read_bytes() == b"\xef\xbb\xbf" + header.encode() + b"\r\n"


def test_every_column_has_its_cell():
    assert (*EntryCells._fields, *LegCells._fields) == tuple(COLUMNS)


def test_adds_up_to_zero_and_to_every_stored_balance(rows):
    sums = Counter()
    for row in rows():
        sums[row["currency"]] += int(row["amount"])
        sums[row["account"], row["currency"]] += int(row["amount"])
    assert (sums["FUB"], sums["CNY"]) == (0, 0)
    stored = book.stored_balances()
    assert {key: sums[key] for key in stored} == stored


def test_has_every_leg_in_the_order_of_posting(rows):
    posted = collection(Entry).find().sort([("posted_at", 1), ("_id", 1)])
    legs = [(one["_id"], leg["account"]) for one in posted for leg in one["legs"]]
    assert [(row["entry_id"], row["account"]) for row in rows()] == legs


def test_shows_renminbi_in_yuan_as_well(rows):
    for row in rows():
        if row["currency"] == "CNY":
            assert Decimal(row["yuan"]) * 100 == int(row["amount"])
            assert row["yuan"][-3] == "."
        else:
            assert row["yuan"] == ""


def test_tells_an_entry_s_facts(rows):
    found = {row["key"]: row for row in rows()}
    assert found["grant"]["effective_at"] == "2026-08-31T23:59:59.999+08:00"
    assert (found["r1"]["kind"], found["r1"]["kind_zh"]) == ("reward", "奖励")
    assert found["r1"]["lots"] == "2027-03=300"
    assert found["fund-task"]["unit"] == book.UNIT
    assert found["reversal:r1"]["reverses"] == found["r1"]["entry_id"]
    assert found["c2"]["returns"] == found["o2"]["entry_id"]
    assert datetime.fromisoformat(found["r1"]["posted_at"]) <= real_now()


@pytest.mark.parametrize(
    ("first", "last", "keys"),
    [
        ("2026-08", "2026-08", {"grant", "cash", "fund-task"}),
        ("2026-09", "2026-09", {"r1", "r2", "r3", "o1", "o2"}),
        ("2026-09", "2026-10", {"r1", "r2", "r3", "o1", "o2", "h1", "c2", "cr", "s1"}),
        (None, "2026-08", {"grant", "cash", "fund-task"}),
        ("2099-01", None, set()),
    ],
)
def test_holds_the_months_by_the_business_time_zone(rows, first, last, keys):
    assert {row["key"] for row in rows(first, last)} == keys


class OneEntry:
    """A reading of one entry whose texts would be formulas; the book itself takes none."""

    months, zone = Months(), real_now().tzinfo

    def entries(self):
        moment = real_now()
        yield {
            "_id": "=1+1",
            "key": "-2+3",
            "kind": "order",
            "about": {"kind": "@SUM(A1)", "id": '=HYPERLINK("http://x")'},
            "effective_at": moment,
            "posted_at": moment,
            "legs": [{"account": wallet("p1"), "currency": "FUB", "amount": -5}],
        }


def test_no_text_is_a_formula():
    text = b"".join(csv_chunks(OneEntry())).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    texts = [row[name] for name in ("entry_id", "key", "about_kind", "about_id")]
    assert texts == ["'=1+1", "'-2+3", "'@SUM(A1)", '\'=HYPERLINK("http://x")']
    assert row["amount"] == "-5"


@given(st.integers(-(2**70), 2**70))
def test_yuan_are_exact(fen):
    assert Decimal(yuan_text(fen)) * 100 == fen
    assert len(yuan_text(fen).partition(".")[2]) == 2
