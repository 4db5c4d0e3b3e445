"""Cards that come into force in a span: the right ones, in order, and by an index."""

from datetime import timedelta

import pytest
from sample_cards import PATROL, START, day

from fixtures.factories import put_card
from rates import CardState, RateCard, cards_begun
from shared.clock import pretending
from shared.database import collection


@pytest.fixture
def cards(town):
    """Approved cards of the district from the first three days on."""
    with pretending(START):
        return [
            put_card(
                town.district.id, day(number), [PATROL], fen_per_10000_coins=1, by=town.rate_admin
            )
            for number in (1, 2, 3)
        ]


def test_are_those_after_the_one_moment_up_to_the_other(cards):
    first, second, third = (card.id for card in cards)
    before_the_third = day(3) - timedelta(seconds=1)
    assert [card.id for card in cards_begun(day(1), day(3))] == [second, third]
    assert [card.id for card in cards_begun(day(0), before_the_third)] == [first, second]
    collection(RateCard).update_one({"_id": second}, {"$set": {"state": "withdrawn"}})
    assert [card.id for card in cards_begun(day(1), day(3))] == [third]


def test_are_found_by_their_index_alone(cards):
    asked = RateCard.objects(
        state=CardState.APPROVED, in_force_from__gt=day(2), in_force_from__lte=day(9)
    ).order_by("in_force_from", "id")
    told = asked.explain()
    plan = str(told["queryPlanner"]["winningPlan"])
    assert "'begun'" in plan
    assert "COLLSCAN" not in plan
    assert "'SORT'" not in plan
    assert told["executionStats"]["totalDocsExamined"] == 1
