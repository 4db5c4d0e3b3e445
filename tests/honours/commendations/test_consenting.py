"""Consenting: nothing is public without it, under the name chosen, and it ends at any time."""

import pytest
from commending_world import (
    TITLE,
    WORDS,
    a_city,
    awarded,
    checked,
    nominated,
    public,
    told,
)
from pymongo.errors import WriteError

from fixtures.factories import a_resident, a_unit, staff
from honours import (
    Commendation,
    CommendationKind,
    CommendationSide,
    ShownName,
    award_commendation,
    commendations_by_unit,
    commendations_of_unit,
    decline_commendation,
    give_consent,
    own_commendations,
    public_commendations,
    published_commendations,
    seen_commendation,
    take_consent_back,
    withdraw_commendation,
)
from honours.commendations.commending import (
    CommendationMoved,
    CommendationNotFound,
    SamePersonTwice,
)
from honours.commendations.consenting import NicknameMissing, ShownNameMissing
from people import (
    RealNameMissing,
    Role,
    UnitKind,
    UnitNotFound,
    actor_for,
    card_of,
    grant_role,
    update_profile,
)
from people.questions import person_of
from shared.cursors import BadCursor, to_cursor
from shared.database import collection
from shared.errors import NotAllowed
from shared.ids import random_id
from tests.racing import at_once


@pytest.fixture
def city():
    return a_city()


def consent(made, by, shown_as=ShownName.NICKNAME, with_words=False):
    return give_consent(made.id, shown_as=shown_as, with_words=with_words, by=by)


def items(**query):
    return public_commendations(**query).items


def test_awarded_without_consent_nothing_is_public(city):
    awarded(city)
    assert items() == []
    assert published_commendations(city.town.street.id, 5) == []


def test_by_consent_it_is_public_under_the_name_chosen_and_without_words(city):
    made = awarded(city)
    consent(made, city.hero)
    (shown,) = items()
    assert (shown.title, shown.words, shown.name["en"]) == ("", "", "热心人")
    consent(made, city.hero, ShownName.MASKED_NAME, with_words=True)
    (shown,) = items()
    assert (shown.title, shown.words, shown.name["zh-CN"]) == (TITLE, WORDS, "示***")
    assert city.hero.person_id not in repr(shown)


def test_before_the_award_whom_it_is_for_neither_knows_of_it_nor_consents(city):
    made = nominated(city)
    for act in (lambda: None, lambda: checked(city, made)):
        act()
        with pytest.raises(CommendationNotFound):
            consent(made, city.hero)
        with pytest.raises(CommendationNotFound):
            seen_commendation(made.id, by=city.hero)
        assert own_commendations(side=CommendationSide.SUBJECT, by=city.hero).items == []
    award_commendation(made.id, why="突出", by=city.awarder)
    assert seen_commendation(made.id, by=city.hero).shown()["words"] == WORDS
    consent(made, city.hero)
    assert len(items()) == 1


def test_an_officer_s_list_leaves_out_what_is_for_the_officer_until_it_is_awarded(city):
    grant_role(city.hero.person_id, Role.POLICE_OFFICER, city.town.street.id, by=city.town.admin)
    by = actor_for(city.hero.person_id)
    made = nominated(city)
    street = city.town.street.id
    assert len(commendations_by_unit(street, by=city.checker).items) == 1
    assert commendations_by_unit(street, by=by).items == []
    checked(city, made)
    award_commendation(made.id, why="突出", by=city.awarder)
    (seen,) = commendations_by_unit(street, by=by).items
    assert (seen["side"], seen["found"]) == (CommendationSide.SUBJECT, None)


def test_who_nominated_by_card_learns_neither_whose_it_is_nor_of_consents(city):
    card = card_of(city.hero.person_id, by=city.hero).code
    made = awarded(city, card=card)
    consent(made, city.hero)
    (seen,) = own_commendations(side=CommendationSide.NOMINATOR, by=city.neighbour).items
    hidden = ("person_id", "is_consented", "are_words_consented", "shown_name")
    assert [seen[name] for name in hidden] == [None] * 4
    assert seen["is_public"]


def test_the_name_is_kept_as_it_was_consented_to(city):
    made = public(city)
    version = person_of(city.hero.person_id).version
    update_profile({"nickname": "Other"}, version=version, by=city.hero)
    assert items()[0].name["en"] == "热心人"
    consent(made, city.hero)
    assert items()[0].name["en"] == "Other"


