"""The tree of accounts: totals level by level, page by page, equal to the book's."""

from datetime import UTC, datetime, timedelta

import pytest

from ledger import (
    Balance,
    Entry,
    NoSuchBranch,
    ReasonCode,
    account_tree,
    balance_of,
    budget,
    expired,
    issued,
    merchant,
    payable,
    post_one,
    reverse_entry,
    trial_balance,
    voucher,
    wallet,
)
from shared.clock import real_now
from shared.cursors import BadCursor, to_cursor
from tests.ledger.coins import PURSE, SOURCE
from tests.ledger.past_book import PastBook, examined, profiled

P1 = wallet("p1")
START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def book():
    book = PastBook()
    yield book
    book.take_away()


@pytest.fixture
def town(book):
    """Two units with budgets of several funds, slices and years, and people with coins."""
    for unit, year, number, fund, coins in (
        ("u1", 2026, 0, "general", 500),
        ("u1", 2026, 1, "general", 300),
        ("u1", 2027, 0, "general", 20),
        ("u1", 2026, 0, "flood", 10),
        ("u1-a", 2026, 0, "general", 7),
    ):
        book.write(coins, SOURCE, budget(unit, year, number, fund=fund), START)
    book.write(5, issued("350103", 2025), budget("u1", 2026), START, currency="CNY")
    for number in range(12):
        book.write(number + 1, budget("u1", 2026), wallet(f"p{number}"), START + DAY)
    book.write(4, wallet("p11"), voucher("v1"), START + 40 * DAY)
    book.write(4, voucher("v1"), expired(), START + 41 * DAY)
    return book


def level(under, **more):
    return {node.name: (node.total, node.accounts) for node in account_tree(under, **more).nodes}


def walked(under, limit, currency="FUB"):
    """Every node of a level, gathered page by page."""
    found, cursor = [], None
    while True:
        page = account_tree(under, currency, cursor=cursor, limit=limit)
        assert len(page.nodes) <= limit
        found += page.nodes
        cursor = page.next_cursor
        if cursor is None:
            return found


class TestLevels:
    def test_the_top_is_the_kinds_and_agrees_with_the_trial_balance(self, town):
        told = account_tree()
        assert level("") == {
            "issued": (-837, 1),
            "budget": (759, 5),
            "wallet": (74, 12),
            "voucher": (0, 1),
            "expired": (4, 1),
        }
        (coins, _) = trial_balance().currencies
        assert {node.name: node.total for node in told.nodes} == coins.by_kind
        assert {node.name for node in told.nodes if not node.has_children} == {"expired"}

    def test_each_level_is_the_next_part_of_the_names(self, town):
        assert level("budget") == {"budget:u1": (752, 4), "budget:u1-a": (7, 1)}
        assert level("budget:u1") == {
            "budget:u1:flood": (10, 1),
            "budget:u1:general": (742, 3),
        }
        assert level("budget:u1:general") == {
            "budget:u1:general:2026": (722, 2),
            "budget:u1:general:2027": (20, 1),
        }
        page = account_tree("budget:u1:general:2026")
        assert [node.name for node in page.nodes] == [
            "budget:u1:general:2026:0",
            "budget:u1:general:2026:1",
        ]
        assert {node.has_children for node in page.nodes} == {False}
        assert [node.total for node in page.nodes] == [balance_of(node.name) for node in page.nodes]

    def test_a_quarters_budget_stands_beside_its_years(self, town):
        year, quarter = budget("u1", 2026), budget("u1", 2026, quarter=3)
        town.write(40, year, quarter, START + DAY)
        assert level("budget:u1:general") == {
            "budget:u1:general:2026": (682, 2),
            "budget:u1:general:2026Q3": (40, 1),
            "budget:u1:general:2027": (20, 1),
        }
        assert level("budget:u1:general:2026Q3") == {quarter: (40, 1)}
        nodes = account_tree("budget:u1:general").nodes
        for limit in (1, 2):
            assert walked("budget:u1:general", limit) == list(nodes)

    def test_system_accounts_have_levels_too(self, town):
        assert level("issued") == {"issued:350102": (-837, 1)}
        assert level("issued:350102") == {SOURCE: (-837, 1)}
        assert level("issued", currency="CNY") == {"issued:350103": (-5, 1)}
        assert account_tree("issued").nodes[0].has_children

    def test_currencies_are_kept_apart(self, town):
        assert level("", currency="CNY") == {"issued": (-5, 1), "budget": (5, 1)}
        assert level("wallet", currency="CNY") == {}

    @pytest.mark.parametrize("name", ["expired", "wallet:p1", "budget:u1:general:2026:0"])
    def test_a_whole_name_has_nothing_below_it(self, town, name):
        assert account_tree(name).nodes == ()

    def test_of_an_empty_book_there_is_nothing(self):
        for under in ("", "wallet", "issued", "budget:u1"):
            assert account_tree(under).nodes == ()


