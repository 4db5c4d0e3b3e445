"""Coins keep a value below too: what one card above gives, no other takes away unseen."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sample_cards import PATROL, START, a_card, day

from rates import (
    CardState,
    CoinsWithoutValueThere,
    RateCard,
    approve_card,
    coin_values,
    draft_card,
    terms_in_force,
    withdraw_card,
)
from shared.clock import pretending
from shared.ids import new_id
from tests.racing import at_once

WORTHLESS = {"lines": [], "fen_per_10000_coins": None}
BARE = {"inherits": True, "fen_per_10000_coins": None}


@pytest.fixture(autouse=True)
def at_the_start():
    """It is the start of 2026 in these tests."""
    with pretending(START):
        yield


@pytest.fixture
def rates(town, staff_at):
    """`rates.draft(unit, …)` and `rates.put(unit, …)`, `rates.approve(card)`, `.withdraw(card)`."""
    first, second = (staff_at("rate_admin", town.city) for _ in range(2))

    def draft(unit, **content):
        return draft_card(unit.id, a_card(**content), why="x", key=new_id(), by=first)

    def approve(card):
        return approve_card(card.id, version=card.version, why="x", by=second)

    def withdraw(card):
        return withdraw_card(card.id, version=card.version, why="x", by=second)

    def put(unit, **content):
        return approve(draft(unit, **content))

    return SimpleNamespace(draft=draft, approve=approve, withdraw=withdraw, put=put)


def refused(deed, *given):
    with pytest.raises(CoinsWithoutValueThere) as refusal:
        deed(*given)
    return refusal.value.facts


def test_a_card_between_that_stands_alone_does_not_strip_what_is_below(town, rates):
    rates.put(town.city)
    rates.put(town.street, **BARE)
    between = rates.draft(town.district, in_force_from=day(5), **WORTHLESS)
    facts = refused(rates.approve, between)
    assert (facts["unit_id"], facts["from_moment"]) == (town.street.id, day(5).isoformat())
    assert RateCard.objects.get(id=between.id).state == CardState.DRAFT
    assert coin_values(town.street, day(6)).at(day(6)) == 20_000
    assert rates.put(town.other, in_force_from=day(5), **WORTHLESS), "nothing is below that one"


def test_a_card_below_that_comes_later_counts_as_well(town, rates):
    rates.put(town.city)
    rates.put(town.street, in_force_from=day(20), **BARE)
    between = rates.draft(town.district, in_force_from=day(5), **WORTHLESS)
    assert refused(rates.approve, between)["from_moment"] == day(20).isoformat()


def test_one_that_is_followed_in_time_is_no_harm(town, rates):
    rates.put(town.city)
    rates.put(town.street, in_force_from=day(20), **BARE)
    rates.put(town.district, in_force_from=day(20))
    assert rates.put(town.district, in_force_from=day(5), **WORTHLESS).version == 2
    assert terms_in_force(town.street, day(21)).fen_per_10000_coins == 20_000


def test_what_gives_a_card_below_its_value_is_not_withdrawn(town, rates):
    above = rates.put(town.city, in_force_from=day(5))
    rates.put(town.street, in_force_from=day(6), **BARE)
    assert refused(rates.withdraw, above)["unit_id"] == town.street.id
    assert RateCard.objects.get(id=above.id).state == CardState.APPROVED
    rates.put(town.city, in_force_from=day(4))
    assert rates.withdraw(above).state == CardState.WITHDRAWN


def test_a_draft_is_withdrawn_whatever_is_below(town, rates):
    assert rates.withdraw(rates.draft(town.city)).state == CardState.WITHDRAWN


def test_of_two_that_strip_each_other_at_once_one_is_approved(town, rates):
    rates.put(town.city)
    for number in range(3):
        moment = day(10 * (number + 1)) + timedelta(hours=1)
        below = {"lines": [{**PATROL, "base": number}], "in_force_from": moment, **BARE}
        cards = [
            rates.draft(town.street, **below),
            rates.draft(town.district, in_force_from=moment, **WORTHLESS),
        ]

        def one(place, cards=cards):
            with pretending(START):
                return rates.approve(cards[place])

        answers = at_once(2, one)
        assert sum(isinstance(answer, RateCard) for answer in answers) == 1
        assert sum(isinstance(answer, CoinsWithoutValueThere) for answer in answers) == 1
        for answer in answers:
            if isinstance(answer, RateCard):
                rates.withdraw(answer)
