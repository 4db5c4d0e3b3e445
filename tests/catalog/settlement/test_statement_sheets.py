"""Sheets: the same figures on paper, in a workbook, for programs; nothing in them comes alive."""

import csv
import io
import re
import xml.etree.ElementTree as ET
import zipfile
from datetime import UTC, datetime
from fractions import Fraction
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.settlement.point_statement import Payment, PointStatement, StatementState, Sums
from catalog.settlement.sheet import PointOnSheet, StockRow, Yuan, sheet_of
from catalog.settlement.sheet_csv import FORMULA_HEADS, NAMES, csv_of, safe_cell
from catalog.settlement.sheet_html import html_of
from catalog.settlement.sheet_xlsx import xlsx_of
from catalog.settlement.statement_line import (
    Decision,
    Dispute,
    LineKind,
    LineState,
    StatementLine,
)

PURE = True
ZONE = ZoneInfo("Asia/Shanghai")
MOMENT = datetime(2026, 2, 16, 15, 59, 30, tzinfo=UTC)  # 23:59:30 of the street's New Year's Eve
POINT = PointOnSheet("鼓西<街道>兑换点", "Guxi & point", "鼓西路 1 号")
STOCK = [StockRow("洗衣液", "Laundry liquid", 30, 3, 1, 0, 27)]
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
EVIL = '=HYPERLINK("https://example.com","x")<script>alert(1)</script>'


def a_line(number=1, **more):
    facts = {
        "kind": LineKind.HAND_OVER,
        "voucher_id": f"{number:024x}",
        "title": "洗衣液",
        "title_en": "Laundry liquid",
        "coins": 35,
        "fen_per_10000_coins": 200,
        "in_kind_fen": 0,
        "state": LineState.PLAIN,
        **more,
    }
    return StatementLine(number=number, handed_over_at=MOMENT, reward_id="r", **facts)


def a_statement(**more):
    sums = {"lines": 1, "coins": 35, "coin_fen": 1, "in_kind_fen": 0, "total_fen": 1}
    facts = {"state": StatementState.CLOSED, "closed_at": MOMENT, **more}
    return PointStatement(
        id="p:2026-02-16",
        point_id="p",
        day="2026-02-16",
        number=1,
        sums=Sums(**(sums | {"open_disputes": 0} | facts.pop("sums", {}))),
        **facts,
    )


def a_sheet(lines=None, language="zh-CN", **more):
    made = [a_line()] if lines is None else lines
    return sheet_of(a_statement(**more), made, POINT, STOCK, language=language, zone=ZONE)


class Reader(HTMLParser):
    """What a page is made of, and every address it names."""

    def __init__(self):
        super().__init__()
        self.tags, self.addresses, self.text = [], [], []

    def opened(self, tag, attrs):
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "href", "action")]

    def said(self, data):
        self.text.append(data)

    handle_starttag = opened
    handle_data = said


def read(page):
    reader = Reader()
    reader.feed(page)
    return reader


