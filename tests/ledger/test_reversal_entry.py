"""The entry that undoes another: every leg turned round, a person's wallet and debt as one."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import EntryKind, ReasonCode, owed, task, wallet
from ledger.reversal_entry import amount_of, reversal_entry
from shared.ids import new_id

PURE = True
THEN = datetime(2026, 3, 1, 12, tzinfo=UTC)


def stored(legs, **more):
    """An entry as it is stored, with legs of (account, amount) or (account, amount, currency)."""
    return {
        "_id": new_id(),
        "key": "reward:p1:1",
        "kind": "reward",
        "legs": [
            {"account": one[0], "amount": one[1], "currency": (*one, "FUB")[2]} for one in legs
        ],
        "about": {"kind": "participation", "id": "p1"},
        "effective_at": THEN,
        **more,
    }


def sums_of(legs):
    return sorted((leg.account, leg.currency, leg.amount) for leg in legs)


@given(st.lists(st.integers(1, 2**40), min_size=1, max_size=99))
def test_what_went_out_comes_back_to_where_it_was(amounts):
    paid = [(wallet(f"p{number}"), amount) for number, amount in enumerate(amounts)]
    original = stored([(task("t1"), -sum(amounts)), *paid])
    undone = reversal_entry(original, ReasonCode.FRAUD, THEN)
    assert sums_of(undone.legs) == sorted(
        (leg["account"], leg["currency"], -leg["amount"]) for leg in original["legs"]
    )
    assert amount_of(original) == (sum(amounts), "FUB")


def test_it_names_what_it_undoes_and_belongs_to_the_same_thing_and_unit():
    original = stored([(task("t1"), -5), (wallet("p"), 5)], unit="u1")
    undone = reversal_entry(original, ReasonCode.FRAUD, THEN)
    assert (undone.key, undone.kind) == ("reversal:reward:p1:1", EntryKind.REVERSAL)
    assert (undone.reverses, undone.reason) == (original["_id"], ReasonCode.FRAUD)
    assert (undone.about, undone.unit) == (("participation", "p1"), "u1")
    assert undone.effective_at == THEN


def test_what_had_paid_a_debt_is_taken_from_the_wallet_as_a_whole():
    original = stored([(task("t1"), -10), (owed("p"), 3), (wallet("p"), 7)])
    undone = reversal_entry(original, ReasonCode.FRAUD, THEN)
    assert sums_of(undone.legs) == [("task:t1", "FUB", 10), ("wallet:p", "FUB", -10)]


def test_a_hundred_wallets_that_all_paid_debts_are_still_one_entry():
    legs = [(task("t1"), -99 * 5)]
    for number in range(99):
        legs += [(owed(f"p{number}"), 2), (wallet(f"p{number}"), 3)]
    assert len(reversal_entry(stored(legs), ReasonCode.FRAUD, THEN).legs) == 100


def test_a_key_that_leaves_no_room_in_front_gives_way_to_the_id():
    original = stored([(task("t1"), -5), (wallet("p"), 5)], key="k" * 195)
    undone = reversal_entry(original, ReasonCode.FRAUD, THEN)
    assert undone.key == f"reversal:{original['_id']}"


@pytest.mark.parametrize(
    ("legs", "most"),
    [
        ([("merchant:m", -800), ("exchange:FUB", 800)], (800, "FUB")),
        (
            [
                ("merchant:m", -800),
                ("exchange:FUB", 800),
                ("exchange:CNY", -1_600, "CNY"),
                ("payable:m", 1_600, "CNY"),
            ],
            (1_600, "CNY"),
        ),
    ],
)
def test_an_amount_is_what_moves_in_the_currency_in_which_that_is_most(legs, most):
    assert amount_of(stored(legs)) == most