def test_taken_back_it_is_gone_at_once_with_its_words_and_may_be_given_again(city):
    made = public(city)
    take_consent_back(made.id, by=city.hero)
    assert items() == []
    row = collection(Commendation).find_one({"_id": made.id})
    assert (row["shown_name"], row["are_words_consented"]) == (None, False)
    before = take_consent_back(made.id, by=city.hero).version
    assert take_consent_back(made.id, by=city.hero).version == before
    consent(made, city.hero)
    assert [one.words for one in items()] == [""]
    # Given twice; that it was taken back is told nobody.
    assert told(city.awarder).count("commendation_consent") == 2


def test_only_whom_it_is_for_consents(city):
    made = awarded(city)
    for by in (city.neighbour, city.checker, city.awarder, city.town.admin, a_resident()):
        with pytest.raises(CommendationNotFound):
            consent(made, by)
        with pytest.raises(CommendationNotFound):
            take_consent_back(made.id, by=by)


def test_a_name_must_be_chosen_and_be_there(city):
    made = awarded(city)
    with pytest.raises(ShownNameMissing):
        consent(made, city.hero, None)
    nameless = a_resident(real_name=False)
    other = awarded(city, person_id=nameless.person_id, key="nomination-0002")
    with pytest.raises(NicknameMissing):
        consent(other, nameless)
    with pytest.raises(RealNameMissing):
        consent(other, nameless, ShownName.MASKED_NAME)
    assert items() == []


def test_for_a_unit_an_officer_of_that_very_unit_consents(city):
    school = a_unit(UnitKind.SCHOOL, city.town.street, name="鼓西小学", name_en="Guxi School")
    captain = staff(Role.CAPTAIN, at=school)
    made = awarded(city, kind=CommendationKind.UNIT, subject_unit_id=school.id)
    with pytest.raises(CommendationNotFound):
        consent(made, staff(Role.CENTRE_OFFICER, at=city.town.street), None)
    consent(made, captain, None, with_words=True)
    (shown,) = items()
    assert shown.name == {"en": "Guxi School", "zh-CN": "鼓西小学"}
    assert published_commendations(school.id, 5) == [shown]
    assert commendations_of_unit(school.id, by=captain).items[0]["found"] is None
    with pytest.raises(NotAllowed):
        commendations_of_unit(school.id, by=city.awarder)


def test_who_nominated_a_unit_does_not_consent_for_it_later(city):
    school = a_unit(UnitKind.SCHOOL, city.town.street)
    by = staff(Role.CAPTAIN, at=school)
    made = awarded(city, kind=CommendationKind.UNIT, subject_unit_id=school.id)
    collection(Commendation).update_one({"_id": made.id}, {"$set": {"nominated_by": by.person_id}})
    with pytest.raises(SamePersonTwice):
        consent(made, by, None)


def test_what_has_ended_takes_no_consent_but_lets_it_be_taken_back(city):
    made = public(city)
    withdraw_commendation(made.id, why="有误", by=city.awarder)
    with pytest.raises(CommendationMoved):
        consent(made, city.hero, ShownName.MASKED_NAME)
    with pytest.raises(CommendationMoved):
        consent(made, city.hero, with_words=True)  # the very consent that was given before
    assert not take_consent_back(made.id, by=city.hero).is_consented
    other = nominated(city, key="nomination-0002")
    decline_commendation(other.id, why="不符", by=city.awarder)
    with pytest.raises(CommendationNotFound):
        consent(other, city.hero)


def test_a_consent_and_a_withdrawal_at_once_leave_nothing_public(city):
    for number in range(4):
        made = awarded(city, key=f"nomination-{number}")
        at_once(
            2,
            lambda n, made=made: (
                consent(made, city.hero)
                if n
                else withdraw_commendation(made.id, why="有误", by=city.awarder)
            ),
        )
        assert Commendation.objects.get(id=made.id).state == "withdrawn"
    assert items() == []


def test_consents_given_and_taken_back_at_once_end_in_one_of_the_two(city):
    made = awarded(city)
    at_once(
        6, lambda n: consent(made, city.hero) if n % 2 else take_consent_back(made.id, by=city.hero)
    )
    found = Commendation.objects.get(id=made.id)
    assert found.is_consented == (found.shown_name is not None) == bool(items())


