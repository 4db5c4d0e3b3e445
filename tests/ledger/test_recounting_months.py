"""Closed months: what came in after they closed, and balances that no entries give, are found."""

from datetime import timedelta

import pytest
from bson import Int64

from ledger import Entry, FindingKind, close_month, post_one, prove, task, wallet
from ledger.book_closing import THE_BOOK, BookClosing, MonthBalance
from shared.clock import business_month, business_month_start, month_later, real_now
from tests.ledger import tampering
from tests.ledger.coins import PURSE
from tests.ledger.tampering import change, found, put, remove, said


@pytest.fixture(autouse=True)
def spoilt():
    yield
    tampering.take_away()


def ago(months):
    return month_later(business_month(real_now()), -months)


@pytest.fixture
def closed(funded, moving):
    """Two closed months: 100 into the purse before the first, 60 and then 10 out in each."""
    funded(PURSE, 100, effective_at=business_month_start(ago(4)))
    for months, coins in ((3, 60), (2, 10)):
        inside = business_month_start(ago(months)) + timedelta(days=3)
        post_one(moving(coins, PURSE, task("t1"), effective_at=inside))
    close_month(ago(3), by_id="o1")
    close_month(ago(2), by_id="o1")
    post_one(moving(5, PURSE, task("t1"), effective_at=business_month_start(ago(1))))
    return ago(3), ago(2)


def balance(month, account=PURSE):
    return f"{month}|{account}|FUB"


def test_closed_months_are_sound(closed):
    assert prove() == []


def test_a_balance_changed_by_hand_is_named(closed):
    first, _ = closed
    change(MonthBalance, balance(first), {"$set": {"balance": Int64(41)}})
    assert found() == [(FindingKind.MONTH_DIFFERS, balance(first), 41, 40)]
    assert said() == [f"{balance(first)} ended the month with 41, but its entries say 40"]


def test_a_missing_and_an_invented_balance_are_named(closed):
    first, second = closed
    remove(MonthBalance, balance(second, task("t1")))
    put(
        MonthBalance,
        {
            "_id": balance(first, wallet("p1")),
            "month": first,
            "account": wallet("p1"),
            "currency": "FUB",
            "balance": Int64(9),
        },
    )
    assert found() == [
        (FindingKind.MONTH_DIFFERS, balance(first, wallet("p1")), 9, None),
        (FindingKind.MONTH_DIFFERS, balance(second, task("t1")), None, 70),
    ]


def test_a_balance_under_another_name_than_its_fields_is_named(closed):
    first, _ = closed
    change(MonthBalance, balance(first), {"$set": {"account": task("t9")}})
    assert found() == [
        (FindingKind.MONTH_DIFFERS, balance(first), None, 40),
        (FindingKind.MONTH_DIFFERS, f"misnamed {balance(first)}", 40, None),
    ]


def test_a_balance_of_a_month_that_is_not_closed_is_named(funded):
    funded(PURSE, 100)
    this = ago(0)
    put(
        MonthBalance,
        {
            "_id": balance(this),
            "month": this,
            "account": PURSE,
            "currency": "FUB",
            "balance": Int64(100),
        },
    )
    assert found() == [(FindingKind.MONTH_DIFFERS, balance(this), 100, None)]


def test_a_month_whose_balances_are_still_being_stored_is_not_compared(closed):
    _, second = closed
    remove(MonthBalance, balance(second))
    change(
        BookClosing,
        {"_id": THE_BOOK, "months.month": second},
        {"$set": {"months.$.stored": False}},
    )
    assert prove() == []


@pytest.fixture
def slipped_in(closed, moving):
    """An entry that counts in the second closed month, stamped so long after the closing."""

    def slip(after, effective_at):
        entry = post_one(moving(1, PURSE, task("t1")))
        posted_at = real_now() + after
        change(Entry, entry, {"$set": {"posted_at": posted_at, "effective_at": effective_at}})
        return entry

    return slip


def test_an_entry_slipped_into_a_closed_month_is_named(closed, slipped_in):
    _, second = closed
    inside = business_month_start(second) + timedelta(days=9)
    late = slipped_in(timedelta(minutes=2), inside)
    assert found() == [
        (FindingKind.POSTED_AFTER_CLOSING, late, second, None),
        (FindingKind.MONTH_DIFFERS, balance(second), 30, 29),
        (FindingKind.MONTH_DIFFERS, balance(second, task("t1")), 70, 71),
    ]
    assert said()[0] == f"entry {late} counts in {second}, and was posted after it closed"


def test_an_entry_slipped_in_before_the_first_closed_month_is_named(slipped_in):
    late = slipped_in(timedelta(minutes=2), business_month_start(ago(5)))
    assert found()[0] == (FindingKind.POSTED_AFTER_CLOSING, late, ago(5), None)


def test_an_entry_slipped_in_right_after_the_closing_shows_in_the_balances(closed, slipped_in):
    _, second = closed
    slipped_in(timedelta(seconds=5), business_month_start(second))
    assert [finding[:2] for finding in found()] == [
        (FindingKind.MONTH_DIFFERS, balance(second)),
        (FindingKind.MONTH_DIFFERS, balance(second, task("t1"))),
    ]


def test_a_book_opened_again_by_hand_is_named(closed):
    first, second = closed
    change(BookClosing, THE_BOOK, {"$set": {"closed_through": first}})
    assert found() == [(FindingKind.CLOSING_DIFFERS, THE_BOOK, first, second)]
    assert said() == [f"the book is closed through {first}, but the last month is {second}"]
