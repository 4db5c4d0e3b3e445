"""Kinds of task over HTTP: who reads, who puts, and what a task of a city's own kind is called."""

from datetime import timedelta

import pytest
from city_world import Caller, by_phone, founded

from api.error_words import spoken
from api.signing_in import tokens_for
from fixtures.factories import CARD_FROM, a_task, a_town, put_card, staff
from people import Role, unit_of
from shared.clock import now, pretending
from tasks import put_task_kind

WATCH = {
    "name": {"en": "River watch", "zh": "河道巡查"},
    "moves": "walks",
    "required_checks": ["inside_time"],
    "default_checks": [{"check": "inside_time", "parameters": {"min_s": 600}}],
    "roles_needed": [{"crew_role": "teacher"}],
    "review_guide": {"en": "Ask the warden.", "zh": "询问河长。"},
}


def signed_in(app, actor):
    """Somebody who holds tokens for the session that they have."""
    with app.app_context():
        return Caller(app, tokens_for(actor.person_id, actor.session_id, 1))


@pytest.fixture
def city(app):
    return founded(app)


def put(caller, kind_id="river_watch", version=0, **changes):
    return caller.call(
        "PUT", f"/task-kinds/{kind_id}", WATCH | changes, **{"If-Match": str(version)}
    )


def test_everybody_signed_in_reads_the_kinds(app, city):
    resident = by_phone(app)
    items = resident.get("/task-kinds").json["items"]
    assert len(items) == 8
    guard = resident.get("/task-kinds/school_guard").json
    assert guard in items
    assert guard["name"] == {"en": "School guard", "zh": "护学岗"}
    assert (guard["version"], guard["put_at"], guard["certificate"]) == (1, None, None)
    assert {"crew_role": "teacher", "at_least": 1} in guard["roles_needed"]
    assert resident.get("/task-kinds/training").json["certificate"]["lasts_months"] == 24
    answer = resident.get("/task-kinds/river_watch")
    assert (answer.status_code, answer.json["code"]) == (404, "KindNotFound")


def test_nobody_reads_and_only_the_citys_admin_puts(app, city):
    _, admin = city
    resident = by_phone(app)
    nobody = type(admin)(app)
    assert nobody.get("/task-kinds").status_code == 401
    assert put(nobody).status_code == 401
    assert put(resident).status_code == 403
    answer = put(admin)
    assert (answer.status_code, answer.json["version"]) == (200, 1)
    assert answer.json["review_guide"] == WATCH["review_guide"]
    assert resident.get("/task-kinds/river_watch").json == answer.json


def test_a_change_names_the_version_it_saw(app, city):
    _, admin = city
    without = admin.call("PUT", "/task-kinds/river_watch", WATCH)
    assert without.status_code == 422
    assert put(admin).json["version"] == 1
    assert put(admin).json["version"] == 1
    late = put(admin, moves="rides")
    assert (late.status_code, late.json["code"], late.json["facts"]) == (
        409,
        "KindChanged",
        {"version": 1},
    )
    assert put(admin, version=1, active=False).json["active"] is False


@pytest.mark.parametrize(
    ("kind_id", "changes", "field"),
    [
        ("River", {}, "id"),
        ("river_watch", {"moves": "flies"}, "moves"),
        ("river_watch", {"name": {"en": "River"}}, "name"),
        ("river_watch", {"required_checks": ["smell"]}, "required_checks.0"),
        ("river_watch", {"default_checks": [{"check": "smell"}]}, "default_checks.0.check"),
        ("river_watch", {"certificate": {"name": "x y", "lasts_months": 1}}, "certificate"),
        ("river_watch", {"put_by": "me"}, "put_by"),
    ],
)
def test_what_cannot_be_a_kind_is_told_by_field(city, kind_id, changes, field):
    answer = put(city[1], kind_id, **changes)
    assert answer.status_code == 422
    assert any(key.startswith(field) for key in answer.json["errors"]), answer.json


