"""Budgets over HTTP: granted once, and told."""

import pytest
from shop_world import Shop

from ledger import ReasonCode, reverse_entry
from people import Role
from shared.clock import now
from shared.ids import new_id

GRANT = {"year": 2026, "coins": 10_000, "authorisation": "榕鼓综治〔2026〕3 号"}


@pytest.fixture
def shop(app):
    return Shop(app)


@pytest.fixture
def admin(shop):
    return shop.caller(Role.RATE_ADMIN, shop.district)


@pytest.fixture
def paths(shop):
    return {
        "grants": f"/units/{shop.district.id}/budget-grants",
        "budget": f"/units/{shop.district.id}/budgets/2026",
    }


class TestWhoMayCall:
    def test_nobody_is_asked_to_sign_in(self, app, paths):
        client = app.test_client()
        assert client.get(f"/api/v1{paths['budget']}").status_code == 401
        assert client.post(f"/api/v1{paths['grants']}", json={}).status_code == 401

    def test_residents_may_not(self, shop, paths):
        resident = shop.resident()
        assert resident.post(paths["grants"], GRANT).status_code == 403
        assert resident.get(paths["budget"]).status_code == 403

    def test_rate_admins_of_another_unit_may_not(self, shop, paths):
        stranger = shop.caller(Role.RATE_ADMIN, shop.point)
        assert stranger.post(paths["grants"], GRANT).status_code == 403
        assert stranger.get(paths["budget"]).status_code == 403

    def test_officers_read_their_budget_and_grant_none(self, shop, paths):
        assert shop.officer.get(paths["budget"]).status_code == 200
        assert shop.officer.post(paths["grants"], GRANT).status_code == 403


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
