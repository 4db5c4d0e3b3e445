"""Nominating: anybody for anybody else, once for each key, and within limits."""

from datetime import date, timedelta

import pytest
from commending_world import TITLE, WORDS, a_city, nominated, told

from fixtures.factories import a_resident, a_unit, staff
from honours import Commendation, CommendationKind, CommendationState
from honours.commendations.nominating import (
    AwardingUnitInvalid,
    DeedDayInvalid,
    NominationKeyUsed,
    NominationOfOneself,
    SubjectInvalid,
    WordsInvalid,
)
from people import PersonNotFound, Role, UnitKind, UnitNotFound, card_of, reissue_card
from people.cards import UnknownCard
from shared.clock import now
from shared.errors import TooMany
from shared.ids import random_id
from tests.racing import at_once


@pytest.fixture
def city():
    return a_city()


def unit_wish(unit, **more):
    return {"kind": CommendationKind.UNIT, "subject_unit_id": unit.id, **more}


def test_a_nomination_waits_for_a_check_and_those_it_concerns_are_told(city):
    made = nominated(city, deed_on=date(2026, 10, 3))
    assert (made.state, made.title, made.words) == (CommendationState.NOMINATED, TITLE, WORDS)
    assert (made.deed_on, made.is_consented) == ("2026-10-03", False)
    assert told(city.hero) == []  # of a stranger's words that nobody checked yet
    assert told(city.checker) == told(city.awarder) == ["commendation_to_check"]
    assert told(city.neighbour) == []


def test_whom_it_is_for_may_be_named_by_card(city):
    card = card_of(city.hero.person_id, by=city.hero).code
    assert nominated(city, card=card).person_id == city.hero.person_id
    with pytest.raises(UnknownCard):
        nominated(city, card="nobody's", key="nomination-0002")


def test_under_one_key_another_card_is_another_wish(city):
    held = card_of(city.hero.person_id, by=city.hero)
    card, other = held.code, a_resident()
    first = nominated(city, card=card)
    assert nominated(city, card=card).id == first.id
    for another in (card_of(other.person_id, by=other).code, "junk"):
        with pytest.raises(NominationKeyUsed):
            nominated(city, card=another)
    # The very same wish, though the card was reissued since.
    reissue_card(city.hero.person_id, held.version, by=city.hero)
    assert nominated(city, card=card).id == first.id


def test_nobody_nominates_themselves_nor_a_unit_that_they_serve(city):
    with pytest.raises(NominationOfOneself):
        nominated(city, by=city.hero)
    school = a_unit(UnitKind.SCHOOL, city.town.street)
    with pytest.raises(NominationOfOneself):
        nominated(city, **unit_wish(school), by=staff(Role.CAPTAIN, at=school))
    # The officers of a street serve the district's whole, not the street alone.
    with pytest.raises(NominationOfOneself):
        nominated(city, **unit_wish(city.town.district), by=staff(Role.CAPTAIN, at=school))
    assert nominated(city, **unit_wish(school), by=city.hero).subject_unit_id == school.id


def test_a_unit_is_commended_by_one_above_or_beside_it(city):
    school = a_unit(UnitKind.SCHOOL, city.town.street)
    for unit_id in (school.id, city.town.point.id):
        with pytest.raises(AwardingUnitInvalid):
            nominated(city, **unit_wish(school, unit_id=unit_id))
    with pytest.raises(AwardingUnitInvalid):
        nominated(city, **unit_wish(city.town.district, unit_id=city.town.street.id))
    assert nominated(city, **unit_wish(school, unit_id=city.town.street.id)).id


@pytest.mark.parametrize(
    "wrong",
    [
        {"card": "abc", "person_id": "0" * 24},
        {"person_id": ""},
        {"subject_unit_id": "0" * 24},
        {"kind": CommendationKind.UNIT},
    ],
)
def test_exactly_whom_the_kind_means_is_named(city, wrong):
    with pytest.raises(SubjectInvalid):
        nominated(city, **wrong)


def test_odd_words_days_and_ids_are_refused(city):
    for wrong in ({"title": " "}, {"title": "x" * 61}, {"words": ""}, {"words": "x" * 2_001}):
        with pytest.raises(WordsInvalid):
            nominated(city, **wrong)
    there = (now() + timedelta(hours=8)).date()
    for day in (there + timedelta(days=1), date(2015, 1, 1)):
        with pytest.raises(DeedDayInvalid):
            nominated(city, deed_on=day)
    with pytest.raises(PersonNotFound):
        nominated(city, person_id=random_id())
    with pytest.raises(UnitNotFound):
        nominated(city, unit_id=random_id())
    assert Commendation.objects.count() == 0


def test_the_same_key_is_the_same_nomination_and_another_wish_is_refused(city):
    first = nominated(city)
    assert nominated(city).id == first.id
    with pytest.raises(NominationKeyUsed):
        nominated(city, title="另一件事")
    assert Commendation.objects.count() == 1
    assert told(city.checker) == ["commendation_to_check"]


def test_repeats_that_race_make_one_nomination(city):
    made = at_once(5, lambda _: nominated(city))
    assert {getattr(one, "id", one) for one in made} == {Commendation.objects.get().id}


def test_five_a_day_and_ten_for_one_person_are_enough(city):
    for number in range(5):
        nominated(city, key=f"nomination-{number}")
    with pytest.raises(TooMany):
        nominated(city, key="nomination-5")
    assert nominated(city, key="nomination-0").id
    other = a_resident()
    for number in range(5):
        nominated(city, key=f"nomination-{number}", by=other)
    with pytest.raises(TooMany):
        nominated(city, by=a_resident())
