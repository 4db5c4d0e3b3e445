"""Commending: three different people, one outcome whoever races, everybody concerned told."""

import pytest
from commending_world import a_city, awarded, checked, nominated, public, told

from fixtures.factories import a_resident, a_unit, staff
from honours import (
    Commendation,
    CommendationKind,
    CommendationState,
    award_commendation,
    check_commendation,
    decline_commendation,
    public_commendations,
    withdraw_commendation,
)
from honours.commendations import telling_commendations
from honours.commendations.commending import (
    CommendationMoved,
    CommendationNotFound,
    FoundMissing,
    NotYetChecked,
    OwnCommendation,
    SamePersonTwice,
)
from honours.commendations.telling_commendations import tell_commendations
from people import ChangeRecord, Role, UnitKind, WhyMissing, actor_for, grant_role
from shared.database import collection
from shared.errors import NotAllowed
from shared.ids import new_id
from tests.racing import at_once


@pytest.fixture
def city():
    return a_city()


def officer(who, city, role=Role.CENTRE_OFFICER):
    """Somebody made an officer of the street as well."""
    grant_role(who.person_id, role, city.town.street.id, by=city.town.admin)
    return actor_for(who.person_id)


def log():
    return [
        (one.verb, one.before, one.after, one.why)
        for one in ChangeRecord.objects(subject="commendation").order_by("id")
    ]


def test_from_nomination_to_award_everybody_concerned_is_told(city):
    made = awarded(city)
    assert (made.state, made.awarded_by) == (CommendationState.AWARDED, city.awarder.person_id)
    assert told(city.neighbour) == ["nomination_checked", "nomination_awarded"]
    assert told(city.hero) == ["commendation_awarded"]
    assert told(city.awarder) == ["commendation_to_check", "commendation_to_award"]
    assert log() == [("awarded", {"state": "checked"}, {"state": "awarded"}, "事迹突出")]
    assert ChangeRecord.objects.get(about_id=made.id).person_id == city.hero.person_id
    assert Commendation.objects.get().untold == []


def test_the_notices_do_not_carry_the_words_of_a_deed(city):
    public(city)
    notices = collection(Commendation).database["notices"]
    assert notices.count_documents({}) > 5
    assert notices.count_documents({"facts.words": {"$exists": True}}) == 0


def test_each_step_repeated_answers_the_same_and_tells_nothing_twice(city):
    made = checked(city)
    assert checked(city, made).version == made.version
    done = award_commendation(made.id, why="事迹突出", by=city.awarder)
    again = award_commendation(made.id, why="again", by=city.awarder)
    assert (again.version, again.why) == (done.version, "事迹突出")
    assert len(log()) == 1
    assert told(city.neighbour) == ["nomination_checked", "nomination_awarded"]


def test_who_nominated_neither_checks_nor_awards_nor_declines(city):
    by = officer(city.neighbour, city)
    made = nominated(city)
    with pytest.raises(SamePersonTwice):
        check_commendation(made.id, found="x", by=by)
    with pytest.raises(SamePersonTwice):
        decline_commendation(made.id, why="x", by=by)
    checked(city, made)
    with pytest.raises(SamePersonTwice):
        award_commendation(made.id, why="x", by=by)


def test_who_checked_does_not_award(city):
    by = officer(city.checker, city)
    made = checked(city)
    with pytest.raises(SamePersonTwice):
        award_commendation(made.id, why="x", by=by)


def test_whom_it_is_for_decides_nothing_about_it(city):
    by = officer(city.hero, city)
    made = nominated(city)
    for act in (
        lambda: check_commendation(made.id, found="x", by=by),
        lambda: award_commendation(made.id, why="x", by=by),
        lambda: decline_commendation(made.id, why="x", by=by),
        lambda: withdraw_commendation(made.id, why="x", by=by),
    ):
        with pytest.raises(OwnCommendation):
            act()


def test_members_of_a_unit_decide_nothing_about_its_commendation(city):
    school = a_unit(UnitKind.SCHOOL, city.town.street)
    wish = {"kind": CommendationKind.UNIT, "subject_unit_id": school.id}
    member = staff(Role.CAPTAIN, at=school)
    made = nominated(city, **wish)
    by = officer(member, city)
    with pytest.raises(OwnCommendation):
        check_commendation(made.id, found="x", by=by)
    assert told(member) == []


def test_roles_must_reach_the_awarding_unit(city):
    made = nominated(city)
    elsewhere = a_unit(UnitKind.CIVIL, city.town.city, level="district")
    stranger = staff(Role.CENTRE_OFFICER, at=elsewhere)
    for by in (stranger, a_resident()):
        with pytest.raises(CommendationNotFound):
            check_commendation(made.id, found="x", by=by)
    checked(city, made)
    with pytest.raises(NotAllowed):
        award_commendation(made.id, why="x", by=staff(Role.POLICE_OFFICER, at=city.town.street))
    with pytest.raises(CommendationNotFound):
        check_commendation(new_id(), found="x", by=city.checker)


