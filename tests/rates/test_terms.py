"""Terms: a street's card says what differs, and what it leaves out is as the district has it."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from rates import Occasion, RateCard, RateLine, terms_of
from rates.rate_card import AwardGrade, Caps, Extra, Multiplier

PURE = True


def line(kind, base):
    return RateLine(kind=kind, base=base, per_hour=0, minimum=1)


def card(card_id, unit_id="u", **said):
    return RateCard(id=card_id, unit_id=unit_id, **said)


DISTRICT = card(
    "district",
    "d",
    lines=[line("patrol", 10), line("training", 20)],
    multipliers=[
        Multiplier(occasion=Occasion.WEEKEND, percent=150),
        Multiplier(occasion=Occasion.STORM, percent=200),
    ],
    award_grades=[AwardGrade(grade="larger", name={"zh": "较大"}, least_fen=1, most_fen=20_000)],
    caps=Caps(per_day=100),
    fen_per_10000_coins=20_000,
    coins_last_months=12,
)


def test_a_street_overrides_kind_by_kind_and_inherits_the_rest():
    street = card("street", "s", lines=[line("patrol", 15)], caps=Caps(per_day=50))
    terms = terms_of([street, DISTRICT])
    assert {kind: one.base for kind, one in terms.lines.items()} == {"patrol": 15, "training": 20}
    assert (terms.unit_id, terms.card_ids) == ("s", ("street", "district"))
    assert terms.caps.per_day == 50
    assert (terms.fen_per_10000_coins, terms.coins_last_months) == (20_000, 12)
    assert list(terms.award_grades) == ["larger"]


def test_of_an_occasion_the_nearest_card_says_all():
    street = card("street", multipliers=[Multiplier(occasion=Occasion.WEEKEND, percent=300)])
    found = {one.occasion: one.percent for one in terms_of([street, DISTRICT]).multipliers}
    assert found == {Occasion.WEEKEND: 300, Occasion.STORM: 200}


def test_extras_of_all_cards_count():
    day = datetime(2026, 12, 4, tzinfo=UTC)
    extra = Extra(name={"zh": "庙会"}, coins=5, starts_at=day, ends_at=day)
    terms = terms_of([card("street", extras=[extra]), card("district", extras=[extra])])
    assert len(terms.extras) == 2


def test_a_card_that_stands_alone_inherits_nothing():
    alone = card("alone", "s", inherits=False, lines=[line("patrol", 15)])
    terms = terms_of([alone, DISTRICT])
    assert list(terms.lines) == ["patrol"]
    assert (terms.card_ids, terms.caps, terms.fen_per_10000_coins) == (("alone",), None, None)


def test_nobody_is_paid_for_duty_where_a_card_says_so():
    assert "grid_member" in terms_of([DISTRICT]).paid_roles
    assert terms_of([card("street", paid_roles=[]), DISTRICT]).paid_roles == ()


@given(st.lists(st.dictionaries(st.sampled_from("abcd"), st.integers(0, 9)), min_size=1))
def test_each_kind_is_as_the_nearest_card_that_has_it_says(bases):
    cards = [
        card(str(number), lines=[line(kind, base) for kind, base in said.items()])
        for number, said in enumerate(bases)
    ]
    expected = {}
    for said in reversed(bases):
        expected |= said
    assert {kind: one.base for kind, one in terms_of(cards).lines.items()} == expected
