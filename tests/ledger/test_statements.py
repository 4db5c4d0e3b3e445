"""Statements: newest first, each line with what the account held after it, page by page."""

from datetime import UTC, datetime, timedelta

import pytest

from ledger import (
    AccountNotFound,
    Balance,
    Entry,
    EntryKind,
    Leg,
    NewEntry,
    ReasonCode,
    balance_of,
    owed,
    post_one,
    reverse_entry,
    statement_of,
    voucher,
    wallet,
)
from ledger import statements as stating
from shared.clock import real_now
from shared.cursors import BadCursor, from_cursor, to_cursor
from tests.ledger.coins import PURSE, SOURCE
from tests.ledger.past_book import PastBook, examined, profiled

START = datetime(2026, 3, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
P1 = wallet("p1")


@pytest.fixture
def purse(funded, moving):
    """A wallet with seven lines: 100 in, then 1, 2 … 6 out."""
    purse = funded(wallet("p1"), 100)
    for number in range(1, 7):
        post_one(moving(number, purse, voucher(f"v{number}")))
    return purse


def pages(account, limit, **asked):
    found, cursor = [], None
    while True:
        page = statement_of(account, limit=limit, cursor=cursor, **asked)
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


def test_a_line_says_what_it_is_about_whose_activity_and_both_its_times(funded):
    effective_at = datetime(2026, 1, 2, 3, tzinfo=UTC)
    funded(PURSE, 5)
    legs = [Leg(PURSE, -5), Leg(P1, 5)]
    about = ("participation", "a")
    entry_id = post_one(
        NewEntry("reward:a:1", EntryKind.REWARD, legs, about, effective_at, unit="street")
    )
    (line,) = statement_of(P1).lines
    assert (line.entry_id, line.kind, line.unit) == (entry_id, "reward", "street")
    assert line.about == {"kind": "participation", "id": "a"}
    assert (line.reverses, line.reason) == (None, None)
    assert line.effective_at == effective_at
    assert line.posted_at > effective_at


def test_the_line_of_a_reversal_says_what_it_reverses_and_why(funded, moving):
    funded(PURSE, 5)
    reward_id = post_one(moving(5, PURSE, P1))
    reason = ReasonCode.WORK_NOT_DONE
    reverse_entry(reward_id, reason=reason, effective_at=real_now(), by_id="o1")
    newest, _ = statement_of(P1).lines
    assert (newest.reverses, newest.reason, newest.amount) == (reward_id, "work_not_done", -5)


def test_what_a_person_owes_has_a_statement_too(funded, moving):
    funded(PURSE, 5)
    reward_id = post_one(moving(5, PURSE, P1))
    post_one(moving(5, P1, voucher("v1")))
    reverse_entry(reward_id, reason=ReasonCode.FRAUD, effective_at=real_now(), by_id="o1")
    page = statement_of(owed("p1"))
    assert page.balance == balance_of(owed("p1")) == -5
    assert [(line.amount, line.balance) for line in page.lines] == [(-5, -5)]


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


def test_a_cursor_that_was_changed_is_refused(purse):
    cursor = statement_of(purse, limit=3).next_cursor
    parts = from_cursor(cursor, int, str, int, int, int, str, str)
    for number, part in enumerate(parts):
        changed = part + 1 if isinstance(part, int) else "福" + part[1:]
        altered = [*parts[:number], changed, *parts[number + 1 :]]
        with pytest.raises(BadCursor):
            statement_of(purse, cursor=to_cursor(*altered))


def test_a_cursor_of_another_account_or_currency_is_refused(purse, funded):
    cursor = statement_of(purse, limit=3).next_cursor
    with pytest.raises(BadCursor):
        statement_of(funded(wallet("p2"), 5), cursor=cursor)
    with pytest.raises(BadCursor):
        statement_of(purse, cursor=cursor, currency="CNY")


@pytest.mark.parametrize("name", ["purse:p1", "wallet", "wallet:a:b", ""])
def test_what_is_no_name_of_an_account_has_no_statement(name):
    with pytest.raises(AccountNotFound):
        statement_of(name)


def test_a_page_never_grows_past_its_bound(purse):
    assert len(statement_of(purse, limit=0).lines) == 1
    assert len(statement_of(purse, limit=10**9).lines) == 7


class TestOneDirection:
    @pytest.fixture
    def busy(self, purse, funded):
        """The same wallet with 20 more in, between its spends and one more of 3."""
        funded(purse, 20)
        return purse

    @pytest.mark.parametrize("limit", [1, 2, 3, 100])
    @pytest.mark.parametrize(
        ("direction", "amounts"), [("in", [20, 100]), ("out", [-6, -5, -4, -3, -2, -1])]
    )
    def test_leaves_out_the_other_lines_and_keeps_the_balances(
        self, busy, direction, amounts, limit
    ):
        whole = {line.entry_id: line for line in statement_of(busy).lines}
        lines = [line for page in pages(busy, limit, direction=direction) for line in page.lines]
        assert [line.amount for line in lines] == amounts
        assert all(line == whole[line.entry_id] for line in lines)

    def test_has_no_cursor_where_no_such_line_follows(self, busy):
        assert statement_of(busy, limit=2, direction="in").next_cursor is None

    def test_looks_no_further_than_its_bound_and_says_where_to_go_on(self, busy, monkeypatch):
        monkeypatch.setattr(stating, "MAX_WALKED", 3)
        found = pages(busy, 5, direction="in")
        assert [[line.balance for line in page.lines] for page in found] == [[99], [], [100]]

    @pytest.mark.parametrize("other", [None, "out"])
    def test_a_cursor_of_one_direction_is_not_one_of_another(self, busy, other):
        cursor = statement_of(busy, limit=1, direction="in").next_cursor
        with pytest.raises(BadCursor):
            statement_of(busy, cursor=cursor, direction=other)


class TestADeepPage:
    @pytest.fixture
    def book(self):
        book = PastBook()
        yield book
        book.take_away()

    @pytest.fixture
    def deep(self, book):
        """A wallet with 300 entries, and the cursor of its last page but one."""
        moves = [(number + 1, PURSE, P1, START + number * MINUTE) for number in range(300)]
        book.write(10**6, SOURCE, PURSE, START)
        book.write_all([(*move, move[-1]) for move in moves])
        cursor = None
        for _ in range(28):
            cursor = statement_of(P1, limit=10, cursor=cursor).next_cursor
        return cursor

    def test_reads_no_more_than_it_shows(self, deep):
        with profiled() as records:
            page = statement_of(P1, limit=10, cursor=deep)
        assert page.lines[0].balance == sum(range(1, 21))
        assert examined(records, Entry) <= 12
        assert examined(records, Balance) == 1

    def test_reads_no_more_where_others_were_posted_since(self, book, deep):
        for number in range(5):
            book.write(7, PURSE, P1, START + (400 + number) * MINUTE)
        with profiled() as records:
            page = statement_of(P1, limit=10, cursor=deep)
        assert page.lines[0].balance == sum(range(1, 21))
        assert page.balance == book.recount(P1)
        assert examined(records, Entry) <= 12 + 5

    def test_counts_an_entry_that_was_held_up_and_came_in_below(self, book, deep):
        late = START + timedelta(seconds=90)
        book.write(5_000, PURSE, P1, late, late)
        book.write(7, PURSE, P1, START + 400 * MINUTE)
        page = statement_of(P1, limit=10, cursor=deep)
        rest = statement_of(P1, limit=100, cursor=page.next_cursor)
        for line in (*page.lines, *rest.lines):
            assert line.balance == book.recount(P1, known_at=line.posted_at)
        assert rest.lines[-1].balance == 1
        assert 5_000 in [line.amount for line in rest.lines]

    def test_of_an_account_without_a_stored_balance_begins_at_a_month_end(self, book):
        days = [
            datetime(2026, 3, 10, tzinfo=UTC) + number * timedelta(days=1) for number in range(60)
        ]
        book.write_all([(1, SOURCE, PURSE, day, day) for day in days])
        book.close("2026-03", datetime(2026, 4, 5, tzinfo=UTC))
        first = statement_of(SOURCE, limit=20)
        with profiled() as records:
            second = statement_of(SOURCE, limit=5, cursor=first.next_cursor)
        assert [line.balance for line in second.lines] == [-40, -39, -38, -37, -36]
        # What is effective in the open month for the balance now, up to here for the balance
        # here, and what is shown; but nothing of the closed month.
        assert examined(records, Entry) <= 38 + 19 + 7


def test_a_wallet_of_many_entries_tells_its_balance_from_one_document(funded, moving):
    for number in range(20):
        funded(P1, number + 1)
    with profiled() as records:
        assert balance_of(P1) == 210
    (record,) = records
    assert (record["planSummary"], record["docsExamined"]) == ("IDHACK", 1)
