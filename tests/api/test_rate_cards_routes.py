"""Rate cards over HTTP: drafted, approved by a second person, in force, and asked what they pay."""

from datetime import timedelta

import pytest
from shop_world import Shop

from people import Role
from shared.clock import now, pretending
from shared.ids import new_id

LINE = {"kind": "patrol", "base": 0, "per_hour": 50}
DAY = timedelta(days=1)


@pytest.fixture
def shop(app):
    return Shop(app)


@pytest.fixture
def admin(shop):
    return shop.caller(Role.RATE_ADMIN, shop.district)


@pytest.fixture
def second(shop):
    return shop.caller(Role.RATE_ADMIN, shop.district)


@pytest.fixture
def card(shop):
    """The body of a card for the district, in force from tomorrow."""
    return {
        "unit_id": shop.district.id,
        "title": {"en": "Spring", "zh": "春季"},
        "in_force_from": (now() + DAY).isoformat(),
        "lines": [LINE],
        "fen_per_10000_coins": 20_000,
        "why": "spring",
    }


def move(caller, made, step, version=None, **body):
    """The answer to an approval or a withdrawal of a card as it was answered."""
    headers = {
        "Authorization": f"Bearer {caller.token}",
        "Accept-Language": "en",
        "If-Match": str(version or made["version"]),
    }
    path = f"/api/v1/rate-cards/{made['id']}/{step}"
    return caller.app.test_client().post(path, json={"why": "agreed", **body}, headers=headers)


def edit(caller, made, changes, version=None):
    headers = {
        "Authorization": f"Bearer {caller.token}",
        "If-Match": str(version or made["version"]),
    }
    path = f"/api/v1/rate-cards/{made['id']}"
    body = {"why": "dearer", **changes}
    return caller.app.test_client().patch(path, json=body, headers=headers)


class TestWhoMayCall:
    def test_nobody_is_asked_to_sign_in(self, app):
        client, path = app.test_client(), f"/api/v1/rate-cards/{new_id()}"
        for asked in ("/api/v1/rate-cards", "/api/v1/rate-cards/in-force", path):
            assert client.get(asked).status_code == 401
        for asked in ("/api/v1/rate-cards", "/api/v1/quotes", f"{path}/approval"):
            assert client.post(asked, json={}).status_code == 401

    def test_residents_and_officers_draft_and_approve_none(self, shop, admin, card):
        made = admin.post("/rate-cards", card).json
        for caller in (shop.resident(), shop.officer):
            assert caller.post("/rate-cards", card).status_code == 403
            assert move(caller, made, "approval").status_code == 403
            assert move(caller, made, "withdrawal").status_code == 403
            assert edit(caller, made, {}).status_code == 403
        assert shop.resident().get("/rate-cards", unit_id=shop.district.id).status_code == 403
        assert shop.officer.get("/rate-cards", unit_id=shop.district.id).status_code == 200

    def test_rate_admins_of_another_unit_may_not(self, shop, admin, card):
        stranger = shop.caller(Role.RATE_ADMIN, shop.point)
        assert stranger.post("/rate-cards", card).status_code == 403
        made = admin.post("/rate-cards", card).json
        assert stranger.get(f"/rate-cards/{made['id']}").status_code == 404
        assert move(stranger, made, "approval").status_code == 404

    def test_who_drafted_a_card_does_not_approve_it(self, admin, card):
        made = admin.post("/rate-cards", card).json
        answer = move(admin, made, "approval")
        assert (answer.status_code, answer.json["code"]) == (403, "OwnRateCard")


