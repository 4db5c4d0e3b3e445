"""Budgets over HTTP: granted once, set aside by quarter, moved between units, stopped, and told."""

import pytest
from shop_world import Shop

from ledger import ReasonCode, reverse_entry
from people import Role
from rates import Budget
from shared.clock import now
from shared.ids import new_id
from tests.rates.drawing import draw

FAR = 2040
WHY = {"why": "示例"}
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
        (general,) = told["funds"]
        assert (general["fund"], general["left_in_year"]) == ("general", 10_000)
        assert (general["grants"], general["quarters"]) == ([granted.json], [])
        assert general["standing"] == {
            "granted": 10_000,
            "moved_in": 0,
            "moved_out": 0,
            "drawn": 0,
            "left": 10_000,
            "set_aside_in_quarters": 0,
            "may_draw": 10_000,
            "warn_percent": None,
            "stop_percent": None,
            "warn_at": None,
            "stop_at": None,
            "is_warned": False,
            "is_stopped": False,
        }

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
        told = admin.get(paths["budget"]).json
        assert (told["granted"], told["left"]) == (0, 0)
        assert told["funds"][0]["grants"] == [gone]
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


@pytest.fixture
def far(shop, admin):
    """The path of the district's budget of a year still ahead, 1,000 coins in it."""
    admin.post(f"/units/{shop.district.id}/budget-grants", {**GRANT, "year": FAR, "coins": 1_000})
    return f"/units/{shop.district.id}/budgets/{FAR}"


class TestEnvelopes:
    def test_are_set_aside_once_under_a_key_and_told(self, shop, admin, far):
        path = f"/units/{shop.district.id}/budget-envelopes"
        body = {"year": FAR, "quarter": 2, "coins": 400, **WHY}
        first = admin.post(path, body, key="quarter-2")
        assert (first.status_code, first.json["coins"]) == (201, 400), first.json
        assert admin.post(path, body, key="quarter-2").json == first.json
        (fund,) = admin.get(far).json["funds"]
        assert fund["quarters"] == [{"quarter": 2, "set_aside": 400, "left": 400}]
        assert (fund["left"], fund["left_in_year"]) == (1_000, 600)
        back = admin.post(path, {**body, "coins": -500})
        assert (back.status_code, back.json["code"]) == (409, "BudgetShort")
        assert "2040Q2" in back.json["detail"]
        other = admin.post(path, {**body, "coins": 1}, key="quarter-2")
        assert (other.status_code, other.json["code"]) == (409, "BudgetKeyReused")

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"coins": 0}, "coins"),
            ({"quarter": 5}, "quarter"),
            ({"why": " "}, "why"),
            ({"fund": "No"}, "fund"),
        ],
    )
    def test_name_the_field_that_cannot_be_used(self, shop, admin, change, field):
        body = {"year": FAR, "quarter": 2, "coins": 4, **WHY, **change}
        answer = admin.post(f"/units/{shop.district.id}/budget-envelopes", body)
        assert answer.status_code == 422, answer.json
        assert list(answer.json["errors"]) == [field]

    def test_are_for_rate_admins(self, shop, far):
        path, body = f"/units/{shop.district.id}/budget-envelopes", {}
        assert shop.officer.post(path, body).status_code == 403
        assert shop.resident().post(path, body).status_code == 403


class TestTransfers:
    @pytest.fixture
    def asked(self, shop, admin, far):
        body = {"from_unit_id": shop.district.id, "to_unit_id": shop.point.id, "year": FAR}
        answer = admin.post("/budget-transfers", {**body, "coins": 300, **WHY})
        assert (answer.status_code, answer.json["state"]) == (201, "requested"), answer.json
        return answer.json

    def test_are_approved_by_a_second_person_and_told_by_both_units(self, shop, admin, far, asked):
        path = f"/budget-transfers/{asked['id']}"
        own = admin.post(f"{path}/approval", WHY)
        assert (own.status_code, own.json["code"]) == (409, "OwnTransfer")
        above = shop.caller(Role.ADMIN, shop.district)
        done = above.post(f"{path}/approval", WHY)
        assert (done.status_code, done.json["state"]) == (200, "approved"), done.json
        assert above.post(f"{path}/approval", WHY).json == done.json
        late = above.post(f"{path}/refusal", WHY)
        assert (late.status_code, late.json["code"]) == (409, "TransferDecided")
        (giver,) = admin.get(far).json["funds"]
        assert (giver["standing"]["moved_out"], giver["transfers"]) == (300, [done.json])
        (taker,) = admin.get(f"/units/{shop.point.id}/budgets/{FAR}").json["funds"]
        assert (taker["standing"]["moved_in"], taker["left"]) == (300, 300)

    def test_are_refused_and_listed(self, shop, admin, asked):
        path = f"/budget-transfers/{asked['id']}"
        assert admin.get(path).json == asked
        found = admin.get("/budget-transfers", unit_id=shop.point.id, state="requested").json
        assert (found["items"], found["next_cursor"]) == ([asked], None)
        above = shop.caller(Role.ADMIN, shop.district)
        assert above.post(f"{path}/refusal", WHY).json["state"] == "refused"
        assert (
            admin.get("/budget-transfers", unit_id=shop.point.id, state="requested").json["items"]
            == []
        )

    def test_are_hidden_from_strangers(self, shop, asked):
        path = f"/budget-transfers/{asked['id']}"
        stranger = shop.caller(Role.RATE_ADMIN, shop.far_point)
        assert stranger.get(path).status_code == 404
        assert stranger.post(f"{path}/approval", WHY).status_code == 403
        assert shop.resident().get(path).status_code == 403
        assert stranger.get("/budget-transfers", unit_id=shop.point.id).status_code == 403


class TestThresholds:
    def put(self, caller, shop, version, **rule):
        path = f"/api/v1/units/{shop.district.id}/budget-rules/{FAR}"
        headers = {"Authorization": f"Bearer {caller.token}", "If-Match": str(version)}
        headers["Accept-Language"] = "zh-CN"
        body = {"warn_percent": None, "stop_percent": None, **WHY, **rule}
        return shop.app.test_client().put(path, json=body, headers=headers)

    def test_are_set_and_changed_at_the_version_last_read(self, shop, admin, far):
        first = self.put(admin, shop, 0, warn_percent=80, stop_percent=90)
        assert (first.status_code, first.json["version"]) == (200, 1), first.json
        (fund,) = admin.get(far).json["funds"]
        assert (fund["rule_version"], fund["standing"]["stop_at"]) == (1, 900)
        stale = self.put(admin, shop, 0, stop_percent=50)
        assert (stale.status_code, stale.json["code"]) == (409, "BudgetRuleChanged")
        assert self.put(admin, shop, 1).json["stop_percent"] is None

    def test_are_told_when_something_was_put_into_tasks(self, shop, admin, far):
        self.put(admin, shop, 0, warn_percent=20, stop_percent=30)
        draw(Budget(shop.district.id, FAR), 250)
        (fund,) = admin.get(far).json["funds"]
        assert (fund["standing"]["drawn"], fund["standing"]["may_draw"]) == (250, 50)
        assert (fund["standing"]["is_warned"], fund["standing"]["is_stopped"]) == (True, False)

    def test_are_for_rate_admins_and_name_what_cannot_be_used(self, shop, admin):
        assert self.put(shop.officer, shop, 0).status_code == 403
        refused = self.put(admin, shop, 0, warn_percent=90, stop_percent=80)
        assert (refused.status_code, list(refused.json["errors"])) == (422, ["warn_percent"])
