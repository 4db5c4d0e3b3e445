"""How coins lie in slices: nothing is lost, nothing is drawn that is not there."""

from hypothesis import given
from hypothesis import strategies as st

from rates.budgets.slicing import drawn, evened, spread

PURE = True
coins = st.integers(0, 10**12)
counts = st.integers(1, 64)
slices = st.dictionaries(st.integers(0, 63), coins, max_size=64)


@given(coins, counts)
def test_coins_are_spread_whole_and_evenly(amount, count):
    shares = spread(amount, count)
    assert sum(shares.values()) == amount
    assert all(0 <= number < count and share > 0 for number, share in shares.items())
    full = [shares.get(number, 0) for number in range(count)]
    assert max(full) - min(full) <= 1


@given(slices, st.integers(1, 10**13), counts)
def test_what_is_drawn_is_there_and_is_as_much_as_can_be(held, amount, first):
    taken = drawn(held, amount, first)
    assert all(0 < part <= held[number] for number, part in taken.items())
    assert sum(taken.values()) == min(amount, sum(held.values()))


@given(slices, st.integers(1, 10**12), counts)
def test_the_first_slice_is_drawn_alone_where_it_can(held, amount, first):
    held[first] = held.get(first, 0) + amount
    assert drawn(held, amount, first) == {first: amount}


def test_a_short_slice_leaves_it_to_as_few_others_as_can():
    assert drawn({0: 10, 1: 50, 2: 90}, 60, 0) == {2: 60}
    assert drawn({0: 10, 1: 50, 2: 90}, 100, 0) == {2: 90, 1: 10}


@given(slices, counts)
def test_evening_out_moves_coins_and_makes_none(held, count):
    changes = evened(held, count)
    assert sum(changes.values()) == 0
    after = {
        number: held.get(number, 0) + changes.get(number, 0) for number in {*held, *range(count)}
    }
    inside = [after[number] for number in range(count)]
    assert sum(inside) == sum(held.values())
    assert max(inside) - min(inside) <= 1


@given(slices, counts)
def test_what_is_even_stays_as_it_is(held, count):
    assert evened(spread(sum(held.values()), count), count) == {}
