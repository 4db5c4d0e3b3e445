"""A card's phase: what its state and the dates of its unit's cards say at a moment."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rates.phases import Phase, phase_of
from rates.rate_card import CardState, RateCard

PURE = True
START = datetime(2026, 3, 1, tzinfo=UTC)


def hour(number):
    return START + timedelta(hours=number)


def card(at, state=CardState.APPROVED):
    return RateCard(id="c", unit_id="u", state=state, in_force_from=hour(at))


@pytest.mark.parametrize(
    ("others", "at", "phase"),
    [
        ([5], 4, Phase.SCHEDULED),
        ([5], 5, Phase.IN_FORCE),
        ([5, 9], 8, Phase.IN_FORCE),
        ([5, 9], 9, Phase.SUPERSEDED),
        ([2, 5], 99, Phase.IN_FORCE),
        ([], 5, Phase.IN_FORCE),
    ],
)
def test_an_approved_card_is_scheduled_then_in_force_until_a_later_one_is(others, at, phase):
    assert phase_of(card(5), hour(at), [hour(other) for other in others]) == phase


@pytest.mark.parametrize("state", [CardState.DRAFT, CardState.WITHDRAWN])
@pytest.mark.parametrize("at", [1, 5, 99])
def test_drafts_and_withdrawn_cards_stay_what_they_are(state, at):
    assert phase_of(card(5, state), hour(at), [hour(5), hour(9)]) == Phase(state.value)


@given(st.sets(st.integers(0, 20), min_size=1), st.integers(-1, 21))
def test_of_a_units_cards_one_at_most_is_in_force_and_it_is_the_latest(begins, at):
    moments = [hour(number) for number in begins]
    phases = {number: phase_of(card(number), hour(at), moments) for number in begins}
    begun = [number for number in begins if number <= at]
    in_force = [number for number, phase in phases.items() if phase == Phase.IN_FORCE]
    assert in_force == ([max(begun)] if begun else [])
    scheduled = {number for number, phase in phases.items() if phase == Phase.SCHEDULED}
    assert scheduled == set(begins) - set(begun)
