"""Closing months: in order, never early, once; from then on no entry counts there."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest

from ledger import (
    BadMonth,
    InClosedMonth,
    MonthClosed,
    MonthNotClosed,
    MonthOutOfOrder,
    NotOverYet,
    Posted,
    budget,
    close_month,
    closed_month,
    closed_months,
    finish_closings,
    issued,
    month_balances_of,
    post,
    post_one,
    task,
    voucher,
    wallet,
)
from ledger.book_closing import THE_BOOK, BookClosing, MonthBalance
from ledger.closing_months import closable_from
from ledger.entry import Entry
from settings import settings
from shared.clock import business_month_start
from shared.cursors import BadCursor
from shared.database import collection
from tests.ledger.months import ago, inside, recounted, stored_at_end_of
from tests.racing import at_once

HOUR = timedelta(hours=1)


def held(month):
    """Account → balance of the accounts that moved in the month."""
    page = month_balances_of(month, limit=100)
    assert (page.stored, page.next_cursor) == (True, None)
    return {one.account: one.balance for one in page.items}


def as_if_cut_off(month):
    """Leave a closing as a process leaves it that dies right after the deciding write."""
    collection(MonthBalance).delete_many({"month": month})
    found = {"_id": THE_BOOK, "months.month": month}
    collection(BookClosing).update_one(found, {"$set": {"months.$.stored": False}})


@pytest.fixture
def granted(moving):
    """`granted(10, moment)` grants the street's budget 10 coins, counting from that moment."""

    def grant(coins, moment, **more):
        source, target = issued("350102", 2026), budget("street", 2026)
        return post_one(moving(coins, source, target, effective_at=moment, **more))

    return grant


class TestClosing:
    def test_a_first_month_closes_all_before_it(self, granted):
        month = ago(3)
        closed = close_month(month, by_id="o1")
        assert (closed.month, closed.closed_by, closed.stored) == (month, "o1", True)
        for refused in (month, ago(4), "2001-01"):
            with pytest.raises(MonthClosed):
                granted(10, inside(refused))
        granted(10, inside(ago(2)))

    def test_again_changes_nothing(self, granted):
        first = close_month(ago(3), by_id="o1")
        assert close_month(ago(3), by_id="o2") == first
        assert collection(BookClosing).count_documents({}) == 1

    def test_goes_in_order(self):
        close_month(ago(4), by_id="o1")
        for other in (ago(2), ago(5), ago(1)):
            with pytest.raises(MonthOutOfOrder) as refusal:
                close_month(other, by_id="o1")
            assert refusal.value.facts["next"] == ago(3)
        close_month(ago(3), by_id="o1")
        assert [one.month for one in closed_months()] == [ago(3), ago(4)]

    def test_waits_for_the_end_of_the_month(self):
        for early in (ago(0), ago(-1)):
            with pytest.raises(NotOverYet):
                close_month(early, by_id="o1")
        assert closed_months() == []

    def test_waits_five_minutes_more_in_the_business_time_zone(self, monkeypatch):
        assert closable_from("2026-01") == datetime(2026, 1, 31, 16, 5, tzinfo=UTC)
        monkeypatch.setenv("BUSINESS_TIME_ZONE", "America/New_York")
        settings.cache_clear()
        try:
            assert closable_from("2026-02") == datetime(2026, 3, 1, 5, 5, tzinfo=UTC)
        finally:
            monkeypatch.undo()
            settings.cache_clear()

    @pytest.mark.parametrize(
        "text", ["", "2026", "2026-13", "2026-1", "0000-01", "2101-01", "2026-01\n", "２０２６-01"]
    )
    def test_knows_what_a_month_is(self, text):
        for verb in (lambda: close_month(text, by_id="o1"), lambda: month_balances_of(text)):
            with pytest.raises(BadMonth):
                verb()

    def test_says_that_a_month_was_not_closed(self):
        close_month(ago(2), by_id="o1")
        for month in (ago(1), ago(3)):
            with pytest.raises(MonthNotClosed):
                closed_month(month)
            with pytest.raises(MonthNotClosed):
                month_balances_of(month)


