"""Low stocks: officers and clerks of the point hear of it once for each supply."""

import pytest
from catalog_town import add_person
from hypothesis import given
from hypothesis import strategies as st

from catalog import order_reward, stock_point, withdraw_reward
from catalog.points.low_stock import low_level, tell_low_stocks
from catalog.points.profiling import PointTerms, set_point_hours
from catalog.stock import Stock
from notices import Notice
from people import Membership, Person, Role
from shared.clock import now
from shared.ids import new_id, random_id


@pytest.fixture
def inboxes(town):
    """An officer, the point's clerk and the other point's clerk, who can be told."""

    def add(role, unit):
        held = [Membership(role=role, unit_id=unit.id, since=now())]
        return Person(id=random_id(), memberships=held).save().id

    return (
        add(Role.CENTRE_OFFICER, town.district),
        add(Role.CLERK, town.point),
        add(Role.CLERK, town.far_point),
    )


def sell(town, reward_id, items):
    for _ in range(items):
        order_reward(reward_id, town.point.id, key=new_id(), by=add_person(500))


def told(person_id):
    return [
        (notice.facts["left"], notice.facts["supplied"])
        for notice in Notice.objects(person_id=person_id, name="stock_low").order_by("id")
    ]


def test_the_point_s_people_are_told_once_when_a_tenth_is_left(town, offer, inboxes):
    reward_id = offer(supplied=10)
    sell(town, reward_id, 8)
    assert tell_low_stocks() == 0
    sell(town, reward_id, 1)
    assert (tell_low_stocks(), tell_low_stocks()) == (1, 0)
    sell(town, reward_id, 1)
    assert tell_low_stocks() == 0
    officer, clerk, far_clerk = inboxes
    assert (told(officer), told(clerk), told(far_clerk)) == ([(1, 10)], [(1, 10)], [])


def test_after_a_new_supply_they_are_told_again(town, offer, inboxes):
    reward_id = offer(supplied=3)
    sell(town, reward_id, 2)
    tell_low_stocks()
    stock_point(reward_id, town.point.id, supplied=5, by=town.officer)
    assert tell_low_stocks() == 0
    sell(town, reward_id, 2)
    assert tell_low_stocks() == 1
    assert told(inboxes[0]) == [(1, 3), (1, 5)]


def test_the_stock_s_own_level_goes_before_the_point_s_and_that_before_a_tenth(town, offer):
    reward_id = offer(supplied=20)
    sell(town, reward_id, 5)
    terms = PointTerms(low_at=15)
    set_point_hours(town.point.id, terms, version=0, by=town.clerk)
    stock_point(reward_id, town.point.id, supplied=20, low_at=14, by=town.officer)
    assert tell_low_stocks() == 0
    Stock.objects.update(unset__low_at=True)
    assert tell_low_stocks() == 1


def test_where_somebody_said_never_nobody_is_told(town, offer):
    reward_id = offer(supplied=2)
    stock_point(reward_id, town.point.id, supplied=2, low_at=None, by=town.officer)
    sell(town, reward_id, 2)
    assert tell_low_stocks() == 0


def test_a_withdrawn_reward_runs_low_on_purpose(town, offer):
    reward_id = offer(supplied=2)
    sell(town, reward_id, 2)
    withdraw_reward(reward_id, by=town.officer)
    assert tell_low_stocks() == 0


def test_a_full_shelf_of_one_is_not_low(town, offer):
    reward_id = offer(supplied=1)
    assert tell_low_stocks() == 0
    sell(town, reward_id, 1)
    assert tell_low_stocks() == 1


@given(st.integers(1, 10_000_000), st.none() | st.integers(0, 10_000_000))
def test_few_are_never_all_that_was_supplied(supplied, at_point):
    level = low_level(supplied, at_point)
    assert 0 <= level < supplied
    assert at_point is not None or level in (supplied // 10, min(1, supplied - 1))
