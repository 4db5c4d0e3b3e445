"""Finding points: nearest first, open or when, with what they carry."""

from datetime import UTC, datetime

import pytest
from catalog_town import add_unit

from catalog import draft_reward, offer_reward, stock_point, withdraw_reward
from catalog.offering import NotARedemptionPoint
from catalog.points.finding_points import point_of, points_near
from catalog.points.profiling import PointTerms, set_point_hours
from people import UnitKind
from shared.clock import pretending
from shared.cursors import BadCursor
from shared.geo import distance_m
from shared.ids import new_id

HERE = (26.09, 119.29)
MONDAY_NOON = datetime(2017, 12, 4, 4, 0, tzinfo=UTC)
EVERY_DAY = [(weekday, 540, 1_020) for weekday in range(1, 8)]


@pytest.fixture(autouse=True)
def indexes(prepared):
    """Places are found by their index."""


def names(page):
    return [found.point.name for found in page.points]


def say(town, point, terms):
    set_point_hours(point.id, terms, version=0, by=town.officer)


def test_the_nearest_point_comes_first_with_its_distance(town):
    page = points_near(HERE)
    assert names(page) == ["鼓西街道兑换点", "洪山兑换点"]
    assert page.points[0].distance_m == 0
    assert page.points[1].distance_m == distance_m(HERE, (26.07, 119.26))
    assert names(points_near((26.07, 119.26))) == ["洪山兑换点", "鼓西街道兑换点"]


def test_other_units_and_points_without_a_place_are_not_near(town):
    add_unit(
        "学校",
        UnitKind.SCHOOL,
        town.district,
        location={"type": "Point", "coordinates": [119.29, 26.09]},
    )
    add_unit("流动兑换点", UnitKind.REDEMPTION_POINT, town.district)
    assert len(points_near(HERE).points) == 2


def test_pages_go_on_where_they_stopped(town):
    first = points_near(HERE, limit=1)
    second = points_near(HERE, limit=1, cursor=first.next_cursor)
    assert names(first) + names(second) == ["鼓西街道兑换点", "洪山兑换点"]
    assert second.next_cursor is None
    with pytest.raises(BadCursor):
        points_near(HERE, cursor="x")


def test_a_point_that_never_said_its_hours_is_neither_open_nor_closed(town):
    found = points_near(HERE).points[0]
    assert (found.profile, found.is_open, found.opens_at) == (None, None, None)
    assert points_near(HERE, open_now=True).points == []


def test_open_now_and_the_next_opening_follow_the_hours(town):
    say(town, town.point, PointTerms(weekly=EVERY_DAY))
    say(town, town.far_point, PointTerms(weekly=[(2, 540, 1_020)]))
    with pretending(MONDAY_NOON):
        here, far = points_near(HERE).points
        assert names(points_near(HERE, open_now=True)) == ["鼓西街道兑换点"]
    assert (here.is_open, here.opens_at) == (True, MONDAY_NOON)
    assert (far.is_open, far.opens_at) == (False, datetime(2017, 12, 5, 1, 0, tzinfo=UTC))


def test_open_now_looks_past_the_closed_ones_for_a_full_page(town):
    say(town, town.far_point, PointTerms(weekly=EVERY_DAY))
    with pretending(MONDAY_NOON):
        page = points_near(HERE, open_now=True, limit=1)
    assert (names(page), page.next_cursor) == (["洪山兑换点"], None)


def test_a_paused_point_is_not_open(town):
    say(town, town.point, PointTerms(weekly=EVERY_DAY, paused=True, paused_reason="盘点"))
    with pretending(MONDAY_NOON):
        found = point_of(town.point.id).found
    assert (found.is_open, found.opens_at, found.profile.paused_reason) == (False, None, "盘点")


def test_points_with_some_of_a_reward_left_alone_where_one_is_named(town, offer):
    reward_id = offer(supplied=1)
    stock_point(reward_id, town.far_point.id, supplied=0, by=town.officer)
    assert names(points_near(HERE, reward_id=reward_id)) == ["鼓西街道兑换点"]
    withdraw_reward(reward_id, by=town.officer)
    assert points_near(HERE, reward_id=reward_id).points == []


def test_a_point_carries_what_is_on_offer_there(town, offer):
    first, second = offer(supplied=3), offer(supplied=4)
    withdraw_reward(offer(), by=town.officer)
    terms = {"title": "草稿", "price": 1, "validity_days": 9}
    draft = draft_reward(town.district.id, key=new_id(), by=town.officer, **terms)
    stock_point(draft.id, town.point.id, supplied=9, by=town.officer)
    carries = point_of(town.point.id).carries
    assert [(one.reward.id, one.available) for one in carries] == [(second, 4), (first, 3)]
    offer_reward(draft.id, by=town.officer)
    assert len(point_of(town.point.id).carries) == 3


def test_another_kind_of_unit_is_no_point(town):
    with pytest.raises(NotARedemptionPoint):
        point_of(town.district.id)
