"""Many officers at one entry: it is reversed once, or not at all, whoever comes when."""

from collections import Counter

import pytest

from ledger import (
    AlreadyReversed,
    Entry,
    ReasonCode,
    Reversal,
    ReversalDecided,
    ReversalState,
    ReversalWaiting,
    approve_reversal,
    balance_of,
    decline_reversal,
    entry_of,
    post_one,
    reverse_entry,
    task,
    wallet,
)
from shared.clock import real_now
from shared.database import collection
from tests.racing import at_once

SMALL, LARGE = 10, 2_000


@pytest.fixture
def rewarded(moving, funded):
    """`rewarded(10)` is the id of a reward of 10 coins to p1."""

    def reward(coins):
        return post_one(moving(coins, funded(task("t1"), coins), wallet("p1")))

    return reward


def reversals():
    return collection(Entry).count_documents({"kind": "reversal"})


def test_20_threads_of_one_officer_reverse_it_once_and_all_hear_the_same(rewarded):
    entry_id, moment = rewarded(SMALL), real_now()

    def reverse(_number):
        return reverse_entry(entry_id, reason=ReasonCode.FRAUD, effective_at=moment, by_id="o1")

    answers = at_once(20, reverse)
    assert len(set(answers)) == 1
    assert isinstance(answers[0], Reversal)
    assert (reversals(), balance_of(wallet("p1"))) == (1, 0)


@pytest.mark.parametrize(("coins", "refusal"), [(SMALL, AlreadyReversed), (LARGE, ReversalWaiting)])
def test_of_20_officers_one_is_first(rewarded, coins, refusal):
    entry_id, moment = rewarded(coins), real_now()

    def reverse(number):
        return reverse_entry(
            entry_id, reason=ReasonCode.FRAUD, effective_at=moment, by_id=f"o{number}"
        )

    answers = at_once(20, reverse)
    assert Counter(type(answer) for answer in answers) == {Reversal: 1, refusal: 19}
    assert reversals() == (coins == SMALL)


def test_of_10_who_approve_one_is_first(rewarded):
    entry_id = rewarded(LARGE)
    reverse_entry(entry_id, reason=ReasonCode.FRAUD, effective_at=real_now(), by_id="o")
    answers = at_once(10, lambda number: approve_reversal(entry_id, by_id=f"o{number}"))
    assert Counter(type(answer) for answer in answers) == {Reversal: 1, ReversalDecided: 9}
    (first,) = (answer for answer in answers if isinstance(answer, Reversal))
    assert entry_of(entry_id).reversal == first
    assert (reversals(), balance_of(wallet("p1"))) == (1, 0)


def test_who_approves_and_who_declines_never_both_win(rewarded):
    verbs = (approve_reversal, decline_reversal)
    seen = Counter()
    for _ in range(8):
        entry_id = rewarded(LARGE)
        reverse_entry(entry_id, reason=ReasonCode.FRAUD, effective_at=real_now(), by_id="o")
        answers = at_once(4, lambda number: verbs[number % 2](entry_id, by_id=f"o{number}"))  # noqa: B023
        assert Counter(type(one) for one in answers) == {Reversal: 1, ReversalDecided: 3}
        (won,) = (answer for answer in answers if isinstance(answer, Reversal))
        stands = entry_of(entry_id)
        assert stands.reversal == won
        assert (stands.reversed_by is not None) == (won.state == ReversalState.POSTED)
        seen[won.state] += 1
    assert reversals() == seen[ReversalState.POSTED]


def test_who_asks_anew_after_a_decline_is_one_of_many(rewarded):
    entry_id = rewarded(LARGE)
    reverse_entry(entry_id, reason=ReasonCode.FRAUD, effective_at=real_now(), by_id="o")
    decline_reversal(entry_id, by_id="o")
    moment = real_now()

    def ask(number):
        return reverse_entry(
            entry_id, reason=ReasonCode.DUPLICATE, effective_at=moment, by_id=f"o{number}"
        )

    answers = at_once(10, ask)
    assert Counter(type(answer) for answer in answers) == {Reversal: 1, ReversalWaiting: 9}
