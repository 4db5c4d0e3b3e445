"""Rates over HTTP: cards put in force by rate admins, budgets granted once."""

from datetime import timedelta

import pytest
from shop_world import Shop

from ledger import ReasonCode, reverse_entry
from people import Role
from shared.clock import now
from shared.ids import new_id

LINE = {"kind": "patrol", "base": 0, "per_hour": 50}
GRANT = {"year": 2026, "coins": 10_000, "authorisation": "榕鼓综治〔2026〕3 号"}


@pytest.fixture
def shop(app):
    return Shop(app)


@pytest.fixture
def admin(shop):
    return shop.caller(Role.RATE_ADMIN, shop.district)


@pytest.fixture
def card(shop):
    """The body of a card for the district, in force from tomorrow."""
    return {
        "unit_id": shop.district.id,
        "in_force_from": (now() + timedelta(days=1)).isoformat(),
        "lines": [LINE],
        "fen_per_10000_coins": 20_000,
    }


@pytest.fixture
def paths(shop):
    return {
        "card": "/rate-cards",
        "in_force": "/rate-cards/in-force",
        "grants": f"/units/{shop.district.id}/budget-grants",
        "budget": f"/units/{shop.district.id}/budgets/2026",
    }


class TestWhoMayCall:
    def test_nobody_is_asked_to_sign_in(self, app, paths):
        client = app.test_client()
        for name in ("in_force", "budget"):
            assert client.get(f"/api/v1{paths[name]}").status_code == 401
        for name in ("card", "grants"):
            assert client.post(f"/api/v1{paths[name]}", json={}).status_code == 401

    def test_residents_may_not(self, shop, paths, card):
        resident = shop.resident()
        assert resident.post(paths["card"], card).status_code == 403
        assert resident.post(paths["grants"], GRANT).status_code == 403
        assert resident.get(paths["budget"]).status_code == 403

    def test_rate_admins_of_another_unit_may_not(self, shop, paths, card):
        stranger = shop.caller(Role.RATE_ADMIN, shop.point)
        assert stranger.post(paths["card"], card).status_code == 403
        assert stranger.post(paths["grants"], GRANT).status_code == 403
        assert stranger.get(paths["budget"]).status_code == 403

    def test_officers_read_their_budget_and_grant_none(self, shop, paths):
        assert shop.officer.get(paths["budget"]).status_code == 200
        assert shop.officer.post(paths["grants"], GRANT).status_code == 403


class TestRateCards:
    def test_are_put_in_force_and_found_for_units_below(self, shop, admin, paths, card):
        answer = admin.post(paths["card"], card)
        assert answer.status_code == 201, answer.json
        assert answer.json["lines"] == [{**LINE, "minimum": 1}]
        assert answer.json["coins_last_months"] is None
        later = (now() + timedelta(days=2)).isoformat()
        found = shop.resident().get(paths["in_force"], unit_id=shop.point.id, at=later)
        assert (found.status_code, found.json) == (200, answer.json)

    def test_say_how_long_coins_last(self, admin, paths, card):
        answer = admin.post(paths["card"], {**card, "coins_last_months": 24})
        assert (answer.status_code, answer.json["coins_last_months"]) == (201, 24)

    def test_again_answer_the_same(self, admin, paths, card):
        first = admin.post(paths["card"], card)
        again = admin.post(paths["card"], card)
        assert (again.status_code, again.json) == (201, first.json)

    def test_other_content_from_that_moment_is_a_conflict(self, admin, paths, card):
        admin.post(paths["card"], card)
        other = admin.post(paths["card"], {**card, "fen_per_10000_coins": 1})
        assert (other.status_code, other.json["code"]) == (409, "CardExists")

    def test_are_not_back_dated(self, admin, paths, card):
        answer = admin.post(paths["card"], {**card, "in_force_from": "2026-01-01T00:00:00Z"})
        assert (answer.status_code, answer.json["code"]) == (409, "CardBackDated")

    def test_may_be_missing(self, shop, admin, paths, card):
        admin.post(paths["card"], card)
        answer = shop.resident().get(paths["in_force"], unit_id=shop.district.id)
        assert (answer.status_code, answer.json["code"]) == (409, "NoRateInForce")
        assert "鼓楼区" in answer.json["detail"]
        nowhere = shop.resident().get(paths["in_force"], unit_id=new_id())
        assert (nowhere.status_code, nowhere.json["code"]) == (404, "UnitNotFound")

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"lines": []}, "lines"),
            ({"lines": [{**LINE, "per_hour": -1}]}, "lines.0.per_hour"),
            ({"lines": [{**LINE, "per_hour": 1.5}]}, "lines.0.per_hour"),
            ({"lines": [{**LINE, "bonus": 1}]}, "lines.0.bonus"),
            ({"lines": [LINE, LINE]}, "lines.1.kind"),
            ({"in_force_from": "2030-01-01T00:00:00"}, "in_force_from"),
            ({"in_force_from": "0001-01-01T00:00:00+14:00"}, "in_force_from"),
            ({"in_force_from": "9999-12-31T23:59:59-14:00"}, "in_force_from"),
            ({"fen_per_10000_coins": None}, "fen_per_10000_coins"),
            ({"coins_last_months": 0}, "coins_last_months"),
            ({"coins_last_months": 121}, "coins_last_months"),
            ({"coins_last_months": "12"}, "coins_last_months"),
            ({"unit_id": "somewhere"}, "unit_id"),
            ({"by": "me"}, "by"),
        ],
    )
    def test_name_the_field_that_cannot_be_used(self, admin, paths, card, change, field):
        answer = admin.post(paths["card"], {**card, **change})
        assert answer.status_code == 422, answer.json
        assert list(answer.json["errors"]) == [field]