class TestTasksOfAKind:
    @pytest.fixture
    def watch(self, app):
        """A published task of a kind that the city added."""
        town = a_town()
        put_task_kind("river_watch", WATCH, version=0, by=town.admin)
        lines = [{"kind": "river_watch", "base": 10, "per_hour": 0}]
        with pretending(CARD_FROM):
            rates = staff(Role.RATE_ADMIN, at=town.street)
            put_card(town.street.id, CARD_FROM, lines, fen_per_10000_coins=1, by=rates)
        return a_task(at=town.street, kind="river_watch", checks=None, trades_wanted=["河长"])

    def test_it_is_shown_with_its_kinds_name_and_wants(self, app, watch):
        shown = by_phone(app).get(f"/tasks/{watch.id}").json
        assert (shown["kind"], shown["kind_name"], shown["waiting"]) == (
            "river_watch",
            "River watch",
            0,
        )
        assert shown["checks"] == [{"check": "inside_time", "parameters": {"min_s": 600.0}}]
        assert shown["crew"] == [{"crew_role": "teacher", "at_least": 1}]
        assert (shown["trades_wanted"], shown["hold_minutes"]) == (["河长"], 30)
        assert not {"claims", "waiting_list", "created_by"} & set(shown)

    def test_the_nearby_filter_takes_any_kinds_slug(self, app, watch):
        resident = by_phone(app)
        lon, lat = watch.location["coordinates"]
        around = f"/tasks/nearby?lat={lat}&lon={lon}&datum=wgs84"
        found = resident.get(f"{around}&kind=river_watch").json["items"]
        assert [card["id"] for card in found] == [watch.id]
        assert resident.get(f"{around}&kind=patrol").json["items"] == []
        assert resident.get(f"{around}&kind=River").status_code == 422

    def test_drafting_over_http_fills_in_and_refuses(self, app, watch):
        officer = signed_in(app, staff(Role.CENTRE_OFFICER, at=unit_of(watch.unit_id)))
        body = {
            "unit_id": watch.unit_id,
            "title": "河边巡查",
            "address": "河边",
            "area": watch.area,
            "starts_at": (now() + timedelta(hours=1)).isoformat(),
            "ends_at": (now() + timedelta(hours=2)).isoformat(),
            "slots": 3,
        }

        def drafted(**changes):
            key = {"Idempotency-Key": f"key-{sorted(changes.items())!r}"[:60].replace(" ", "")}
            return officer.call("POST", "/tasks", body | changes, **key)

        made = drafted(kind="school_guard")
        assert made.status_code == 201, made.json
        assert {one["check"] for one in made.json["checks"]} >= {"make_up", "duty_log"}
        unknown = drafted(kind="sea_watch")
        assert (unknown.status_code, unknown.json["code"]) == (422, "UnknownKind")
        assert "river_watch" in unknown.json["detail"]
        missing = drafted(kind="publicity", checks=[{"check": "window"}])
        assert (missing.status_code, missing.json["code"]) == (422, "MissingCheck")
        assert missing.json["facts"] == {"check": "handed_out"}
        for name, value in (
            ("hold_minutes", 1_441),
            ("free_until_minutes", -1),
            ("least_level", 101),
            ("crew", [{"crew_role": "teacher", "at_least": 0}]),
            ("trades_wanted", [""]),
        ):
            answer = drafted(kind="patrol", **{name: value})
            assert answer.status_code == 422
            assert next(iter(answer.json["errors"])).startswith(name)

    def test_a_refusal_names_the_citys_own_kind_in_words(self, app, watch):
        with app.test_request_context():
            assert spoken({"kind": "river_watch"}, "en") == {"kind": "River watch"}
            assert spoken({"kind": "river_watch"}, "zh-CN") == {"kind": "河道巡查"}
            assert spoken({"kind": "sea_watch"}, "en") == {"kind": "sea_watch"}
