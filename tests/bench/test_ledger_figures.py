"""The ledger benchmark's arithmetic: whose turn it is, what the figures mean, what is posted."""

import itertools

from bench.parts.ledger_figures import Slot, figures_of, percentile, turns
from bench.parts.ledger_moves import MADE, Sizes, grants, history, moves, payout
from ledger import EntryKind, accounts
from ledger.accounts import is_guarded

PURE = True
SIDES = {"single": ["ours", "bare"], "concurrent32": ["ours", "bare", "medici"]}
TINY = Sizes(tasks=150, wallets=250, merchants=3, history=7, payout=5)


def test_a_round_asks_every_variant_once_and_keeps_the_sides_of_a_figure_together():
    for number in range(12):
        order = turns(SIDES, number)
        assert sorted(order) == sorted((name, side) for name in SIDES for side in SIDES[name])
        assert [name for name, _ in itertools.groupby(order, key=lambda one: one[0])] in (
            ["single", "concurrent32"],
            ["concurrent32", "single"],
        )


def test_every_figure_and_every_side_goes_first_at_times():
    orders = [turns(SIDES, number) for number in range(6)]
    assert {order[0][0] for order in orders} == set(SIDES)
    firsts = [next(side for name, side in order if name == "concurrent32") for order in orders]
    assert set(firsts) == set(SIDES["concurrent32"])


def test_ratios_are_taken_round_by_round_and_say_their_range():
    measured = {
        ("single", "ours"): [Slot(50, [1, 2]), Slot(10, [3]), Slot(80, [4])],
        ("single", "bare"): [Slot(100, [5]), Slot(20, [6]), Slot(100, [7])],
    }
    figure = figures_of(measured)["single"]
    assert figure["ratio_to_bare"] == 0.5
    assert (figure["ratio_to_bare_lowest"], figure["ratio_to_bare_highest"]) == (0.5, 0.8)
    assert (figure["ours_per_s"], figure["bare_per_s"]) == (50, 100)
    assert (figure["ours_p50_ms"], figure["ours_p99_ms"]) == (2.5, 4)


def test_a_percentile_is_one_of_the_values():
    values = list(range(100, 0, -1))
    assert percentile(values, 99) == 99
    assert percentile(values, 100) == 100
    assert percentile([7.5], 99) == 7.5


def test_moves_are_between_guarded_accounts_that_were_filled():
    filled = {leg.account for entry in grants(TINY) for leg in entry.legs if leg.amount > 0}
    for kind in MADE:
        for move in itertools.islice(moves(kind, TINY, "x"), 300):
            assert is_guarded(move.out_of)
            assert is_guarded(move.into)
            assert {move.out_of, move.into} <= filled


def test_no_two_moves_share_a_key():
    made = [moves("spends", TINY, "a"), moves("hot", TINY, "b")]
    keys = [move.key for some in made for move in itertools.islice(some, 50)]
    keys += [move.key for move in [*payout(TINY, "c"), *history(TINY, "d")]]
    assert len(set(keys)) == len(keys) == 100 + TINY.payout + TINY.history


def test_three_spends_come_with_seven_rewards():
    some = [move.kind for move in itertools.islice(moves("spends", TINY, "x"), 4_000)]
    assert set(some) == {EntryKind.DELIVERY, EntryKind.REWARD}
    assert 0.25 < some.count(EntryKind.DELIVERY) / len(some) < 0.35


def test_a_payout_pays_everybody_once():
    assert [move.into for move in payout(TINY, "x")] == [accounts.wallet(f"w{n}") for n in range(5)]