class TestPages:
    @pytest.mark.parametrize("under", ["budget", "budget:u1", "wallet", "issued:350102"])
    @pytest.mark.parametrize("limit", [1, 2, 5])
    def test_join_to_the_whole(self, town, under, limit):
        assert walked(under, limit) == list(account_tree(under, limit=100).nodes)

    def test_of_system_accounts_join_to_the_whole(self, book):
        book.write(1_000, SOURCE, PURSE, START)
        book.write(1_000, PURSE, P1, START)
        for number in range(11):
            book.write(50, P1, merchant(f"m{number}"), START)
            book.write(number + 1, merchant(f"m{number}"), payable(f"m{number}"), START)
        whole = account_tree("payable").nodes
        assert len(whole) == 11
        assert sum(node.total for node in whole) == sum(range(1, 12))
        assert walked("payable", 3) == list(whole)

    def test_of_many_wallets_read_no_more_than_they_show(self, town):
        first = account_tree("wallet", limit=4)
        with profiled() as records:
            second = account_tree("wallet", limit=4, cursor=first.next_cursor)
        assert len(second.nodes) == 4
        assert examined(records, Balance) <= 5
        assert examined(records, Entry) == 0

    @pytest.mark.parametrize("under", ["", "issued", "issued:350102", "expired"])
    def test_of_system_accounts_read_their_own_entries_alone(self, town, under):
        own = [
            entry
            for entry in town.entries
            if any(
                leg["account"].startswith(under or ("issued", "expired")) for leg in entry["legs"]
            )
        ]
        with profiled() as records:
            account_tree(under)
        assert examined(records, Entry) <= len(own) < len(town.entries)

    @pytest.mark.parametrize("cursor", ["x", "福", to_cursor(1), to_cursor("a", "b")])
    def test_a_cursor_made_up_is_refused(self, town, cursor):
        with pytest.raises(BadCursor):
            account_tree("wallet", cursor=cursor)


def test_after_a_closing_system_accounts_are_the_same(town):
    before = [account_tree(under) for under in ("", "issued", "issued:350102")]
    town.close("2026-03", datetime(2026, 4, 5, tzinfo=UTC))
    assert [account_tree(under) for under in ("", "issued", "issued:350102")] == before
    with profiled() as records:
        account_tree("issued")
    assert examined(records, Entry) == 0


def test_what_is_owed_stands_in_the_tree(funded, moving):
    funded(PURSE, 5)
    reward_id = post_one(moving(5, PURSE, P1))
    post_one(moving(5, P1, voucher("v1")))
    reverse_entry(reward_id, reason=ReasonCode.FRAUD, effective_at=real_now(), by_id="o1")
    assert level("owed") == {"owed:p1": (-5, 1)}
    assert level("")["owed"] == (-5, 1)


@pytest.mark.parametrize(
    "under", ["purse", "budget:", "budget:a b", "wallet:p1:x", "budget:u1:g:2026:0:1", ":", "*"]
)
def test_what_no_name_begins_with_is_no_branch(under):
    with pytest.raises(NoSuchBranch) as refusal:
        account_tree(under)
    assert refusal.value.field == "under"
