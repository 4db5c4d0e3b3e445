"""What coins were worth when: the same answer as the terms in force, for every moment at once."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from sample_cards import TITLE

from people import Unit, UnitKind
from rates import CoinValues, cards_along, coin_values
from rates.dated_values import values_along
from rates.rate_card import CardState, RateCard
from shared.database import collection
from shared.ids import new_id

START = datetime(2026, 3, 1, tzinfo=UTC)
LINEAGE = ["city", "district", "point"]
cards = st.lists(
    st.tuples(
        st.sampled_from(LINEAGE),
        st.integers(0, 20),
        st.none() | st.integers(0, 9),
        st.booleans(),
    ),
    max_size=12,
    unique_by=lambda one: one[:2],
)


def hour(number):
    return START + timedelta(hours=number)


def rows(made):
    return [
        {
            "unit_id": unit_id,
            "in_force_from": hour(at),
            "fen_per_10000_coins": fen,
            "inherits": inherits,
        }
        for unit_id, at, fen, inherits in made
    ]


def by_definition(made, moment):
    """Of the nearest units' latest cards the first that says a value or stands alone."""
    for unit_id in reversed(LINEAGE):
        own = [one for one in made if one[0] == unit_id and hour(one[1]) <= moment]
        if own:
            _, _, fen, inherits = max(own, key=lambda one: one[1])
            if fen is not None or not inherits:
                return fen
    return None


def stored_cards(made):
    """The cards in the database, approved, for a point below a district of a city."""
    collection(RateCard).delete_many({})
    names = {name: new_id() for name in LINEAGE}
    unit = Unit(id=names["point"], kind=UnitKind.REDEMPTION_POINT, name="店", code="x")
    unit.lineage = [names[name] for name in LINEAGE]
    for row in rows(made):
        more = {"written_by": ["x"], "drafted_at": START, "draft_key": new_id(), "draft_hash": "h"}
        more |= {"unit_id": names[row["unit_id"]], "title": TITLE, "state": CardState.APPROVED}
        RateCard(id=new_id(), **(row | more)).save(force_insert=True)
    return unit


@given(cards, st.integers(-1, 21))
def test_the_value_is_what_the_nearest_card_says(made, at):
    for moment in (hour(at), hour(at) + timedelta(minutes=30)):
        assert values_along(LINEAGE, rows(made)).at(moment) == by_definition(made, moment)


def test_before_the_first_card_there_is_no_value():
    assert CoinValues((), ()).at(START) is None
    values = values_along(LINEAGE, rows([("city", 1, 5, True)]))
    assert [values.at(hour(0)), values.at(hour(1)), values.at(hour(9))] == [None, 5, 5]


@settings(max_examples=15, deadline=None)
@given(cards)
def test_the_database_answers_as_the_cards_along_do(made):
    unit = stored_cards(made)
    values = coin_values(unit, hour(30))
    for at in range(-1, 22):
        said = [card.fen_per_10000_coins for card in cards_along(unit, hour(at))]
        assert values.at(hour(at)) == next((fen for fen in said if fen is not None), None)
    assert coin_values(unit, hour(-1)) == CoinValues((), ())


def test_drafts_and_withdrawn_cards_say_nothing():
    unit = stored_cards([("city", 1, 5, True), ("point", 2, 7, True), ("district", 2, 8, True)])
    for name, state in ((unit.id, CardState.DRAFT), (unit.lineage[1], CardState.WITHDRAWN)):
        collection(RateCard).update_one({"unit_id": name}, {"$set": {"state": state.value}})
    assert coin_values(unit, hour(9)) == CoinValues((hour(1),), (5,))