def cells_of(workbook):
    """(texts, how many cells are numbers, the XML of the first sheet) of a workbook."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        assert archive.testzip() is None
        shared = ET.fromstring(archive.read("xl/sharedStrings.xml"))
        sheet = archive.read("xl/worksheets/sheet1.xml")
    texts = ["".join(part.text or "" for part in one.iter(f"{MAIN}t")) for one in shared]
    values = ET.fromstring(sheet).iter(f"{MAIN}c")
    return texts, [one.find(f"{MAIN}v").text for one in values if one.get("t") is None and len(one)]


def test_the_page_says_who_when_and_how_much_in_the_streets_time():
    text = " ".join(read(html_of(a_sheet())).text)
    for said in ("兑换点结算单", "鼓西<街道>兑换点", "02-16 23:59", "洗衣液", "0.007", "0.01"):
        assert said in text
    assert "兑换点（签字、盖章）" in text
    assert "Guxi & point" in " ".join(read(html_of(a_sheet(language="en"))).text)


def test_the_page_is_whole_by_itself_and_runs_nothing():
    lines = [a_line(title=EVIL, dispute=Dispute(by="x", at=MOMENT, reason=EVIL))]
    page = html_of(a_sheet(lines))
    reader = read(page)
    assert "script" not in reader.tags
    assert {"link", "img", "iframe", "object"}.isdisjoint(reader.tags)
    assert reader.addresses == []
    assert "url(" not in page
    assert "@import" not in page
    assert EVIL in "".join(reader.text)


def test_in_english_no_chinese_is_left_but_names():
    dispute = Dispute(at=MOMENT, reason="x", words={"en": "Said.", "zh-CN": "说。"})
    lines = [a_line(state=LineState.DISPUTED, dispute=dispute)]
    open_too = {"open_disputes": 1}
    page = "".join(read(html_of(a_sheet(lines, "en", sums=open_too))).text)
    rest = re.sub("鼓西路 1 号|Noto.*?serif", "", page, flags=re.DOTALL)
    assert re.findall("[\u4e00-\u9fff]+", rest) == []
    assert "disputed; Said." in page


def test_every_state_says_what_is_known_by_then():
    payment = Payment(fund="f", account="a", reference="ICBC 1", paid_by="x", paid_at=MOMENT)
    done = {"state": StatementState.PAID, "confirmed_at": MOMENT, "confirmed_by": ""}
    facts = dict(a_sheet(**done, settled_at=MOMENT, payment=payment).facts)
    assert facts["确认时间"] == "2026-02-16 23:59（7 日内未提出异议，视同确认）"
    assert (facts["付款流水号"], facts["状态"]) == ("ICBC 1", "已付款")
    assert "确认时间" not in dict(a_sheet().facts)


@pytest.mark.parametrize(
    ("more", "worth", "remark"),
    [
        ({}, "0.007", ""),
        ({"state": LineState.REFUNDED}, "0.00", "已退货"),
        ({"kind": LineKind.AWARD, "coins": 0, "in_kind_fen": 1_250}, "12.50", ""),
        (
            {
                "state": LineState.DISPUTED,
                "dispute": Dispute(by="x", at=MOMENT, reason="两件", claimed_fen=140),
            },
            None,
            "有异议；两件；主张 1.40 元",
        ),
        (
            {
                "state": LineState.ACCEPTED,
                "dispute": Dispute(by="x", at=MOMENT, reason="两件", claimed_fen=140),
                "decision": Decision(by="y", at=MOMENT, fen=140, reason="属实"),
            },
            "1.40",
            "异议成立；两件；主张 1.40 元；裁定：属实",
        ),
    ],
)
def test_a_row_says_what_its_line_counts_for_and_why(more, worth, remark):
    (row,) = a_sheet([a_line(**more)]).rows
    assert (row[7] and row[7].text(), row[8]) == (worth, remark)


@given(st.integers(0, 10**15))
def test_yuan_on_paper_are_exact(parts):
    text = Yuan(Fraction(parts, 10_000)).text()
    assert Fraction(text.replace(",", "")) == Fraction(parts, 1_000_000)
    assert len(text.partition(".")[2]) >= 2


def test_the_workbook_holds_texts_as_texts_and_amounts_as_numbers():
    texts, numbers = cells_of(xlsx_of(a_sheet([a_line(title=EVIL)])))
    assert EVIL in texts
    assert "兑换点结算单" in texts
    assert {"35", "0.007", "0.01"} <= set(numbers)
    with zipfile.ZipFile(io.BytesIO(xlsx_of(a_sheet([a_line(title=EVIL)])))) as archive:
        sheets = [archive.read(name) for name in archive.namelist() if "sheet" in name]
        names = archive.namelist()
    assert not any(b"<f>" in sheet or b"<hyperlink" in sheet for sheet in sheets)
    assert not any("external" in name for name in names)


def test_the_csv_has_a_row_a_line_under_names_and_no_formula():
    lines = [a_line(), a_line(2, title="=1+1", dispute=Dispute(by="x", at=MOMENT, reason="@x"))]
    text = csv_of(a_statement(), lines, ZONE).decode("utf-8-sig")
    first, second, total = csv.DictReader(io.StringIO(text))
    assert (total["kind"], total["worth_fen"]) == ("total", str(a_statement().sums.total_fen))
    assert tuple(first) == NAMES
    assert (first["coins"], first["fen_per_10000_coins"]) == ("35", "200")
    assert first["handed_over_at"] == "2026-02-16T23:59:30+08:00"
    assert (second["title"], second["dispute_reason"]) == ("'=1+1", "'@x")


@given(st.text())
def test_no_cell_of_the_csv_begins_as_a_formula_does(text):
    cell = safe_cell(text)
    assert not cell.startswith(FORMULA_HEADS)
    assert cell in (text, f"'{text}")
