"""Profiling: a point's own staff say its hours, whole; paused, nothing is ordered there."""

import threading
from datetime import date

import pytest
from catalog_town import add_person, staff

from catalog import draft_reward, offer_reward, order_reward, stock_point
from catalog.ordering import PointPaused
from catalog.points.pausing import is_paused, mirror_pauses
from catalog.points.point_profile import PointProfile
from catalog.points.profiling import (
    HoursChanged,
    HoursInvalid,
    PauseNeedsReason,
    PointTerms,
    set_point_hours,
)
from catalog.stock import Stock
from catalog.voucher import Voucher
from people import Role
from shared.errors import DomainError, NotAllowed
from shared.ids import new_id

WEEK = PointTerms(
    weekly=[(1, 540, 1_020), (6, 600, 720), (6, 840, 960)],
    closed_days=[date(2018, 1, 1)],
    extra_days=[(date(2018, 1, 7), [(600, 720)])],
    phone_number="0591-87654321",
    low_at=3,
)
PAUSED = PointTerms(paused=True, paused_reason="Stocktaking")


def say(town, terms=WEEK, *, version=0, by=None):
    return set_point_hours(town.point.id, terms, version=version, by=by or town.clerk)


def order(reward_id, town, by=None):
    return order_reward(reward_id, town.point.id, key=new_id(), by=by or add_person(500))


def test_what_is_said_stands(town):
    assert say(town).version == 1
    profile = PointProfile.objects.get(id=town.point.id)
    assert [(one.weekday, one.span.from_minute, one.span.until_minute) for one in profile.weekly]
    assert profile.hours().spans_on(date(2018, 1, 1)) == []
    assert [span.from_minute for span in profile.hours().spans_on(date(2018, 1, 6))] == [600, 840]
    assert [span.until_minute for span in profile.hours().spans_on(date(2018, 1, 7))] == [720]
    assert (profile.phone_number, profile.low_at) == ("0591-87654321", 3)


def test_it_is_said_whole_each_time(town):
    say(town)
    say(town, PointTerms(weekly=[(2, 0, 1_440)]), version=1)
    profile = PointProfile.objects.get(id=town.point.id)
    assert (len(profile.weekly), profile.closed_days, profile.extra_days) == (1, [], [])
    assert (profile.phone_number, profile.low_at, profile.version) == ("", None, 2)


def test_a_repeat_answers_what_stands(town):
    say(town)
    assert say(town).version == 1
    say(town, PAUSED, version=1)
    assert say(town, PAUSED, version=1).version == 2


def test_who_has_not_seen_the_newest_changes_nothing(town):
    say(town)
    with pytest.raises(HoursChanged):
        say(town, PAUSED)
    with pytest.raises(HoursChanged):
        say(town, PAUSED, version=7)
    assert not is_paused(town.point.id)


def test_officers_and_the_point_s_own_clerk_may_nobody_else(town):
    say(town, by=town.officer)
    others = (town.far_clerk, staff(Role.CENTRE_OFFICER, town.other_district), add_person())
    for by in others:
        with pytest.raises(NotAllowed):
            say(town, version=1, by=by)


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (PointTerms(weekly=[(1, 600, 600)]), "weekly"),
        (PointTerms(weekly=[(1, 700, 600)]), "weekly"),
        (PointTerms(weekly=[(8, 600, 700)]), "weekly"),
        (PointTerms(weekly=[(1, 600, 1_441)]), "weekly"),
        (PointTerms(weekly=[(1, 0, minute) for minute in range(1, 60)]), "weekly"),
        (PointTerms(extra_days=[(date(2018, 1, 1), [])]), "extra_days"),
        (PointTerms(extra_days=[(date(2018, 1, 1), [(0, 1)])] * 2), "extra_days"),
        (PointTerms(phone_number="call us"), "phone_number"),
        (PointTerms(low_at=-1), "low_at"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_name(town, terms, field):
    with pytest.raises(HoursInvalid) as refused:
        say(town, terms)
    assert refused.value.field == field
    assert PointProfile.objects.count() == 0


def test_a_pause_says_why(town):
    with pytest.raises(PauseNeedsReason):
        say(town, PointTerms(paused=True, paused_reason=" "))


def test_at_a_paused_point_nothing_is_ordered_until_it_opens_again(town, offer):
    reward_id = offer()
    say(town, PAUSED)
    assert is_paused(town.point.id)
    with pytest.raises(PointPaused):
        order(reward_id, town)
    say(town, WEEK, version=1)
    assert order(reward_id, town).point_id == town.point.id


def test_a_stock_opened_at_a_paused_point_is_paused(town, offer):
    say(town, PAUSED)
    with pytest.raises(PointPaused):
        order(offer(), town)


def test_other_points_go_on(town, offer):
    reward_id = offer()
    stock_point(reward_id, town.far_point.id, supplied=5, by=town.officer)
    say(town, PAUSED)
    by = add_person(500)
    assert order_reward(reward_id, town.far_point.id, key=new_id(), by=by)


def test_the_pass_mends_a_stock_that_says_something_else(town, offer):
    offer()
    say(town, PAUSED)
    Stock.objects.update(set__paused=False)
    assert mirror_pauses() == 1
    assert mirror_pauses() == 0
    assert Stock.objects.get().paused


@pytest.mark.parametrize("round_number", range(4))
def test_a_pause_against_orders_lets_none_in_once_it_answers(town, offer, round_number):
    reward_id, buyers = offer(supplied=100), [add_person(500) for _ in range(4)]
    start, sold = threading.Barrier(5), []

    def buy(by):
        start.wait()
        for _ in range(4):
            try:
                order(reward_id, town, by)
            except DomainError:
                return

    def pause():
        start.wait()
        say(town, PAUSED)
        sold.append(Stock.objects.get(reward_id=reward_id).available)

    threads = [threading.Thread(target=buy, args=(by,)) for by in buyers]
    threads.append(threading.Thread(target=pause))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    left = Stock.objects.get(reward_id=reward_id).available
    assert [left] == sold
    assert Voucher.objects.count() == 100 - left


def test_two_who_say_the_first_hours_at_once_are_one_and_a_refusal(town):
    answers, start = [], threading.Barrier(2)

    def run(terms):
        start.wait()
        try:
            answers.append(say(town, terms).version)
        except HoursChanged:
            answers.append(None)

    threads = [threading.Thread(target=run, args=(terms,)) for terms in (WEEK, PAUSED)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers, key=str) == [1, None]


def test_stocks_opened_and_pauses_said_at_once_agree_in_the_end(town):
    drafts = [
        draft_reward(
            town.district.id, title="纸巾", price=1, validity_days=9, key=new_id(), by=town.officer
        ).id
        for _ in range(6)
    ]
    start = threading.Barrier(2)

    def stock():
        start.wait()
        for reward_id in drafts:
            stock_point(reward_id, town.point.id, supplied=5, by=town.officer)
            offer_reward(reward_id, by=town.officer)

    def toggle():
        start.wait()
        for version in range(9):
            say(town, PAUSED if version % 2 == 0 else WEEK, version=version)

    threads = [threading.Thread(target=stock), threading.Thread(target=toggle)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert is_paused(town.point.id)
    assert [stock.paused for stock in Stock.objects] == [True] * 6