class TestTheBalances:
    def test_are_those_at_the_month_end_of_what_moved(self, granted, moving):
        granted(100, inside(ago(3)))
        escrow = [budget("street", 2026), task("t1")]
        post_one(moving(30, *escrow, effective_at=inside(ago(3), 2)))
        post_one(moving(10, task("t1"), wallet("p1"), effective_at=inside(ago(2))))
        post_one(moving(4, wallet("p1"), voucher("v1"), effective_at=inside(ago(1))))
        for months in (3, 2, 1):
            close_month(ago(months), by_id="o1")
        opening = {"issued:350102:2026": -100, "budget:street:general:2026:0": 70}
        assert held(ago(3)) == {**opening, "task:t1": 30}
        assert held(ago(2)) == {"task:t1": 20, "wallet:p1": 10}
        assert held(ago(1)) == {"wallet:p1": 6, "voucher:v1": 4}
        for months in (3, 2, 1):
            assert stored_at_end_of(ago(months)) == recounted(ago(months))

    def test_go_by_the_month_an_entry_counts_in_not_by_when_it_was_posted(self, granted):
        end = business_month_start(ago(2))
        granted(1, end - timedelta(milliseconds=1))
        granted(10, end)
        close_month(ago(3), by_id="o1")
        granted(100, business_month_start(ago(1)) - timedelta(milliseconds=1))
        close_month(ago(2), by_id="o1")
        street = budget("street", 2026)
        assert (held(ago(3))[street], held(ago(2))[street]) == (1, 111)

    def test_keep_currencies_apart_and_show_what_came_to_nothing(self, granted, moving):
        granted(10, inside(ago(2)))
        granted(7, inside(ago(2)), currency="CNY")
        post_one(moving(10, budget("street", 2026), task("t1"), effective_at=inside(ago(2))))
        close_month(ago(2), by_id="o1")
        rows = {(one.account, one.currency): one.balance for one in page_of(ago(2), 100).items}
        assert rows[budget("street", 2026), "FUB"] == 0
        assert rows[budget("street", 2026), "CNY"] == 7

    def test_are_paged_by_name(self, granted, moving):
        granted(100, inside(ago(2)))
        for number in range(5):
            way = (budget("street", 2026), wallet(f"p{number}"))
            post_one(moving(number + 1, *way, effective_at=inside(ago(2))))
        close_month(ago(2), by_id="o1")
        close_month(ago(1), by_id="o1")
        seen, cursor = [], None
        for _ in range(4):
            page = page_of(ago(2), 2, cursor)
            seen += [one.account for one in page.items]
            cursor = page.next_cursor
        assert cursor is None
        assert seen == sorted(seen)
        assert len(seen) == 7
        assert held(ago(1)) == {}
        with pytest.raises(BadCursor):
            month_balances_of(ago(2), cursor="made up")


def page_of(month, limit, cursor=None):
    return month_balances_of(month, limit=limit, cursor=cursor)


class TestACutOffClosing:
    def test_is_finished_by_the_sweep_which_may_come_twice(self, granted):
        granted(5, inside(ago(3)))
        granted(7, inside(ago(2)))
        whole = [
            (close_month(ago(months), by_id="o1"), stored_at_end_of(ago(months)))
            for months in (3, 2)
        ]
        as_if_cut_off(ago(3))
        as_if_cut_off(ago(2))
        assert page_of(ago(2), 10).stored is False
        assert page_of(ago(2), 10).items == ()
        assert finish_closings() == 2
        assert finish_closings() == 0
        for months, (closed, balances) in zip((3, 2), whole, strict=True):
            assert closed_month(ago(months)) == closed
            assert stored_at_end_of(ago(months)) == balances == recounted(ago(months))

    def test_is_finished_by_its_repeat_and_by_the_next_closing(self, granted):
        granted(5, inside(ago(3)))
        close_month(ago(3), by_id="o1")
        as_if_cut_off(ago(3))
        assert close_month(ago(3), by_id="o1").stored is True
        as_if_cut_off(ago(3))
        granted(7, inside(ago(2)))
        close_month(ago(2), by_id="o1")
        assert held(ago(3))[budget("street", 2026)] == 5
        assert held(ago(2))[budget("street", 2026)] == 12

    def test_takes_no_entry_before_its_balances_are_stored(self, granted):
        close_month(ago(3), by_id="o1")
        as_if_cut_off(ago(3))
        with pytest.raises(MonthClosed):
            granted(5, inside(ago(3)))

    def test_stores_the_same_however_many_finish_it(self, granted):
        granted(5, inside(ago(3)))
        close_month(ago(3), by_id="o1")
        as_if_cut_off(ago(3))
        assert all(isinstance(one, int) for one in at_once(8, lambda _: finish_closings()))
        assert stored_at_end_of(ago(3)) == recounted(ago(3))


class TestRaces:
    def test_of_many_who_close_a_month_one_does_and_all_hear_the_same(self):
        for months in (4, 3, 2):
            answers = at_once(10, lambda number: close_month(ago(months), by_id=f"o{number}"))  # noqa: B023
            assert len({(one.closed_by, one.closed_at) for one in answers}) == 1
        assert [one.month for one in closed_months()] == [ago(2), ago(3), ago(4)]

    def test_a_post_and_a_closing_never_pass_each_other(self, moving):
        rounds, posters, each = 24, 5, 4
        answered = defaultdict(int)
        for past in range(rounds, 0, -1):
            month = ago(past)
            moment = inside(month, hours=5)
            source, street = issued("350102", 2026), budget("street", 2026)

            first_answered = Event()

            def act(number, month=month, moment=moment, first_answered=first_answered):
                if number == posters:
                    assert first_answered.wait(20)
                    return close_month(month, by_id="o1")
                outcomes = []
                for _ in range(each):
                    outcomes += post([moving(1, source, street, effective_at=moment)])  # noqa: B023
                    first_answered.set()
                return outcomes

            *answers, closed = at_once(posters + 1, act)
            assert closed.stored is True
            outcomes = [outcome for one in answers for outcome in one]
            posted = [one for one in outcomes if isinstance(one, Posted)]
            late = [one for one in outcomes if one == InClosedMonth(month)]
            assert len(posted) + len(late) == posters * each
            assert stored_at_end_of(month) == recounted(month)
            answered["posted"] += len(posted)
            answered["late"] += len(late)
        in_the_book = collection(Entry).count_documents({"kind": "budget_grant"})
        assert in_the_book == answered["posted"]
        # Unless both happened, nothing met and the rounds showed nothing.
        assert answered["posted"] > 0
        assert answered["late"] > 0
