"""Rate cards: put in force ahead, by whom it is for, and found from the nearest unit up."""

from datetime import UTC, datetime, timedelta

import pytest

from people import UnitNotFound
from rates import (
    BadRateLine,
    CardBackDated,
    CardExists,
    NoRateInForce,
    RateCard,
    card_in_force,
    put_card_in_force,
)
from shared.clock import now, pretending
from shared.database import collection
from shared.errors import NotAllowed
from shared.ids import new_id
from tests.racing import at_once

PATROL = {"kind": "patrol", "base": 0, "per_hour": 50}
START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def at_the_start():
    """It is the start of 2026 in these tests."""
    with pretending(START):
        yield


@pytest.fixture
def put(town):
    def put(unit=None, days=1, lines=(PATROL,), fen=20_000, by=None, months=None):
        return put_card_in_force(
            (unit or town.district).id,
            START + timedelta(days=days),
            lines,
            fen_per_10000_coins=fen,
            coins_last_months=months,
            by=by or town.rate_admin,
        )

    return put


class TestPuttingInForce:
    def test_keeps_the_card_as_it_was_put(self, town, put):
        card = RateCard.objects.get(id=put(lines=[PATROL, {**PATROL, "kind": "care_visit"}]).id)
        assert [(line.kind, line.per_hour, line.minimum) for line in card.lines] == [
            ("patrol", 50, 1),
            ("care_visit", 50, 1),
        ]
        assert card.fen_per_10000_coins == 20_000
        assert (card.put_by, card.put_at) == (town.rate_admin.person_id, now())
        assert card.in_force_from == START + timedelta(days=1)

    def test_says_how_long_coins_last_or_for_ever(self, put):
        kept = [RateCard.objects.get(id=put(days=n, months=m).id) for n, m in ((1, None), (2, 18))]
        assert [card.coins_last_months for card in kept] == [None, 18]

    def test_is_read_past_what_a_newer_version_wrote_into_a_line(self, town, put):
        card = put()
        collection(RateCard).update_one({"_id": card.id}, {"$set": {"lines.0.per_km": 3}})
        found = card_in_force(town.district, START + timedelta(days=2))
        assert found.line_for("patrol").per_hour == 50

    def test_again_is_the_same_card_even_after_its_moment(self, put):
        first = put()
        assert put().id == first.id
        with pretending(START + timedelta(days=30)):
            assert put().id == first.id
        assert RateCard.objects.count() == 1

    @pytest.mark.parametrize(
        "other", [{"fen": 1}, {"months": 12}, {"lines": [{**PATROL, "base": 1}]}]
    )
    def test_another_card_from_that_very_moment_is_refused(self, put, other):
        put()
        with pytest.raises(CardExists):
            put(**other)

    def test_of_two_that_race_one_stands(self, put):
        def one(base):
            # A thread starts with a clock of its own.
            with pretending(START):
                return put(lines=[{**PATROL, "base": base}])

        answers = at_once(8, one)
        assert sum(isinstance(answer, RateCard) for answer in answers) == 1
        assert sum(isinstance(answer, CardExists) for answer in answers) == 7
        assert RateCard.objects.count() == 1

    def test_is_not_back_dated(self, put):
        with pytest.raises(CardBackDated):
            put(days=-1)
        assert RateCard.objects.count() == 0

    def test_may_be_done_from_this_moment_on(self, put):
        assert put(days=0).in_force_from == START

    def test_is_for_a_rate_admin_of_the_unit_or_above(self, town, put):
        assert put(unit=town.grid).unit_id == town.grid.id
        for stranger in (town.other_rate_admin, town.officer, town.resident):
            with pytest.raises(NotAllowed):
                put(by=stranger)
        with pytest.raises(NotAllowed):
            put(unit=town.city)

    def test_needs_a_unit(self, town):
        with pytest.raises(UnitNotFound):
            put_card_in_force(new_id(), START, [PATROL], fen_per_10000_coins=1, by=town.rate_admin)

    @pytest.mark.parametrize(
        ("lines", "field"),
        [
            ([], "lines"),
            ([PATROL] * 51, "lines"),
            ([PATROL, PATROL], "lines.1.kind"),
            ([{**PATROL, "kind": "Night patrol"}], "lines.0.kind"),
            ([{**PATROL, "kind": None}], "lines.0.kind"),
            ([{**PATROL, "base": -1}], "lines.0.base"),
            ([{**PATROL, "base": True}], "lines.0.base"),
            ([{"kind": "patrol", "base": 0}], "lines.0.per_hour"),
            ([{**PATROL, "per_hour": 0.5}], "lines.0.per_hour"),
            ([{**PATROL, "per_hour": 1_000_001}], "lines.0.per_hour"),
            ([{**PATROL, "minimum": 0}], "lines.0.minimum"),
            ([{**PATROL, "bonus": 1}], "lines.0.bonus"),
        ],
    )
    def test_names_the_field_that_cannot_be_used(self, put, lines, field):
        with pytest.raises(BadRateLine) as refused:
            put(lines=lines)
        assert refused.value.field == field
        assert refused.value.say("en") != refused.value.say("zh-CN")

    def test_needs_a_value_of_the_coin_in_whole_fen(self, put):
        with pytest.raises(BadRateLine) as refused:
            put(fen=-1)
        assert refused.value.field == "fen_per_10000_coins"

    @pytest.mark.parametrize("months", [0, 121, 1.5, True, "12"])
    def test_needs_whole_months_that_coins_last(self, put, months):
        with pytest.raises(BadRateLine) as refused:
            put(months=months)
        assert refused.value.field == "coins_last_months"


class TestTheCardInForce:
    def test_is_the_latest_that_has_come_into_force(self, town, put):
        first, second = put(days=1), put(days=10, fen=1)
        moments = {1: first, 9: first, 10: second, 99: second}
        for days, card in moments.items():
            assert card_in_force(town.district, START + timedelta(days=days)).id == card.id

    def test_is_that_of_the_nearest_unit_above_however_old(self, town, put):
        of_street, of_district = put(unit=town.street, days=1), put(days=10)
        late = START + timedelta(days=20)
        assert card_in_force(town.grid, late).id == of_street.id
        assert card_in_force(town.street, late).id == of_street.id
        assert card_in_force(town.district, late).id == of_district.id

    def test_of_a_unit_above_counts_until_the_units_own_comes_into_force(self, town, put):
        of_district, of_street = put(days=1), put(unit=town.street, days=10)
        assert card_in_force(town.grid, START + timedelta(days=9)).id == of_district.id
        assert card_in_force(town.grid, START + timedelta(days=10)).id == of_street.id

    def test_is_missing_before_the_first_and_beside_it(self, town, put):
        put(days=1)
        with pytest.raises(NoRateInForce):
            card_in_force(town.district, START)
        with pytest.raises(NoRateInForce) as refused:
            card_in_force(town.other, START + timedelta(days=5))
        assert refused.value.facts["unit"] == town.other.name
        assert town.other.name in refused.value.say("zh-CN")
