"""What auditors ask the book over HTTP: balances of the past, holdings, units, the tree."""

from datetime import timedelta

import pytest
from shop_world import Shop

from ledger import EntryKind, Leg, NewEntry, budget, issued, post_one, wallet
from people import Role
from shared.clock import real_now
from shared.ids import new_id

SOURCE, PURSE = issued("350102", 2026), budget("street", 2026)
UNIT = new_id()
WEEK_AGO = timedelta(days=7)


@pytest.fixture
def shop(app):
    return Shop(app)


@pytest.fixture
def auditor(shop):
    return shop.caller(Role.AUDITOR, shop.district)


@pytest.fixture
def granted(app):
    """100 coins that a unit was granted a week ago, recorded now; the moment they count from."""
    effective_at = (real_now() - WEEK_AGO).replace(microsecond=0)
    legs = [Leg(SOURCE, -100), Leg(PURSE, 100)]
    about = ("budget_grant", "g1")
    post_one(NewEntry("g1", EntryKind.BUDGET_GRANT, legs, about, effective_at, unit=UNIT))
    return effective_at


class TestTheBalanceOfAnAccount:
    @pytest.mark.parametrize(("account", "sign"), [(PURSE, 1), (SOURCE, -1)])
    def test_is_told_as_of_a_moment(self, auditor, granted, account, sign):
        path = f"/accounts/{account}/balance"
        before = granted - timedelta(milliseconds=1)
        assert auditor.get(path).json == {
            "account": account,
            "currency": "FUB",
            "balance": 100 * sign,
            "at": None,
            "known_at": None,
        }
        at = granted.isoformat()
        told = auditor.get(path, at=at).json
        assert (told["balance"], told["at"]) == (100 * sign, at)
        assert auditor.get(path, at=before.isoformat()).json["balance"] == 0
        assert auditor.get(path, at=at, known_at=at).json["balance"] == 0
        assert auditor.get(path, at=at, currency="CNY").json["balance"] == 0

    @pytest.mark.parametrize("field", ["at", "known_at"])
    def test_of_a_moment_that_has_not_come_is_refused(self, auditor, field):
        soon = (real_now() + timedelta(minutes=1)).isoformat()
        answer = auditor.get(f"/accounts/{PURSE}/balance", **{field: soon})
        assert (answer.status_code, answer.json["code"]) == (422, "NotYetKnown")
        assert list(answer.json["errors"]) == [field]

    @pytest.mark.parametrize(
        "query",
        [
            {"at": "yesterday"},
            {"at": "2026-03-01T08:00:00"},
            {"known_at": "1999-01-01T00:00:00Z"},
            {"currency": "USD"},
            {"moment": "2026-03-01T08:00:00Z"},
        ],
    )
    def test_of_what_is_no_moment_is_refused(self, auditor, query):
        answer = auditor.get(f"/accounts/{PURSE}/balance", **query)
        assert answer.status_code == 422
        assert list(answer.json["errors"]) == list(query)

    @pytest.mark.parametrize("name", ["purse:p1", "wallet", "wallet:a:b", "%00"])
    @pytest.mark.parametrize("question", ["balance", "holdings"])
    def test_is_not_told_of_what_is_no_account(self, auditor, name, question):
        answer = auditor.get(f"/accounts/{name}/{question}")
        assert (answer.status_code, answer.json["code"]) == (404, "AccountNotFound")


def test_the_holdings_of_an_account_say_what_may_be_spent(shop, auditor):
    resident = shop.resident(250)
    told = auditor.get(f"/accounts/{wallet(resident.person_id)}/holdings").json
    assert (told["account"], told["currency"]) == (wallet(resident.person_id), "FUB")
    assert (told["balance"], told["available"], told["held"], told["owed"]) == (250, 250, 0, 0)


class TestTheTrialBalanceOfAUnit:
    def test_is_zero_and_names_the_unit(self, shop, auditor, granted):
        shop.resident(250)
        told = auditor.get("/trial-balance", unit=UNIT).json
        (coins,) = told["currencies"]
        assert coins["by_kind"] == {"issued": -100, "budget": 100}
        assert (coins["unit"], coins["total"], told["agrees"]) == (UNIT, 0, True)

    def test_can_be_had_for_each_unit(self, shop, auditor, granted):
        shop.resident(250)
        told = auditor.get("/trial-balance", each_unit="true").json
        units = {coins["unit"]: coins["by_kind"]["issued"] for coins in told["currencies"]}
        assert units[UNIT] == -100
        assert sum(units.values()) == -350

    @pytest.mark.parametrize("query", [{"unit": "street!"}, {"unit": ""}, {"each_unit": "maybe"}])
    def test_of_what_is_no_unit_is_refused(self, auditor, query):
        answer = auditor.get("/trial-balance", **query)
        assert answer.status_code == 422
        assert list(answer.json["errors"]) == list(query)


class TestTheAccountTree:
    def test_is_walked_level_by_level(self, auditor, granted):
        names, under = [], ""
        while True:
            items = auditor.get("/account-tree", under=under).json["items"]
            (node,) = [item for item in items if item["name"].startswith("budget")]
            assert (node["total"], node["accounts"]) == (100, 1)
            names.append(node["name"])
            if not node["has_children"]:
                break
            under = node["name"]
        assert names == ["budget", "budget:street", f"{PURSE[:-7]}", f"{PURSE[:-2]}", PURSE]

    def test_pages_by_cursor(self, shop, auditor):
        people = {wallet(shop.resident(10 + number).person_id) for number in range(3)}
        first = auditor.get("/account-tree", under="wallet", limit=2).json
        second = auditor.get(
            "/account-tree", under="wallet", limit=2, cursor=first["next_cursor"]
        ).json
        told = [item["name"] for item in first["items"] + second["items"]]
        assert told == sorted(people)
        assert second["next_cursor"] is None

    @pytest.mark.parametrize(
        "query",
        [
            {"under": "purse"},
            {"under": "budget:"},
            {"under": "budget", "cursor": "made up"},
            {"currency": "USD"},
            {"limit": 0},
        ],
    )
    def test_refuses_a_query_it_cannot_mean(self, auditor, query):
        answer = auditor.get("/account-tree", **query)
        assert answer.status_code == 422
        assert list(answer.json["errors"]) == [list(query)[-1]]
