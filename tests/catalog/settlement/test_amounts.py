"""Amounts: added up exactly, rounded once, half up; nothing is guessed and nothing negative."""

from dataclasses import dataclass
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.settlement.amounts import Totals, coin_value, rounded_half_up, totals_of, yuan_text

PURE = True


@dataclass(frozen=True)
class Line:
    coins: int = 0
    fen_per_10000_coins: int | None = 200
    in_kind_fen: int = 0
    returned: bool = False
    open: bool = False
    granted: int | None = None

    def is_returned(self):
        return self.returned

    def is_open(self):
        return self.open

    def granted_fen(self):
        return self.granted


coins = st.integers(0, 100_000_000)
values = st.none() | st.integers(0, 100_000_000)
plain = st.builds(Line, coins=coins, fen_per_10000_coins=values)
awards = st.integers(1, 10_000_000).flatmap(
    lambda fen: st.builds(
        Line,
        in_kind_fen=st.just(fen),
        granted=st.none() | st.integers(fen, 10 * fen),
        returned=st.booleans(),
        open=st.booleans(),
    )
)
disputed = st.builds(
    Line,
    coins=coins,
    fen_per_10000_coins=values,
    returned=st.booleans(),
    open=st.booleans(),
    granted=st.none() | st.integers(0, 1_000_000_000),
)
lines = st.lists(st.one_of(plain, awards, disputed), max_size=60)


def test_many_small_hand_overs_are_worth_what_one_large_one_is():
    # 70 coins at 200 fen for 10,000 are 1.4 fen: a hundred of them are 140 fen, not 100.
    assert totals_of([Line(coins=70)] * 100).coin_fen == 140
    assert sum(rounded_half_up(coin_value(70, 200)) for _ in range(100)) == 100


def test_a_half_counts_as_one_and_less_than_that_as_nothing():
    assert [totals_of([Line(coins=count)]).coin_fen for count in (24, 25, 74, 75)] == [0, 1, 1, 2]


@given(st.lists(plain, max_size=60))
def test_rounding_once_is_never_further_from_the_exact_sum_than_half_a_fen(made):
    exact = sum((coin_value(one.coins, one.fen_per_10000_coins or 0) for one in made), Fraction(0))
    assert -Fraction(1, 2) < totals_of(made).coin_fen - exact <= Fraction(1, 2)


@given(st.fractions(min_value=0, max_value=10**15))
def test_rounding_half_up_is_the_floor_of_a_half_more(fen):
    assert rounded_half_up(fen) == (fen + Fraction(1, 2)).__floor__()


@given(lines)
def test_nothing_is_ever_negative_and_the_total_is_its_two_parts(made):
    totals = totals_of(made)
    assert min(totals.coins, totals.coin_fen, totals.in_kind_fen, totals.open_disputes) >= 0
    assert totals.total_fen == totals.coin_fen + totals.in_kind_fen
    assert totals.lines == len(made)


@given(lines, lines)
def test_coins_and_awards_add_up_and_two_halves_differ_by_a_fen_at_most(first, second):
    both, one, other = totals_of(first + second), totals_of(first), totals_of(second)
    assert both.coins == one.coins + other.coins
    assert both.in_kind_fen == one.in_kind_fen + other.in_kind_fen
    assert abs(both.coin_fen - one.coin_fen - other.coin_fen) <= 1


@given(lines, st.randoms())
def test_the_order_of_lines_changes_nothing(made, chance):
    shuffled = list(made)
    chance.shuffle(shuffled)
    assert totals_of(shuffled) == totals_of(made)


def test_each_state_of_a_line_counts_as_it_should():
    assert totals_of([Line(coins=100, open=True)]) == Totals(1, 100, 0, 0, 1)
    assert totals_of([Line(coins=100, returned=True)]) == Totals(1, 0, 0, 0, 0)
    assert totals_of([Line(coins=100, granted=7)]) == Totals(1, 100, 7, 0, 0)
    # An award's own fen were credited at its hand-over: only what goes beyond is for the coins.
    assert totals_of([Line(in_kind_fen=500, granted=650)]) == Totals(1, 0, 150, 500, 0)
    assert totals_of([Line(in_kind_fen=500, open=True)]) == Totals(1, 0, 0, 500, 1)


@pytest.mark.parametrize(
    ("fen", "text"), [(0, "0.00"), (5, "0.05"), (123_456, "1,234.56"), (-123_456, "-1,234.56")]
)
def test_yuan_are_written_with_two_decimals(fen, text):
    assert yuan_text(fen) == text
