"""The ledger over HTTP: one's own wallet, and the book for the city's auditors alone."""

from datetime import timedelta

import pytest
from shop_world import Shop, earn

from ledger import (
    EntryKind,
    Leg,
    NewEntry,
    ReasonCode,
    budget,
    hold_coins,
    issued,
    merchant,
    owed,
    post_one,
    reverse_entry,
    wallet,
)
from people import Role
from shared.clock import business_month, month_later, real_now

# Points and vouchers are names here, with coins of no hand-over.
VOUCHERS_BY_HAND = True
SOURCE, PURSE = issued("350102", 2026), budget("street", 2026)


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


PATHS = [
    "/me/wallet",
    "/me/wallet/statement",
    "/me/wallet/debt/statement",
    "/trial-balance",
    "/account-tree",
    "/accounts/wallet:p1/statement",
    "/accounts/wallet:p1/balance",
    "/accounts/wallet:p1/holdings",
]


@pytest.mark.parametrize("path", PATHS)
def test_nobody_is_asked_to_sign_in(app, path):
    answer = app.test_client().get(f"/api/v1{path}")
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")


@pytest.mark.parametrize("path", PATHS[3:])
def test_the_book_is_not_for_auditors_of_a_part_of_the_city(shop, path):
    assert shop.caller(Role.AUDITOR, shop.point).get(path).status_code == 403
    assert shop.caller(Role.AUDITOR, shop.district).get(path).status_code == 200


@pytest.mark.parametrize("path", PATHS[3:])
def test_the_book_is_for_auditors(shop, resident, path):
    for stranger in (resident, shop.officer, shop.clerk):
        assert stranger.get(path).status_code == 403


class TestTheWallet:
    def test_says_what_may_be_spent(self, resident):
        assert resident.get("/me/wallet").json == {
            "balance": 250,
            "available": 250,
            "held": 0,
            "owed": 0,
            "expiring": [],
        }

    def test_of_a_newcomer_is_empty(self, shop):
        newcomer = shop.resident()
        assert newcomer.get("/me/wallet").json["balance"] == 0
        page = newcomer.get("/me/wallet/statement").json
        assert (page["items"], page["next_cursor"]) == ([], None)

    def test_tells_what_each_line_is_about(self, shop, resident):
        voucher = shop.ordered(resident)
        order, reward = resident.get("/me/wallet/statement").json["items"]
        assert order["about"] == {"kind": "voucher", "id": voucher["id"]}
        assert (order["kind"], order["amount"], order["balance"]) == ("order", -100, 150)
        assert reward["about"]["kind"] == "participation"
        assert (reward["amount"], reward["balance"]) == (250, 250)
        assert order["posted_at"] >= reward["posted_at"]

    def test_pages_by_cursor(self, shop, resident):
        shop.ordered(resident)
        first = resident.get("/me/wallet/statement", limit=1).json
        second = resident.get("/me/wallet/statement", limit=1, cursor=first["next_cursor"]).json
        assert [line["balance"] for line in first["items"] + second["items"]] == [150, 250]
        assert second["next_cursor"] is None

    def test_can_leave_out_what_came_in_or_went_out(self, shop, resident):
        shop.ordered(resident)
        for direction, line in {"in": (250, 250), "out": (-100, 150)}.items():
            page = resident.get("/me/wallet/statement", direction=direction).json
            assert [(one["amount"], one["balance"]) for one in page["items"]] == [line]

    def test_tells_what_is_held_owed_and_soon_over(self, resident):
        purse = wallet(resident.person_id)
        until = real_now() + timedelta(hours=1)
        hold_coins(purse, 30, key="h1", about=("voucher", "v1"), expires_at=until)
        month = month_later(business_month(real_now()), 1)
        legs = [Leg(SOURCE, -40), Leg(PURSE, 40)]
        post_one(NewEntry("grant", EntryKind.BUDGET_GRANT, legs, ("budget_grant", "g1")))
        legs = [Leg(PURSE, -40), Leg(purse, 40)]
        post_one(NewEntry("due", EntryKind.REWARD, legs, ("participation", "a"), lasts_months=1))
        told = resident.get("/me/wallet").json
        (lot,) = told.pop("expiring")
        assert told == {"balance": 290, "available": 260, "held": 30, "owed": 0}
        assert (lot["month"], lot["coins"]) == (month, 40)
        assert lot["expires_on"].startswith(month)

    @pytest.mark.parametrize(
        "query",
        [
            {"cursor": "made up"},
            {"limit": 0},
            {"limit": 101},
            {"account": "wallet:p1"},
            {"direction": "sideways"},
        ],
    )
    def test_refuses_a_query_it_cannot_mean(self, resident, query):
        answer = resident.get("/me/wallet/statement", **query)
        assert answer.status_code == 422
        assert list(answer.json["errors"]) == list(query)