def test_each_side_sees_its_own_and_strangers_see_nothing(city):
    made = awarded(city)
    officer = seen_commendation(made.id, by=city.awarder).shown()
    assert officer["nominated_by"] == city.neighbour.person_id
    assert officer["found"]
    hero = seen_commendation(made.id, by=city.hero).shown()
    assert (hero["side"], hero["words"], hero["why"]) == ("subject", WORDS, "事迹突出")
    neighbour = seen_commendation(made.id, by=city.neighbour).shown()
    assert neighbour["side"] == "nominator"
    for shown in (hero, neighbour):
        hidden = ("nominated_by", "found", "checked_by", "awarded_by", "decided_by")
        assert [shown[name] for name in hidden] == [None] * 5
    with pytest.raises(CommendationNotFound):
        seen_commendation(made.id, by=a_resident())


def test_what_was_declined_is_not_told_to_whom_it_was_for(city):
    made = nominated(city)
    decline_commendation(made.id, why="不符", by=city.awarder)
    with pytest.raises(CommendationNotFound):
        seen_commendation(made.id, by=city.hero)
    assert seen_commendation(made.id, by=city.neighbour).shown()["why"] == "不符"


def test_lists_go_page_by_page_newest_first(city):
    made = [public(city, key=f"nomination-{number}").id for number in range(3)]
    first = public_commendations(limit=2)
    rest = public_commendations(limit=2, cursor=first.next_cursor)
    assert [one.id for one in first.items + rest.items] == made[::-1]
    assert rest.next_cursor is None
    mine = own_commendations(side=CommendationSide.SUBJECT, by=city.hero, limit=2)
    more = own_commendations(
        side=CommendationSide.SUBJECT, by=city.hero, limit=2, cursor=mine.next_cursor
    )
    assert [one["id"] for one in mine.items + more.items] == made[::-1]
    asked = own_commendations(side=CommendationSide.NOMINATOR, by=city.neighbour)
    assert len(asked.items) == 3
    waiting = commendations_by_unit(city.town.district.id, by=city.awarder)
    assert len(waiting.items) == 3
    with pytest.raises(NotAllowed):
        commendations_by_unit(city.town.district.id, by=city.checker)


def test_a_unit_s_page_shows_its_own_and_those_it_awarded_once_each_newest_first(city):
    school = a_unit(UnitKind.SCHOOL, city.town.street)
    first = awarded(city, kind=CommendationKind.UNIT, subject_unit_id=school.id)
    consent(first, staff(Role.CAPTAIN, at=school), None)
    second = public(city, key="nomination-0002")
    street = city.town.street.id
    assert [one.id for one in published_commendations(street, 5)] == [second.id, first.id]
    assert [one.id for one in published_commendations(street, 1)] == [second.id]
    assert [one.id for one in published_commendations(school.id, 5)] == [first.id]


@pytest.mark.parametrize("branch", ["lineage", "subject_unit_id"])
def test_what_a_page_asks_for_walks_nobody_else_s(city, branch):
    public(city)
    wanted = {"state": "awarded", "is_consented": True, branch: random_id()}
    rows = collection(Commendation).find(wanted).sort([("awarded_at", -1), ("_id", -1)])
    plan = rows.limit(5).explain()
    assert "'stage': 'SORT'" not in str(plan["queryPlanner"]["winningPlan"])
    assert plan["executionStats"]["totalKeysExamined"] == 0


def test_an_officer_s_list_walks_nobody_else_s(city):
    nominated(city)
    rows = collection(Commendation).find({"lineage": random_id()}).sort("_id", -1).limit(21)
    plan = rows.explain()
    assert "'indexName': 'by_unit'" in str(plan["queryPlanner"]["winningPlan"])
    assert plan["executionStats"]["totalKeysExamined"] == 0


def test_lists_keep_to_unit_and_kind(city):
    public(city)
    street, point = city.town.street.id, city.town.point.id
    assert len(items(unit_id=street)) == len(items(unit_id=city.town.city.id)) == 1
    assert items(unit_id=point) == []
    assert items(kind=CommendationKind.PERSON) == []
    assert len(published_commendations(street, 5)) == 1
    assert published_commendations(point, 5) == []
    with pytest.raises(UnitNotFound):
        items(unit_id=random_id())
    for odd in (to_cursor(2**62, "x"), to_cursor("x"), "x"):
        with pytest.raises(BadCursor):
            items(cursor=odd)


def test_the_database_itself_refuses_an_award_by_one_hand_and_a_nameless_consent(city):
    made = nominated(city)
    for change in (
        {"state": "awarded", "checked_by": "a", "awarded_by": "a"},
        {"state": "awarded", "checked_by": "a", "awarded_by": city.neighbour.person_id},
        {"state": "awarded", "awarded_by": "b"},
        {"is_consented": True},
        {"kind": "unit"},
    ):
        with pytest.raises(WriteError):
            collection(Commendation).update_one({"_id": made.id}, {"$set": change})
