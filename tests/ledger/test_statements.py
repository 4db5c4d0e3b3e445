"""Balances and statements: newest first, each line with what the account held after it."""

from datetime import UTC, datetime

import pytest

from ledger import (
    AccountNotFound,
    EntryKind,
    Leg,
    NewEntry,
    balance_of,
    issued,
    post_one,
    statement_of,
    voucher,
    wallet,
)
from shared.cursors import BadCursor, to_cursor

SOURCE = issued("350102", 2026)


@pytest.fixture
def purse(funded, moving):
    """A wallet with seven lines: 100 in, then 1, 2 … 6 out."""
    purse = funded(wallet("p1"), 100)
    for number in range(1, 7):
        post_one(moving(number, purse, voucher(f"v{number}")))
    return purse


def pages(account, limit):
    found, cursor = [], None
    while True:
        page = statement_of(account, limit=limit, cursor=cursor)
        found.append(page)
        cursor = page.next_cursor
        if cursor is None:
            return found


def test_an_account_never_used_is_empty():
    page = statement_of(wallet("nobody"))
    assert (page.balance, page.lines, page.next_cursor) == (0, (), None)


def test_lines_come_newest_first_with_the_balance_after_each(purse):
    page = statement_of(purse)
    assert [line.amount for line in page.lines] == [-6, -5, -4, -3, -2, -1, 100]
    assert [line.balance for line in page.lines] == [79, 85, 90, 94, 97, 99, 100]
    assert page.balance == balance_of(purse) == 79


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_pages_join_to_the_whole(purse, limit):
    whole = statement_of(purse).lines
    found = pages(purse, limit)
    assert tuple(line for page in found for line in page.lines) == whole
    assert all(len(page.lines) <= limit for page in found)


def test_a_line_posted_between_two_pages_moves_no_line_of_the_second(purse, moving):
    first = statement_of(purse, limit=3)
    rest_before = statement_of(purse, limit=10, cursor=first.next_cursor).lines
    post_one(moving(50, purse, voucher("late")))
    second = statement_of(purse, limit=10, cursor=first.next_cursor)
    assert second.lines == rest_before
    assert second.balance == 29


def test_a_line_says_what_it_is_about_and_both_its_times():
    effective_at = datetime(2026, 1, 2, 3, tzinfo=UTC)
    legs = [Leg(SOURCE, -5), Leg(wallet("p1"), 5)]
    entry_id = post_one(
        NewEntry("reward:a:1", EntryKind.REWARD, legs, ("participation", "a"), effective_at)
    )
    (line,) = statement_of(wallet("p1")).lines
    assert (line.entry_id, line.kind) == (entry_id, "reward")
    assert (line.about_kind, line.about_id) == ("participation", "a")
    assert line.effective_at == effective_at
    assert line.posted_at > effective_at


def test_several_legs_on_the_account_are_one_line(funded):
    purse = funded(wallet("p1"), 10)
    legs = [Leg(purse, -6), Leg(purse, 2), Leg(voucher("v1"), 4)]
    post_one(NewEntry("k", EntryKind.ORDER, legs, ("voucher", "v1")))
    assert [line.amount for line in statement_of(purse).lines] == [-4, 10]


def test_currencies_have_statements_of_their_own(funded):
    funded(wallet("p1"), 10)
    funded(wallet("p1"), 3, currency="CNY")
    assert [line.amount for line in statement_of(wallet("p1")).lines] == [10]
    assert [line.amount for line in statement_of(wallet("p1"), currency="CNY").lines] == [3]


def test_an_account_without_a_stored_balance_is_added_up(funded):
    funded(wallet("p1"), 10)
    funded(wallet("p2"), 5)
    found = pages(SOURCE, 1)
    assert balance_of(SOURCE) == -15
    assert [page.lines[0].balance for page in found] == [-15, -10]


@pytest.mark.parametrize(
    "cursor", ["x", "福", "!!!!", to_cursor(1), to_cursor("a", "b"), to_cursor(10**18, "0" * 24)]
)
def test_a_cursor_made_up_is_refused(purse, cursor):
    with pytest.raises(BadCursor):
        statement_of(purse, cursor=cursor)


@pytest.mark.parametrize("name", ["purse:p1", "wallet", "wallet:a:b", ""])
def test_what_is_no_name_of_an_account_has_no_statement(name):
    with pytest.raises(AccountNotFound):
        statement_of(name)


def test_a_page_never_grows_past_its_bound(purse):
    assert len(statement_of(purse, limit=0).lines) == 1
    assert len(statement_of(purse, limit=10**9).lines) == 7
