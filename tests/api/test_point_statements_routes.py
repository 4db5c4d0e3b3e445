"""Points' statements over HTTP: from the day's end to the payment, by whom, and as files."""

import io
import zipfile
from datetime import timedelta

import pytest
from shop_world import Shop

from catalog import Voucher, escrow, order_reward
from catalog.settlement.closing import close_days
from catalog.settlement.point_statement import PointStatement
from fixtures.factories import put_card
from ledger import Currency, EntryKind, Leg, NewEntry, accounts, balance_of, paid, post_one
from people import Actor, Held, Role
from rates import open_fund
from shared.clock import now, pretending
from shared.database import collection
from shared.ids import new_id

LINES = [{"kind": "patrol", "base": 0, "per_hour": 50}]
YESTERDAY = timedelta(days=1)


@pytest.fixture
def shop(app):
    return Shop(app)


def acting(caller, role, unit):
    return Actor(caller.person_id, "s", (Held(role, unit.id),))


@pytest.fixture
def statement(shop):
    """The path of a statement of two hand-overs yesterday, 10,000 coins being worth ¥200."""
    rates = Actor(new_id(), "s", (Held(Role.RATE_ADMIN, shop.district.id),))
    with pretending(now() - 9 * YESTERDAY):
        moment = now() + timedelta(hours=1)
        unit_id = shop.district.id
        put_card(unit_id, moment, LINES, fen_per_10000_coins=20_000, by=rates)
    reward_id = shop.offered()
    for number in range(2):
        _hand_over(shop, reward_id, number)
    open_fund("shops", shop.district.id, "兑换专项", by=rates)
    with pretending(now() + YESTERDAY):
        close_days()
    return f"/point-statements/{PointStatement.objects.get().id}"


def _hand_over(shop, reward_id, number):
    """The write that a scan makes, and its tail."""
    resident = shop.resident(100)
    by = acting(resident, Role.RESIDENT, shop.district)
    issued = order_reward(reward_id, shop.point.id, key=f"order-{number:04}", by=by)
    change = {
        "state": "redeemed",
        "redeemed_at": issued.issued_at,
        "redeemed_by": shop.clerk.person_id,
        "redeemed_point_id": shop.point.id,
        "scan_key": f"scan-{number:04}",
    }
    collection(Voucher).update_one({"_id": issued.id}, {"$set": change})
    entry_id = escrow.pay_point(Voucher.objects.get(id=issued.id))
    collection(Voucher).update_one({"_id": issued.id}, {"$set": {"settled_entry_id": entry_id}})


def endow(fen):
    account = accounts.fund("shops", now().year)
    source = accounts.issued("sample", now().year)
    legs = [Leg(source, -fen, Currency.CNY), Leg(account, fen, Currency.CNY)]
    post_one(NewEntry(f"grant:{new_id()}", EntryKind.BUDGET_GRANT, legs, ("fund", "shops")))


def test_a_statement_goes_from_dispute_to_payment(shop, statement):
    disputes = {"lines": [{"number": 2, "reason": "两件", "claimed_fen": 400}]}
    disputed = shop.clerk.post(f"{statement}/disputes", disputes)
    assert (disputed.status_code, disputed.json["sums"]["open_disputes"]) == (201, 1)
    confirmed = shop.clerk.post(f"{statement}/confirmation")
    assert (confirmed.status_code, confirmed.json["state"]) == (201, "confirmed")
    early = shop.officer.post(f"{statement}/settlement")
    assert (early.status_code, early.json["code"]) == (409, "DisputesOpen")
    decision = {"fen": 300, "reason": "核对监控"}
    decided = shop.officer.post(f"{statement}/lines/2/decision", decision)
    assert (decided.status_code, decided.json["sums"]["total_fen"]) == (201, 500)
    settled = shop.officer.post(f"{statement}/settlement")
    assert (settled.status_code, settled.json["state"]) == (201, "settled")
    payment = {"fund": "shops", "reference": "ICBC 0001"}
    short = shop.officer.post(f"{statement}/payment", payment)
    assert (short.status_code, short.json["code"]) == (409, "FundShort")
    assert short.json["facts"]["needed"] == 500
    endow(1_000)
    done = shop.officer.post(f"{statement}/payment", payment)
    assert (done.status_code, done.json["payment"]["reference"]) == (201, "ICBC 0001")
    assert shop.officer.post(f"{statement}/payment", payment).json == done.json
    assert balance_of(paid(shop.point.id), Currency.CNY) == 500
    assert shop.clerk.get(statement).json == done.json
    line = shop.clerk.get(f"{statement}/lines").json["items"][1]
    assert (line["state"], line["decision"]["fen"]) == ("rejected", 300)


