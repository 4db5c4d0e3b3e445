"""A budget's thresholds in figures: what may be drawn, when it warns, when it stops."""

from hypothesis import given
from hypothesis import strategies as st

from rates.budgets.thresholds import BudgetStanding, share_of

PURE = True

AMOUNTS = st.integers(0, 10**12)
PERCENTS = st.none() | st.integers(1, 100)


def standing(had, left, in_quarters=0, *, warn=None, stop=None, moved_in=0, moved_out=0):
    return BudgetStanding(
        "u1",
        2026,
        "general",
        granted=had - moved_in + moved_out,
        moved_in=moved_in,
        moved_out=moved_out,
        set_aside_in_quarters=in_quarters,
        left=left,
        warn_percent=warn,
        stop_percent=stop,
    )


@st.composite
def standings(draw):
    had = draw(AMOUNTS)
    left = draw(st.integers(0, had))
    return standing(had, left, warn=draw(PERCENTS), stop=draw(PERCENTS))


class TestInFigures:
    def test_ninety_percent_of_a_thousand_are_nine_hundred(self):
        told = standing(1_000, 150, warn=80, stop=90)
        assert (told.had, told.drawn) == (1_000, 850)
        assert (told.warn_at, told.stop_at, told.may_draw) == (800, 900, 50)
        assert (told.is_warned, told.is_stopped) == (True, False)

    def test_what_came_from_another_unit_counts_and_what_went_to_one_does_not(self):
        told = standing(1_000, 1_000, stop=50, moved_in=300, moved_out=100)
        assert (told.granted, told.had, told.stop_at) == (800, 1_000, 500)

    def test_without_a_rule_all_that_is_left_may_be_drawn(self):
        told = standing(1_000, 150)
        assert (told.warn_at, told.stop_at, told.may_draw) == (None, None, 150)
        assert (told.is_warned, told.is_stopped) == (False, False)

    def test_the_least_that_warns_is_one_coin_drawn(self):
        assert not standing(10, 10, warn=5).is_warned
        assert standing(10, 9, warn=5).is_warned

    def test_a_budget_of_nothing_warns_nobody(self):
        assert not standing(0, 0, warn=1).is_warned
        assert standing(0, 0, stop=50).is_stopped


class TestAlways:
    @given(standings())
    def test_no_more_may_be_drawn_than_is_left_and_never_less_than_nothing(self, told):
        assert 0 <= told.may_draw <= told.left

    @given(standings(), st.integers(1, 10**12))
    def test_what_may_be_drawn_leaves_the_share_that_the_stop_keeps_back(self, told, coins):
        if told.stop_percent is None or coins > told.may_draw:
            return
        # in whole coins and no division: left × 100 is at least had × (100 − stop)
        assert (told.left - coins) * 100 >= told.had * (100 - told.stop_percent)

    @given(standings())
    def test_one_coin_more_than_may_be_drawn_is_too_many(self, told):
        if told.stop_percent is None or told.is_stopped:
            return
        more = told.left - told.may_draw - 1
        assert more * 100 < told.had * (100 - told.stop_percent)

    @given(AMOUNTS, st.integers(1, 100), st.integers(1, 100))
    def test_a_higher_percentage_is_never_fewer_coins(self, coins, one, other):
        low, high = sorted((one, other))
        assert share_of(coins, low) <= share_of(coins, high) <= coins
        assert share_of(coins, None) is None

    @given(standings())
    def test_it_warns_exactly_from_the_coin_it_names(self, told):
        if told.warn_percent is None or told.had == 0:
            assert not told.is_warned
        else:
            share = told.had * told.warn_percent // 100
            assert told.is_warned == (told.drawn >= max(1, share))
