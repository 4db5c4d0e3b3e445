"""The log of changes over HTTP: what was changed of a unit's rules and of all below, and why."""

from datetime import timedelta

import pytest
from shop_world import Shop

from people import Actor, Held, Role, changes_page, record_change, unit_of
from rates import approve_card, draft_card
from shared.clock import now
from shared.database import in_transaction
from shared.ids import new_id
from tests.rates.sample_cards import a_card


@pytest.fixture
def shop(app):
    return Shop(app)


@pytest.fixture
def cards(shop, town_staff):
    """Two cards of a point, one of them approved."""
    made = []
    for number in (1, 2):
        content = a_card(in_force_from=now() + timedelta(days=number))
        told = {"why": f"why {number}", "key": new_id(), "by": town_staff[0]}
        made.append(draft_card(shop.point.id, content, **told))
    approve_card(made[0].id, version=1, why="agreed", by=town_staff[1])
    return made


@pytest.fixture
def town_staff(shop):
    held = (Held(Role.RATE_ADMIN, shop.district.id),)
    return [Actor(new_id(), roles=held) for _ in range(2)]


def test_are_told_newest_first_for_all_below(shop, cards):
    told = shop.officer.get(f"/units/{shop.district.id}/changes")
    assert told.status_code == 200, told.json
    shown = [(one["verb"], one["about_id"], one["why"]) for one in told.json["items"]]
    assert shown == [
        ("approved", cards[0].id, "agreed"),
        ("drafted", cards[1].id, "why 2"),
        ("drafted", cards[0].id, "why 1"),
    ]
    drafted = told.json["items"][2]
    assert (drafted["subject"], drafted["unit_id"]) == ("rate_card", shop.point.id)
    assert (drafted["before"], drafted["after"]["fen_per_10000_coins"]) == ({}, 20_000)
    assert drafted["after"]["in_force_from"].endswith("+00:00")
    assert shop.officer.get(f"/units/{shop.far_point.id}/changes").json["items"] == []


def test_come_page_by_page_and_for_one_thing_alone(shop, cards):
    path = f"/units/{shop.district.id}/changes"
    first = shop.officer.get(path, limit=2).json
    rest = shop.officer.get(path, limit=2, cursor=first["next_cursor"]).json
    assert [len(first["items"]), len(rest["items"]), rest["next_cursor"]] == [2, 1, None]
    alone = shop.officer.get(path, about_id=cards[1].id).json["items"]
    assert [one["verb"] for one in alone] == ["drafted"]


def test_what_is_about_people_is_for_officers_and_not_for_whom_it_is_about(shop):
    subject, by_id = shop.resident().person_id, new_id()
    unit = unit_of(shop.district.id)
    for kind in ("commendation", "badge_held", "levels"):
        told = {"unit": unit, "before": None, "after": {"a": 1}, "why": kind, "by_id": by_id}
        whose = subject if kind == "commendation" else None
        in_transaction(
            lambda session, kind=kind, told=told, whose=whose: record_change(
                kind, new_id(), "made", **told, person_id=whose, session=session
            )
        )

    def seen_as(role, person_id):
        by = Actor(person_id, roles=(Held(role, unit.id),))
        return [one.subject for one in changes_page(unit.id, by=by).items]

    assert seen_as(Role.CENTRE_OFFICER, new_id()) == ["levels", "badge_held", "commendation"]
    assert seen_as(Role.CENTRE_OFFICER, subject) == ["levels", "badge_held"]
    assert seen_as(Role.RATE_ADMIN, new_id()) == seen_as(Role.AUDITOR, new_id()) == ["levels"]


def test_are_for_who_has_to_do_with_rules(app, shop, cards):
    path = f"/units/{shop.district.id}/changes"
    assert app.test_client().get(f"/api/v1{path}").status_code == 401
    assert shop.resident().get(path).status_code == 403
    assert shop.caller(Role.AUDITOR, shop.point).get(path).status_code == 403
    assert shop.caller(Role.AUDITOR, shop.district).get(path).status_code == 200
    assert shop.officer.get(f"/units/{new_id()}/changes").status_code == 404
    assert shop.officer.get(path, cursor="x").status_code == 422