class TestTheDebt:
    PATH = "/me/wallet/debt/statement"

    @pytest.fixture
    def indebted(self, shop):
        """Somebody who spent 100 of a reward of 250 that was then reversed, and earned 130."""
        indebted = shop.resident(250)
        (reward,) = indebted.get("/me/wallet/statement").json["items"]
        shop.ordered(indebted)
        terms = {"reason": ReasonCode.FRAUD, "effective_at": real_now(), "by_id": "o1"}
        reverse_entry(reward["entry_id"], **terms)
        earn(indebted.person_id, 130, key="2")
        return indebted

    def test_says_what_was_charged_and_what_paid_it(self, indebted):
        page = indebted.get(self.PATH).json
        assert (page["account"], page["balance"]) == (owed(indebted.person_id), 0)
        lines = [(line["kind"], line["amount"], line["balance"]) for line in page["items"]]
        assert lines == [("reward", 100, 0), ("reversal", -100, -100)]
        assert page["items"][1]["reason"] == "fraud"
        assert indebted.get("/me/wallet").json["balance"] == 30

    def test_of_one_s_own_can_be_asked_for_like_the_wallet_s(self, indebted):
        first = indebted.get(self.PATH, limit=1).json
        (second,) = indebted.get(self.PATH, cursor=first["next_cursor"]).json["items"]
        assert second["kind"] == "reversal"
        (paid,) = indebted.get(self.PATH, direction="in").json["items"]
        assert paid["amount"] == 100
        path = f"/me/wallet/statement/{second['entry_id']}/proof"
        assert indebted.get(path).json["code"] == "NotSealedYet"

    def test_of_another_person_is_not_shown(self, shop, indebted):
        other = shop.resident(10)
        assert other.get(self.PATH).json["items"] == []
        refused = other.get(self.PATH, account=owed(indebted.person_id))
        assert (refused.status_code, list(refused.json["errors"])) == (422, ["account"])
        cursor = indebted.get(self.PATH, limit=1).json["next_cursor"]
        assert other.get(self.PATH, cursor=cursor).status_code == 422

    def test_is_nothing_that_could_be_spent(self, indebted, auditor):
        legs = [Leg(wallet(indebted.person_id), -30), Leg(merchant("m1"), 30)]
        post_one(NewEntry("d1", EntryKind.DELIVERY, legs, ("top_up", "1")))
        statement = indebted.get("/me/wallet/statement").json["items"]
        reward = next(line for line in statement if line["kind"] == "reward")
        terms = {"reason": ReasonCode.FRAUD, "effective_at": real_now(), "by_id": "o1"}
        reverse_entry(reward["entry_id"], **terms)
        told = auditor.get(f"/accounts/{owed(indebted.person_id)}/holdings").json
        assert (told["balance"], told["available"]) == (-130, 0)


class TestTheBook:
    def test_sums_to_zero_in_the_trial_balance(self, shop, resident, auditor):
        shop.ordered(resident)
        told = auditor.get("/trial-balance").json
        (coins,) = told["currencies"]
        assert coins["by_kind"] == {"budget": 0, "issued": -250, "voucher": 100, "wallet": 150}
        assert (coins["currency"], coins["total"], told["agrees"]) == ("FUB", 0, True)

    def test_shows_an_auditor_any_account(self, resident, auditor):
        for account, amount in {
            wallet(resident.person_id): 250,
            issued("350102", 2026): -250,
        }.items():
            page = auditor.get(f"/accounts/{account}/statement").json
            assert (page["account"], page["balance"]) == (account, amount)
            assert [line["amount"] for line in page["items"]] == [amount]

    def test_keeps_currencies_apart(self, resident, auditor):
        path = f"/accounts/{wallet(resident.person_id)}/statement"
        assert auditor.get(path, currency="CNY").json["items"] == []
        assert auditor.get(path, currency="USD").status_code == 422

    @pytest.mark.parametrize("name", ["purse:p1", "wallet", "wallet:a:b", "%00"])
    def test_knows_no_other_account(self, auditor, name):
        answer = auditor.get(f"/accounts/{name}/statement")
        assert (answer.status_code, answer.json["code"]) == (404, "AccountNotFound")