class TestRateCards:
    def test_are_drafted_approved_and_then_found_by_all_below(self, shop, admin, second, card):
        drafted = admin.post("/rate-cards", card)
        assert drafted.status_code == 201, drafted.json
        made = drafted.json
        assert (made["phase"], made["version"], made["approved_by"]) == ("draft", 1, None)
        unsaid = {"per_km": 0, "minimum": 1, "maximum": None, "caps": None, "paid_on_duty": False}
        line = {**unsaid, **LINE}
        assert made["lines"] == [line]
        resident = shop.resident()
        assert resident.get(f"/rate-cards/{made['id']}").status_code == 404

        approved = move(second, made, "approval")
        assert (approved.status_code, approved.json["phase"]) == (201, "scheduled")
        seen = resident.get(f"/rate-cards/{made['id']}")
        nobody = {"written_by": [], "approved_by": None}
        assert (seen.status_code, seen.json) == (200, {**approved.json, **nobody})
        to_officer = admin.get(f"/rate-cards/{made['id']}").json
        assert to_officer == approved.json
        assert to_officer["approved_by"]
        later = (now() + 2 * DAY).isoformat()
        terms = resident.get("/rate-cards/in-force", unit_id=shop.point.id, at=later)
        assert (terms.status_code, terms.json["card_ids"]) == (200, [made["id"]])
        assert terms.json["lines"] == [line]
        assert (terms.json["fen_per_10000_coins"], terms.json["coins_last_months"]) == (
            20_000,
            None,
        )
        with pretending(now() + 2 * DAY):
            listed = admin.get("/rate-cards", unit_id=shop.district.id).json
        assert [(one["id"], one["phase"]) for one in listed["items"]] == [(made["id"], "in_force")]

    def test_say_all_there_is_to_say(self, shop, admin, card):
        said = {
            "inherits": False,
            "multipliers": [
                {"occasion": "night", "percent": 120, "from_minute": 1_320, "until_minute": 300},
                {"occasion": "gap_area", "percent": 150, "unit_ids": [shop.point.id]},
            ],
            "extras": [
                {
                    "name": {"en": "Festival", "zh": "灯会"},
                    "coins": 30,
                    "starts_at": "2030-02-01T00:00:00+08:00",
                    "ends_at": "2030-02-02T00:00:00+08:00",
                }
            ],
            "award_grades": [
                {
                    "grade": "major",
                    "name": {"en": "Major", "zh": "重大"},
                    "least_fen": 5_000,
                    "most_fen": 100_000,
                }
            ],
            "caps": {"per_day": 300},
            "paid_roles": ["grid_member"],
            "duty_hours": [{"weekdays": [1, 5], "from_minute": 480, "until_minute": 1_080}],
            "coins_last_months": 24,
            "by_hand_above_fen": 20_000,
        }
        made = admin.post("/rate-cards", {**card, **said})
        assert made.status_code == 201, made.json
        for name in ("paid_roles", "duty_hours", "coins_last_months", "by_hand_above_fen"):
            assert made.json[name] == said[name]
        assert made.json["caps"] == {"per_day": 300, "per_week": None, "per_month": None}
        assert made.json["inherits"] is False
        assert made.json["multipliers"][1]["unit_ids"] == [shop.point.id]
        assert made.json["extras"][0]["starts_at"].startswith("2030-01-31T16:00:00")
        assert made.json["award_grades"][0]["most_fen"] == 100_000
        copied = {
            "unit_id": shop.district.id,
            "copy_of": made.json["id"],
            "in_force_from": (now() + 2 * DAY).isoformat(),
            "why": "the same later",
        }
        again = admin.post("/rate-cards", copied).json
        what = ("title", "lines", "multipliers", "extras", "award_grades", "caps", "duty_hours")
        assert [again[name] for name in what] == [made.json[name] for name in what]
        assert again["id"] != made.json["id"]

    def test_again_under_one_key_answer_the_same(self, admin, card):
        first = admin.post("/rate-cards", card, key="card-0001")
        again = admin.post("/rate-cards", card, key="card-0001")
        assert (again.status_code, again.json) == (201, first.json)
        other = admin.post("/rate-cards", {**card, "fen_per_10000_coins": 1}, key="card-0001")
        assert (other.status_code, other.json["code"]) == (409, "CardKeyReused")

    def test_are_edited_at_the_version_that_was_seen(self, admin, second, card):
        made = admin.post("/rate-cards", card).json
        edited = edit(admin, made, {"lines": [{**LINE, "per_hour": 60}], "caps": None})
        assert (edited.status_code, edited.json["version"]) == (200, 2)
        assert edited.json["lines"][0]["per_hour"] == 60
        assert edited.json["fen_per_10000_coins"] == 20_000
        for stale in (edit(admin, made, {}), move(second, made, "approval")):
            assert (stale.status_code, stale.json["code"]) == (409, "RateCardChanged")
        assert move(second, edited.json, "approval").status_code == 201
        late = edit(admin, edited.json, {}, version=3)
        assert (late.status_code, late.json["code"]) == (409, "WrongCardState")
        assert "已审批" in late.json["detail"]

    def test_need_the_version_that_was_seen(self, app, admin, second, card):
        made = admin.post("/rate-cards", card).json
        answer = second.post(f"/rate-cards/{made['id']}/approval", {"why": "x"})
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["If-Match"])

    def test_approved_for_one_moment_are_one(self, admin, second, card):
        made = [admin.post("/rate-cards", card).json for _ in range(2)]
        assert move(second, made[0], "approval").status_code == 201
        other = move(second, made[1], "approval")
        assert (other.status_code, other.json["code"]) == (409, "CardExists")

    def test_are_withdrawn_before_they_are_in_force(self, admin, second, card):
        made = admin.post("/rate-cards", card).json
        gone = move(admin, move(second, made, "approval").json, "withdrawal")
        assert (gone.status_code, gone.json["phase"]) == (201, "withdrawn")

    def test_are_not_back_dated(self, admin, card):
        answer = admin.post("/rate-cards", {**card, "in_force_from": "2026-01-01T00:00:00Z"})
        assert (answer.status_code, answer.json["code"]) == (409, "CardBackDated")

    def test_may_be_missing(self, shop, admin, card):
        admin.post("/rate-cards", card)
        answer = shop.resident().get("/rate-cards/in-force", unit_id=shop.district.id)
        assert (answer.status_code, answer.json["code"]) == (409, "NoRateInForce")
        assert "鼓楼区" in answer.json["detail"]
        nowhere = shop.resident().get("/rate-cards/in-force", unit_id=new_id())
        assert (nowhere.status_code, nowhere.json["code"]) == (404, "UnitNotFound")

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"lines": [{**LINE, "per_hour": -1}]}, "lines.0.per_hour"),
            ({"lines": [{**LINE, "per_hour": 1.5}]}, "lines.0.per_hour"),
            ({"lines": [{**LINE, "bonus": 1}]}, "lines.0.bonus"),
            ({"lines": [LINE, LINE]}, "lines.1.kind"),
            ({"lines": [{**LINE, "kind": "patrol\n"}]}, "lines.0.kind"),
            ({"lines": [{**LINE, "caps": {"per_day": 0}}]}, "lines.0.caps.per_day"),
            ({"lines": [{**LINE, "minimum": 9, "maximum": 8}]}, "lines.0.maximum"),
            ({"multipliers": [{"occasion": "night", "percent": 120}]}, "multipliers.0.from_minute"),
            ({"caps": {"per_day": 9, "per_week": 8}}, "caps.per_week"),
            ({"title": None}, "title"),
            ({"title": {"en": "x"}}, "title.zh"),
            ({"in_force_from": "2030-01-01T00:00:00"}, "in_force_from"),
            ({"in_force_from": "0001-01-01T00:00:00+14:00"}, "in_force_from"),
            ({"in_force_from": "9999-12-31T23:59:59-14:00"}, "in_force_from"),
            ({"inherits": False, "fen_per_10000_coins": None}, "fen_per_10000_coins"),
            ({"coins_last_months": 0}, "coins_last_months"),
            ({"coins_last_months": 121}, "coins_last_months"),
            ({"coins_last_months": "12"}, "coins_last_months"),
            ({"unit_id": "somewhere"}, "unit_id"),
            ({"copy_of": "$ne"}, "copy_of"),
            ({"why": " "}, "why"),
            ({"by": "me"}, "by"),
            ({"draft_key": "x"}, "draft_key"),
        ],
    )
    def test_name_the_field_that_cannot_be_used(self, admin, card, change, field):
        answer = admin.post("/rate-cards", {**card, **change})
        assert answer.status_code == 422, answer.json
        assert list(answer.json["errors"]) == [field]


