"""Closed months over HTTP and as a command: closed by the city's rate admins, read by auditors."""

import pytest
from shop_world import Shop

import cli
from ledger import EntryKind, Leg, NewEntry, budget, issued, post_one
from people import Membership, Person, Role
from shared.clock import now
from tests.ledger.months import ago, inside


@pytest.fixture
def shop(app):
    return Shop(app)


@pytest.fixture
def officer(shop):
    # The district is the root of this shop's tree.
    return shop.caller(Role.RATE_ADMIN, shop.district)


@pytest.fixture
def auditor(shop):
    return shop.caller(Role.AUDITOR, shop.district)


def granted(coins, moment):
    legs = [Leg(issued("350102", 2026), -coins), Leg(budget("street", 2026), coins)]
    about = ("budget_grant", "g1")
    key = f"grant:{coins}"
    post_one(NewEntry(key, EntryKind.BUDGET_GRANT, legs, about, effective_at=moment))


def closing_of(month):
    return f"/months/{month}/closing"


class TestWhoMay:
    def test_close_is_a_rate_admin_of_the_whole_city(self, shop, auditor):
        for caller in (auditor, shop.officer, shop.caller(Role.RATE_ADMIN, shop.point)):
            assert caller.post(closing_of(ago(1))).status_code == 403
        assert auditor.get("/months").json == {"items": []}

    def test_look_is_an_auditor_too(self, shop, officer, auditor):
        officer.post(closing_of(ago(1)))
        for path in ("/months", f"/months/{ago(1)}/balances"):
            assert [one.get(path).status_code for one in (officer, auditor)] == [200, 200]
            for stranger in (shop.officer, shop.caller(Role.AUDITOR, shop.point)):
                assert stranger.get(path).status_code == 403


class TestClosing:
    def test_stores_what_accounts_held_and_says_who_closed(self, officer, auditor):
        granted(7, inside(ago(2)))
        closed = officer.post(closing_of(ago(2)))
        assert closed.status_code == 201, closed.json
        assert (closed.json["month"], closed.json["stored"]) == (ago(2), True)
        assert closed.json["closed_by"] == officer.person_id
        assert officer.post(closing_of(ago(2))).json == closed.json
        assert auditor.get("/months").json == {"items": [closed.json]}
        page = auditor.get(f"/months/{ago(2)}/balances", limit=1).json
        rest = auditor.get(f"/months/{ago(2)}/balances", cursor=page["next_cursor"]).json
        assert page["items"] + rest["items"] == [
            {"account": budget("street", 2026), "currency": "FUB", "balance": 7},
            {"account": issued("350102", 2026), "currency": "FUB", "balance": -7},
        ]
        assert (page["month"], page["stored"], rest["next_cursor"]) == (ago(2), True, None)

    def test_is_refused_early_out_of_order_or_of_what_is_no_month(self, officer, auditor):
        for month, status, code in (
            (ago(0), 409, "NotOverYet"),
            ("2026-13", 422, "BadMonth"),
            ("last", 422, "BadMonth"),
        ):
            answer = officer.post(closing_of(month))
            assert (answer.status_code, answer.json["code"]) == (status, code)
        officer.post(closing_of(ago(3)))
        answer = officer.post(closing_of(ago(1)))
        assert (answer.status_code, answer.json["code"]) == (409, "MonthOutOfOrder")
        assert ago(2) in answer.json["detail"]
        answer = auditor.get(f"/months/{ago(2)}/balances")
        assert (answer.status_code, answer.json["code"]) == (404, "MonthNotClosed")

    @pytest.mark.parametrize("query", [{"cursor": "made up"}, {"limit": 0}, {"from": 1}])
    def test_balances_refuse_a_query_they_cannot_mean(self, officer, auditor, query):
        officer.post(closing_of(ago(1)))
        answer = auditor.get(f"/months/{ago(1)}/balances", **query)
        assert answer.status_code == 422
        assert list(answer.json["errors"]) == list(query)


class TestTheCommand:
    def run(self, month, login="books"):
        return cli.app.test_cli_runner().invoke(args=["close-month", month, "--login", login])

    @pytest.fixture
    def books(self, shop):
        held = [Membership(role=Role.RATE_ADMIN, unit_id=shop.district.id, since=now())]
        return Person(nickname="账", login="books", memberships=held).save(force_insert=True)

    def test_closes_a_month_and_may_be_repeated(self, books, auditor):
        for _ in range(2):
            done = self.run(ago(1))
            assert done.exit_code == 0, done.output
            assert f"{ago(1)} is closed" in done.output
        (closed,) = auditor.get("/months").json["items"]
        assert (closed["closed_by"], closed["stored"]) == (books.id, True)

    def test_refuses_a_month_that_is_not_over_and_who_may_not(self, books, shop, auditor):
        clerk = [Membership(role=Role.CLERK, unit_id=shop.point.id, since=now())]
        Person(nickname="店", login="shop", memberships=clerk).save(force_insert=True)
        for given in ((ago(0), "books"), (ago(1), "shop"), (ago(1), "nobody")):
            done = self.run(*given)
            assert (done.exit_code, done.output[:7]) == (1, "Error: ")
        assert auditor.get("/months").json == {"items": []}
