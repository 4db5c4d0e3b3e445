"""Options come in an order of each participation's own, and answers score as they should."""

from hypothesis import given
from hypothesis import strategies as st

from tasks.proofs.scoring import on_the_sheet, option_order, share_right

PURE = True
sheets = st.lists(st.sets(st.integers(0, 4), min_size=1), min_size=1, max_size=8)


@given(st.text(max_size=24), st.integers(0, 50), st.integers(1, 10))
def test_an_order_holds_every_option_once_and_stays_the_same(participation_id, question, options):
    order = option_order(participation_id, question, options)
    assert sorted(order) == list(range(options))
    assert order == option_order(participation_id, question, options)


def test_neighbours_see_other_orders():
    orders = {tuple(option_order(f"{n:024x}", 0, 4)) for n in range(40)}
    assert len(orders) > 10


@given(sheets)
def test_the_right_answers_score_one_and_every_wrong_one_costs_its_share(right):
    assert share_right(right, right) == 1.0
    wrong = [set(range(5)) - right[0], *right[1:]]
    assert share_right(wrong, right) == (len(right) - 1) / len(right)


@given(st.permutations(range(6)), st.sets(st.integers(0, 5)))
def test_chosen_places_lead_back_to_the_sheet(order, chosen):
    shown = [order.index(option) for option in chosen]
    assert on_the_sheet(order, shown) == sorted(chosen)


def test_half_of_several_right_options_is_not_right():
    assert share_right([[0]], [[0, 1]]) == 0
    assert share_right([[0, 1, 2]], [[0, 1]]) == 0
