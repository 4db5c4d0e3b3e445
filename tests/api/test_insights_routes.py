"""Forecasts and pay shares over HTTP: as answered, and to whom."""

from datetime import timedelta

import pytest
from shop_world import Shop

from fixtures.factories import funded
from people import Actor, Held, Role
from shared.clock import now, pretending
from tests.insights.drawn_budgets import draw
from tests.worked import past_task, work

WEEK = timedelta(days=7)


@pytest.fixture
def shop(app):
    return Shop(app)


@pytest.fixture
def readers(shop):
    roles = (Role.RATE_ADMIN, Role.CENTRE_OFFICER, Role.AUDITOR, Role.ADMIN)
    return [shop.caller(role, shop.district) for role in roles]


def test_a_forecast_shows_the_pace_and_the_day(shop, readers):
    path, moment = f"/units/{shop.district.id}/budget-forecast", now()
    keeper = Actor("a" * 24, "s", (Held(Role.RATE_ADMIN, shop.district.id),))
    with pretending(moment - timedelta(minutes=1)):
        funded(shop.district, 10_000, by=keeper)
    for reader in readers:
        answer = reader.get(path)
        assert answer.status_code == 200
    (budget,) = answer.json["budgets"]
    assert (budget["fund"], budget["quarter"], budget["left"]) == ("general", None, 10_000)
    assert budget["forecast"]["used_up_at"] is None
    draw(shop.district, 1_000)
    (budget,) = readers[0].get(path).json["budgets"]
    assert (budget["left"], budget["weekly"]) == (9_000, [])
    assert readers[0].get(path, year=1999).status_code == 422


def test_pay_shares_show_time_against_piece(shop, readers):
    begins = now() - 2 * WEEK
    lines = [
        {"part": "base", "coins": 25, "en": "Base", "zh-CN": "基础"},
        {"part": "time", "coins": 75, "en": "Time", "zh-CN": "时间"},
    ]
    task = past_task(shop.district, starts_at=begins, breakdown=lines)
    work("b" * 24, task, starts_at=begins)
    for reader in readers:
        answer = reader.get(f"/units/{shop.district.id}/pay-shares")
        assert answer.status_code == 200
    total = answer.json["total"]
    assert (total["count"], total["time"], total["piece"]) == (1, 75, 25)
    assert total["time_share"] == 0.75
    (kind,) = answer.json["kinds"]
    assert (kind["kind"], kind["coins"]) == ("patrol", 100)
    assert len(answer.json["months"]) == 1


def test_a_span_that_ends_before_it_begins_is_refused(shop):
    moment = now()
    query = {"since": moment.isoformat(), "until": (moment - WEEK).isoformat()}
    answer = shop.officer.get(f"/units/{shop.district.id}/pay-shares", **query)
    assert (answer.status_code, answer.json["code"]) == (422, "BadShareSpan")


@pytest.mark.parametrize("what", ["budget-forecast", "pay-shares"])
def test_others_see_neither(shop, what):
    for outsider in (shop.clerk, shop.resident()):
        assert outsider.get(f"/units/{shop.district.id}/{what}").status_code == 403
    assert shop.officer.get(f"/units/{'0' * 24}/{what}").status_code == 404