def test_lists_show_each_what_is_theirs(shop, statement):
    (item,) = shop.officer.get("/point-statements", unit_id=shop.district.id).json["items"]
    assert (item["point"]["name"], item["sums"]["coin_fen"]) == ("鼓西街道兑换点", 400)
    assert shop.clerk.get("/point-statements", state="closed").json["items"] == [item]
    assert shop.clerk.get("/point-statements", state="paid").json["items"] == []
    assert shop.far_clerk.get("/point-statements").json["items"] == []
    assert shop.far_clerk.get(statement).status_code == 404
    assert shop.clerk.get("/point-statements", day="2026-02-31x").status_code == 422
    (account,) = shop.officer.get("/point-accounts").json["items"]
    assert (account["merchant_coins"], account["stated_coins"]) == (200, 200)
    assert (account["differing_coins"], account["differing_fen"]) == (0, 0)
    (shelf,) = shop.clerk.get(f"{statement}/stocks").json["items"]
    assert (shelf["opening"], shelf["handed_over"], shelf["closing"]) == (10, 2, 8)


def test_the_page_to_sign_asks_nothing_of_anybody_and_speaks_the_callers_language(shop, statement):
    page = shop.clerk.get(f"{statement}/file")
    assert (page.status_code, page.content_type) == (200, "text/html; charset=utf-8")
    assert "Redemption point statement" in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert page.headers["Content-Disposition"].startswith("inline")
    assert page.headers["Cache-Control"] == "no-store"
    headers = {"Accept-Language": "zh-CN", "Authorization": f"Bearer {shop.clerk.token}"}
    chinese = shop.app.test_client().get(f"/api/v1{statement}/file", headers=headers)
    assert "兑换点结算单" in chinese.text


def test_the_files_to_calculate_with(shop, statement):
    workbook = shop.officer.get(f"{statement}/file", format="xlsx")
    assert workbook.headers["Content-Disposition"].endswith('.xlsx"')
    with zipfile.ZipFile(io.BytesIO(workbook.data)) as archive:
        assert "xl/worksheets/sheet2.xml" in archive.namelist()
    lines = shop.officer.get(f"{statement}/file", format="csv")
    assert lines.content_type == "text/csv; charset=utf-8"
    assert len(lines.data.decode("utf-8-sig").splitlines()) == 4  # its names and its total too
    assert shop.officer.get(f"{statement}/file", format="pdf").status_code == 422
    assert shop.far_clerk.get(f"{statement}/file").status_code == 404


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("disputes", {"lines": []}),
        ("disputes", {"lines": [{"number": 1, "reason": " ", "claimed_fen": 1}]}),
        ("disputes", {"lines": [{"number": 1, "reason": "x", "claimed_fen": -1}]}),
        ("disputes", {"lines": [{"number": 1, "reason": "x", "claimed_fen": 1.5}]}),
        ("disputes", {"lines": [{"number": True, "reason": "x", "claimed_fen": 1}]}),
        ("disputes", {"lines": [{"number": 1, "reason": "x", "claimed_fen": 1}] * 2}),
        ("disputes", {}),
    ],
)
def test_a_dispute_of_any_other_shape_is_turned_away(shop, statement, what, body):
    assert shop.clerk.post(f"{statement}/{what}", body).status_code == 422


def test_who_may_call_what(shop, statement):
    nobody, resident = type(shop.clerk)(shop.app, "", ""), shop.resident()
    decision, payment = {"fen": 1, "reason": "x"}, {"fund": "shops", "reference": "1"}
    disputes = {"lines": [{"number": 1, "reason": "x", "claimed_fen": 1}]}
    calls = [
        ("GET", "", None, shop.clerk, 404),
        ("GET", "/lines", None, shop.clerk, 404),
        ("GET", "/stocks", None, shop.clerk, 404),
        ("GET", "/file", None, shop.clerk, 404),
        ("POST", "/disputes", disputes, shop.clerk, 403),
        ("POST", "/confirmation", None, shop.clerk, 403),
        ("POST", "/lines/1/decision", decision, shop.officer, 403),
        ("POST", "/settlement", None, shop.officer, 403),
        ("POST", "/payment", payment, shop.officer, 403),
    ]
    endow(1_000)
    stranger = shop.caller(Role.CENTRE_OFFICER, shop.far_point)
    for method, path, body, may, elsewhere in calls:
        sent = {} if body is None else {"json": body}
        outsider = shop.far_clerk if may is shop.clerk else stranger
        for caller, wanted in ((nobody, 401), (resident, 403), (outsider, elsewhere)):
            answer = caller.call(method, statement + path, **sent)
            assert answer.status_code == wanted, (path, answer.json)
        answer = may.call(method, statement + path, **sent)
        assert answer.status_code in (200, 201), (path, answer.json)
    assert nobody.get("/point-statements").status_code == 401
    assert nobody.get("/point-accounts").status_code == 401
    assert shop.officer.get("/point-statements/x").status_code == 404
