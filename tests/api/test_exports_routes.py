"""The book as a file over HTTP: for the city's auditors alone, one at a time."""

import csv
import io

import openpyxl
import pytest
from shop_world import Shop

from api.export_routes import MEDIA_TYPES
from ledger import ExportFormat, export_in_turn, wallet
from ledger.exports import exporting
from people import Role
from shared.clock import business_month, month_later, real_now

PATH = "/ledger-exports"


@pytest.fixture
def shop(app):
    return Shop(app)


@pytest.fixture
def auditor(shop):
    # The district is the root of this shop's tree.
    return shop.caller(Role.AUDITOR, shop.district)


@pytest.fixture
def resident(shop):
    return shop.resident(250)


@pytest.fixture
def months():
    month = business_month(real_now())
    return {"from": month_later(month, -12), "to": month}


def test_nobody_is_asked_to_sign_in(app, months):
    answer = app.test_client().get(f"/api/v1{PATH}", query_string={"format": "csv", **months})
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")


def test_is_for_auditors_of_the_whole_city(shop, resident, months):
    part = shop.caller(Role.AUDITOR, shop.point)
    for stranger in (resident, shop.officer, shop.clerk, part):
        assert stranger.get(PATH, format="csv", **months).status_code == 403


@pytest.mark.parametrize("kind", list(ExportFormat))
def test_is_a_file_to_keep_under_a_sane_name(auditor, resident, months, kind):
    with auditor.get(PATH, format=kind, **months) as answer:
        assert answer.status_code == 200
        assert answer.mimetype == MEDIA_TYPES[kind]
        name = f"ledger-{months['from']}-to-{months['to']}.{kind}"
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert answer.headers["Cache-Control"] == "no-store"
        assert len(answer.data) > 100


def test_the_csv_has_the_legs_of_these_months(auditor, resident, months):
    text = auditor.get(PATH, format="csv", **months).data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    mine = [int(row["amount"]) for row in rows if row["account"] == wallet(resident.person_id)]
    assert mine == [250]
    assert sum(int(row["amount"]) for row in rows) == 0


def test_the_workbook_opens(auditor, resident, months):
    answer = auditor.get(PATH, format="xlsx", **months)
    entries = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0]
    assert wallet(resident.person_id) in {cell.value for row in entries for cell in row}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"format": "pdf"}, "format"),
        ({"from": "2026-13"}, "from"),
        ({"to": "1999-12"}, "to"),
        ({"from": "2025-01", "to": "2024-12"}, "to"),
        ({"from": "2025-01", "to": "2026-02"}, "to"),
        ({"month": "2026-10"}, "month"),
        ({"to": None}, "to"),
    ],
)
def test_refuses_what_it_cannot_mean(auditor, months, change, field):
    query = {"format": "csv", **months, **change}
    answer = auditor.get(PATH, **{name: value for name, value in query.items() if value})
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


def test_another_one_meanwhile_is_told_when_to_come_again(auditor, months):
    under_way = export_in_turn(ExportFormat.CSV, first=months["from"], last=months["to"])
    answer = auditor.get(PATH, format="csv", **months)
    assert (answer.status_code, answer.json["code"]) == (503, "ExportUnderWay")
    assert int(answer.headers["Retry-After"]) > 0
    under_way.close()
    auditor.get(PATH, format="csv", **months).close()


def test_a_caller_who_stops_reading_blocks_nobody(auditor, months, monkeypatch):
    query = {"query_string": {"format": "csv", **months}, "buffered": False}
    monkeypatch.setattr(exporting, "STALL_S", 0)
    stalled = auditor.call("GET", PATH, **query).response
    monkeypatch.undo()
    with auditor.get(PATH, format="csv", **months) as answer:
        assert answer.status_code == 200
    stalled.close()


def test_a_caller_who_goes_away_blocks_nobody(auditor, months):
    for _ in range(3):
        auditor.get(PATH, format="beancount", **months).close()
    assert auditor.call("HEAD", PATH, query_string={"format": "csv", **months}).status_code == 200
    assert auditor.get(PATH, format="csv", **months).status_code == 200
