"""What reversals left behind: the coins they brought back, and the entries they undid."""

from datetime import timedelta

import pytest

from ledger import (
    AccountKind,
    Entry,
    ReasonCode,
    budget,
    post_one,
    reversals_into,
    reverse_entry,
    reversed_among,
    reversed_entries,
    task,
    wallet,
)
from shared.clock import real_now
from shared.database import collection, database
from shared.ids import new_id

LONG_AGO = real_now() - timedelta(days=30)


@pytest.fixture
def rewarded(moving, funded):
    """`rewarded("t1", 10)` is the id of a reward of 10 coins out of a task's escrow."""

    def reward(task_id, coins):
        return post_one(moving(coins, funded(task(task_id), coins), wallet("p1")))

    return reward


def undone(entry_id):
    """The id of the entry's reversal."""
    asked = {"reason": ReasonCode.FRAUD, "effective_at": real_now(), "by_id": "o1"}
    return reverse_entry(entry_id, **asked).reversal_id


class TestWhatReversalsBroughtBack:
    def test_is_told_once_an_account_with_what_lies_there(self, rewarded, moving):
        for entry_id in [rewarded("t1", 10), rewarded("t2", 5), rewarded("t1", 7)]:
            undone(entry_id)
        post_one(moving(4, task("t1"), budget("street", 2026)))
        found = reversals_into(AccountKind.TASK, since=LONG_AGO)
        assert [(each.account, each.owner_id) for each in found] == [
            (task("t1"), "t1"),
            (task("t2"), "t2"),
        ]
        assert [(each.amount, each.currency) for each in found] == [(13, "FUB"), (5, "FUB")]

    def test_says_how_much_was_posted_there(self, rewarded, moving):
        undone(rewarded("t1", 10))
        (before,) = reversals_into(AccountKind.TASK, since=LONG_AGO)
        post_one(moving(1, task("t1"), budget("street", 2026)))
        (after,) = reversals_into(AccountKind.TASK, since=LONG_AGO)
        assert after.entries == before.entries + 1

    def test_is_not_what_was_posted_before(self, rewarded):
        reversal_id = undone(rewarded("t1", 10))
        posted_at = collection(Entry).find_one({"_id": reversal_id})["posted_at"]
        assert len(reversals_into(AccountKind.TASK, since=posted_at)) == 1
        later = posted_at + timedelta(milliseconds=1)
        assert reversals_into(AccountKind.TASK, since=later) == []

    def test_is_not_what_other_entries_brought(self, rewarded):
        rewarded("t1", 10)
        assert reversals_into(AccountKind.TASK, since=LONG_AGO) == []

    def test_is_not_what_a_reversal_took(self, rewarded):
        undone(rewarded("t1", 10))
        for kind in (AccountKind.WALLET, AccountKind.VOUCHER):
            assert reversals_into(kind, since=LONG_AGO) == []

    def test_is_not_what_left_the_account_again(self, rewarded, moving):
        undone(rewarded("t1", 10))
        undone(rewarded("t2", 10))
        post_one(moving(10, task("t1"), budget("street", 2026)))
        (found,) = reversals_into(AccountKind.TASK, since=LONG_AGO)
        assert found.account == task("t2")

    def test_is_told_whole_where_balances_are_asked_in_slices(self, rewarded, monkeypatch):
        monkeypatch.setattr(reversed_entries, "SLICE", 2)
        for number in range(5):
            undone(rewarded(f"t{number}", 10))
        found = reversals_into(AccountKind.TASK, since=LONG_AGO)
        assert [each.owner_id for each in found] == [f"t{number}" for number in range(5)]


@pytest.fixture
def profiled():
    """`profiled(ask)` is what the server says it did with each query on entries in `ask()`."""

    def profile(ask):
        database().command("profile", 2)
        try:
            ask()
        finally:
            database().command("profile", 0)
        own = f"{database().name}.{collection(Entry).name}"
        done = list(database()["system.profile"].find({"op": "query", "ns": own}))
        database()["system.profile"].drop()
        return done

    return profile


@pytest.mark.parametrize(
    "ask",
    [
        lambda _made: reversals_into(AccountKind.TASK, since=LONG_AGO),
        lambda made: reversed_among(made),
    ],
)
def test_reversals_alone_are_looked_at_never_the_book(rewarded, profiled, ask):
    made = [rewarded(f"t{number}", 10) for number in range(20)]
    for entry_id in made[:2]:
        undone(entry_id)
    (done,) = profiled(lambda: ask(made))
    assert "reverses" in done["planSummary"]
    assert done["docsExamined"] <= 2
    assert done["keysExamined"] <= len(made) + 2


class TestWhichEntriesWereReversed:
    def test_are_told_among_those_asked_about(self, rewarded):
        first, second, third = (rewarded(f"t{number}", 10) for number in range(3))
        undone(first)
        undone(third)
        assert reversed_among([first, second]) == {first}
        assert reversed_among({second, new_id()}) == set()

    def test_of_none_are_none(self):
        assert reversed_among([]) == set()