class TestBudgets:
    def test_are_granted_and_told(self, admin, paths):
        granted = admin.post(paths["grants"], GRANT)
        assert granted.status_code == 201, granted.json
        assert granted.json["authorisation"] == GRANT["authorisation"]
        told = admin.get(paths["budget"]).json
        assert (told["granted"], told["left"]) == (10_000, 10_000)
        assert granted.json["fund"] == "general"
        assert told["funds"] == [
            {"fund": "general", "granted": 10_000, "left": 10_000, "grants": [granted.json]}
        ]

    def test_are_told_fund_by_fund(self, admin, paths):
        admin.post(paths["grants"], GRANT)
        for_care = admin.post(paths["grants"], {**GRANT, "coins": 5, "fund": "elder-care"})
        told = admin.get(paths["budget"]).json
        assert (told["granted"], told["left"]) == (10_005, 10_005)
        assert [(one["fund"], one["left"]) for one in told["funds"]] == [
            ("elder-care", 5),
            ("general", 10_000),
        ]
        assert told["funds"][0]["grants"] == [for_care.json]

    def test_again_under_one_key_grant_once(self, admin, paths):
        key = "spring/2026:grant"
        first = admin.post(paths["grants"], GRANT, key=key)
        again = admin.post(paths["grants"], GRANT, key=key)
        assert (again.status_code, again.json) == (201, first.json)
        other = admin.post(paths["grants"], {**GRANT, "coins": 1}, key=key)
        assert (other.status_code, other.json["code"]) == (409, "GrantKeyReused")
        assert admin.get(paths["budget"]).json["left"] == 10_000

    def test_show_a_grant_that_was_reversed_and_do_not_count_it(self, admin, paths):
        granted = admin.post(paths["grants"], {**GRANT, "coins": 10}, key="key-0001")
        assert granted.json["reversed"] is False
        asked = {"reason": ReasonCode.POSTED_IN_ERROR, "effective_at": now(), "by_id": "o1"}
        reverse_entry(granted.json["entry_id"], **asked)
        gone = {**granted.json, "reversed": True}
        assert admin.get(paths["budget"]).json == {
            "unit_id": granted.json["unit_id"],
            "year": 2026,
            "granted": 0,
            "left": 0,
            "funds": [{"fund": "general", "granted": 0, "left": 0, "grants": [gone]}],
        }
        again = admin.post(paths["grants"], {**GRANT, "coins": 10}, key="key-0001")
        assert (again.status_code, again.json) == (201, gone)

    def test_need_a_key(self, app, admin, paths):
        headers = {"Authorization": f"Bearer {admin.token}"}
        answer = app.test_client().post(f"/api/v1{paths['grants']}", json=GRANT, headers=headers)
        assert answer.status_code == 422
        assert list(answer.json["errors"]) == ["Idempotency-Key"]

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"coins": 0}, "coins"),
            ({"coins": 0.5}, "coins"),
            ({"coins": 10**13}, "coins"),
            ({"coins": "10"}, "coins"),
            ({"year": 1999}, "year"),
            ({"authorisation": " "}, "authorisation"),
            ({"authorisation": ""}, "authorisation"),
            ({"fund": ""}, "fund"),
            ({"fund": "Elder care"}, "fund"),
            ({"fund": "elder\n"}, "fund"),
        ],
    )
    def test_name_the_field_that_cannot_be_used(self, admin, paths, change, field):
        answer = admin.post(paths["grants"], {**GRANT, **change})
        assert answer.status_code == 422, answer.json
        assert list(answer.json["errors"]) == [field]

    def test_of_an_unknown_unit_or_year_are_not_found(self, admin, shop):
        unknown = f"/units/{new_id()}"
        assert admin.post(f"{unknown}/budget-grants", GRANT).status_code == 404
        assert admin.get(f"{unknown}/budgets/2026").status_code == 404
        assert admin.get(f"/units/{shop.district.id}/budgets/1999").status_code == 422