def test_what_was_not_checked_is_not_awarded_and_reasons_are_given(city):
    made = nominated(city)
    with pytest.raises(NotYetChecked):
        award_commendation(made.id, why="x", by=city.awarder)
    with pytest.raises(FoundMissing):
        check_commendation(made.id, found="  ", by=city.checker)
    with pytest.raises(WhyMissing):
        decline_commendation(made.id, why=" ", by=city.checker)


@pytest.mark.parametrize("is_checked", [False, True])
def test_declined_it_is_over_and_the_reason_goes_to_who_nominated(city, is_checked):
    made = checked(city) if is_checked else nominated(city)
    decline_commendation(made.id, why="情况不符", by=city.awarder)
    assert told(city.neighbour)[-1] == "nomination_declined"
    assert told(city.hero) == []
    with pytest.raises(CommendationMoved):
        check_commendation(made.id, found="x", by=city.checker)
    with pytest.raises(CommendationMoved):
        award_commendation(made.id, why="x", by=staff(Role.ADMIN, at=city.town.street))
    assert decline_commendation(made.id, why="情况不符", by=city.awarder).state == "declined"


def test_a_nomination_is_taken_back_by_who_made_it_until_it_is_awarded(city):
    made = nominated(city)
    withdraw_commendation(made.id, why="弄错了", by=city.neighbour)
    assert told(city.hero) == []
    with pytest.raises(CommendationMoved):
        checked(city, made)
    done = awarded(city, key="nomination-0002")
    with pytest.raises(CommendationMoved):
        withdraw_commendation(done.id, why="x", by=city.neighbour)


def test_a_withdrawn_award_is_public_no_more(city):
    made = public(city)
    assert [one.id for one in public_commendations().items] == [made.id]
    withdraw_commendation(made.id, why="事实有误", by=city.awarder)
    assert public_commendations().items == []
    assert told(city.hero)[-1] == told(city.neighbour)[-1] == "commendation_withdrawn"
    assert log()[-1] == ("withdrawn", {"state": "awarded"}, {"state": "withdrawn"}, "事实有误")


def test_a_check_and_a_decline_at_once_have_one_outcome_each_knows(city):
    for number in range(4):
        made = nominated(city, key=f"nomination-{number}")
        first, second = at_once(
            2,
            lambda n, made=made: (
                check_commendation(made.id, found="属实", by=city.checker)
                if n
                else decline_commendation(made.id, why="不符", by=city.awarder)
            ),
        )
        found = Commendation.objects.get(id=made.id)
        # A decline may follow the check; a check never follows the decline.
        assert found.state == CommendationState.DECLINED
        assert first.state == CommendationState.DECLINED
        is_checked = found.checked_by is not None
        assert isinstance(second, CommendationMoved) != is_checked


def test_an_award_and_a_decline_at_once_leave_one_decision_and_one_record(city):
    for number in range(4):
        made = checked(city, key=f"nomination-{number}")
        other = staff(Role.ADMIN, at=city.town.street)
        done = at_once(
            2,
            lambda n, made=made, other=other: (
                award_commendation(made.id, why="突出", by=city.awarder)
                if n
                else decline_commendation(made.id, why="不符", by=other)
            ),
        )
        assert sum(isinstance(one, CommendationMoved) for one in done) == 1
        found = Commendation.objects.get(id=made.id)
        assert found.state in ("awarded", "declined")
        assert ChangeRecord.objects(about_id=made.id).count() == 1


def test_officers_that_race_to_check_are_one(city):
    made = nominated(city)
    by = [staff(Role.POLICE_OFFICER, at=city.town.street) for _ in range(4)]
    done = at_once(4, lambda n: check_commendation(made.id, found=f"{n}", by=by[n]))
    assert sum(isinstance(one, CommendationMoved) for one in done) == 3


def test_what_was_decided_and_not_told_the_sweep_tells(city):
    made = awarded(city)
    collection(Commendation).update_one({"_id": made.id}, {"$set": {"untold": ["awarded"]}})
    collection(Commendation).database["notices"].delete_many({})
    assert tell_commendations() == 1
    assert told(city.hero) == ["commendation_awarded"]
    assert tell_commendations() == 0


def test_what_cannot_be_told_holds_up_nobody(city, monkeypatch):
    made = [nominated(city, key=f"nomination-{number}") for number in range(2)]
    rows = collection(Commendation)
    rows.update_many({}, {"$set": {"untold": ["nominated"]}})
    rows.update_one({"_id": made[0].id}, {"$set": {"unit_id": new_id()}})
    monkeypatch.setattr(telling_commendations, "MOST_PER_RUN", 1)
    assert [tell_commendations() for _ in range(3)] == [0, 1, 0]
    assert [one.untold for one in Commendation.objects.order_by("id")] == [["nominated"], []]


def test_the_untold_are_found_by_an_index(city):
    awarded(city)
    nominated(city, key="nomination-0002")
    rows = collection(Commendation)
    rows.update_one({"state": "nominated"}, {"$set": {"untold": ["nominated"]}})
    plan = rows.find(telling_commendations.untold_now(), {"_id": 1}).explain()
    assert "'indexName': 'untold'" in str(plan["queryPlanner"]["winningPlan"])
    assert plan["executionStats"]["totalDocsExamined"] == 1
