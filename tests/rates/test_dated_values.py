"""What coins were worth when: the same answer as the card in force, for every moment at once."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from people import Unit, UnitKind
from rates import CoinValues, NoRateInForce, card_in_force, coin_values
from rates.dated_values import values_along
from rates.rate_card import RateCard
from shared.database import collection
from shared.ids import new_id

START = datetime(2026, 3, 1, tzinfo=UTC)
LINEAGE = ["city", "district", "point"]
cards = st.lists(
    st.tuples(st.sampled_from(LINEAGE), st.integers(0, 20), st.integers(0, 9)),
    max_size=12,
    unique_by=lambda one: one[:2],
)


def hour(number):
    return START + timedelta(hours=number)


def rows(made):
    return [
        {"unit_id": unit_id, "in_force_from": hour(at), "fen_per_10000_coins": fen}
        for unit_id, at, fen in made
    ]


def by_definition(made, moment):
    """The latest card of the nearest unit that has one by then."""
    for unit_id in reversed(LINEAGE):
        own = [(at, fen) for of, at, fen in made if of == unit_id and hour(at) <= moment]
        if own:
            return max(own)[1]
    return None


@given(cards, st.integers(-1, 21))
def test_the_value_is_that_of_the_nearest_units_latest_card(made, at):
    for moment in (hour(at), hour(at) + timedelta(minutes=30)):
        assert values_along(LINEAGE, rows(made)).at(moment) == by_definition(made, moment)


def test_before_the_first_card_there_is_no_value():
    assert CoinValues((), ()).at(START) is None
    values = values_along(LINEAGE, rows([("city", 1, 5)]))
    assert [values.at(hour(0)), values.at(hour(1)), values.at(hour(9))] == [None, 5, 5]


@settings(max_examples=15, deadline=None)
@given(cards)
def test_the_database_answers_as_the_card_in_force_does(made):
    collection(RateCard).delete_many({})
    names = {name: new_id() for name in LINEAGE}
    unit = Unit(id=names["point"], kind=UnitKind.REDEMPTION_POINT, name="店", code="x")
    unit.lineage = [names[name] for name in LINEAGE]
    for row in rows(made):
        terms = {"lines": [{"kind": "patrol", "base": 0, "per_hour": 1, "minimum": 1}]}
        more = {"put_by": "x", "put_at": START, "unit_id": names[row["unit_id"]]}
        RateCard(id=new_id(), **(row | terms | more)).save(force_insert=True)
    values = coin_values(unit, hour(30))
    for at in range(-1, 22):
        try:
            expected = card_in_force(unit, hour(at)).fen_per_10000_coins
        except NoRateInForce:
            expected = None
        assert values.at(hour(at)) == expected
    assert coin_values(unit, hour(-1)) == CoinValues((), ())