class TestExamples:
    def test_are_listed_with_what_is_published_and_what_is_a_sample(self, shop, admin):
        told = admin.get("/rate-card-examples")
        assert [one["id"] for one in told.json["items"]] == ["gulou", "wenjiang", "qianshan"]
        gulou = told.json["items"][0]
        figures = {one["path"]: one["published"] for one in gulou["figures"]}
        assert figures["fen_per_10000_coins"] is True
        assert figures["lines.1.per_hour"] is False
        assert gulou["content"]["fen_per_10000_coins"] == 20_000
        assert shop.resident().get("/rate-card-examples").status_code == 403

    def test_are_copied_as_drafts(self, shop, admin):
        body = {"unit_id": shop.district.id, "copy_of": "wenjiang", "why": "as there"}
        made = admin.post("/rate-cards", {**body, "in_force_from": (now() + DAY).isoformat()})
        assert (made.status_code, made.json["by_hand_above_fen"]) == (201, 20_000)
        moment = admin.post("/rate-cards", body)
        assert (moment.status_code, list(moment.json["errors"])) == (422, ["in_force_from"])


class TestQuotes:
    @pytest.fixture
    def asked(self, shop):
        begins = now() + 2 * DAY
        return {
            "unit_id": shop.point.id,
            "kind": "patrol",
            "starts_at": begins.isoformat(),
            "ends_at": (begins + timedelta(hours=2)).isoformat(),
            "at": begins.isoformat(),
        }

    def test_say_what_an_action_is_worth_and_why(self, shop, admin, second, card, asked):
        made = admin.post("/rate-cards", {**card, "caps": {"per_day": 80}}).json
        move(second, made, "approval")
        told = shop.resident().post("/quotes", asked)
        assert (told.status_code, told.json["coins"]) == (200, 100)
        words = {"en": "2 h at 50 an hour", "zh-CN": "2 小时 × 每小时 50"}
        assert told.json["breakdown"] == [{"part": "time", "coins": 100, **words}]
        assert told.json["caps"] == [{"scope": "all", "span": "day", "most": 80}]

    def test_may_be_asked_by_a_draft(self, shop, admin, card, asked):
        made = admin.post("/rate-cards", card).json
        assert admin.post("/quotes", {**asked, "card_id": made["id"]}).json["coins"] == 100
        answer = shop.resident().post("/quotes", {**asked, "card_id": made["id"]})
        assert (answer.status_code, answer.json["code"]) == (404, "CardNotFound")

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"distance_m": "NaN"}, "distance_m"),
            ({"distance_m": -1}, "distance_m"),
            ({"ends_at": "2020-01-01T00:00:00Z"}, "ends_at"),
            ({"ends_at": "2099-01-01T00:00:00Z"}, "ends_at"),
            ({"kind": "Night patrol"}, "kind"),
            ({"where_id": "here"}, "where_id"),
        ],
    )
    def test_name_the_field_that_cannot_be_used(self, admin, second, card, asked, change, field):
        move(second, admin.post("/rate-cards", card).json, "approval")
        answer = admin.post("/quotes", {**asked, **change})
        assert answer.status_code == 422, answer.json
        assert list(answer.json["errors"]) == [field]
