"""Badges by hand: given once by an officer whose volunteer it is, revoked once by an admin."""

import pytest

from fixtures.factories import a_resident, a_unit, staff
from honours import give_badge, hide_badge, revoke_badge
from honours.badges import giving_badges
from honours.badges.badge_held import BadgeHeld
from honours.badges.defining_badges import BadgeNotFound
from honours.badges.giving_badges import (
    BadgeNotByHand,
    BadgeNotHeld,
    BadgeRetired,
    BadgeWasRevoked,
    OwnBadge,
)
from people import ChangeRecord, Role, UnitKind, WhyMissing
from people.questions import PersonNotFound
from shared.errors import NotAllowed, Unavailable
from tests.honours.badge_world import WHY, BadgeTown, counted, states_of, told, worked
from tests.racing import at_once
from tests.worked import withdraw

HAND = "good_neighbour"


@pytest.fixture
def town():
    return BadgeTown()


def give(town, person, badge_id=HAND, why=WHY, by=None):
    return give_badge(person.person_id, badge_id, why=why, by=by or town.officer)


def revoke(town, person, badge_id=HAND, why=WHY, by=None):
    return revoke_badge(person.person_id, badge_id, why=why, by=by or town.admin)


def acts(person):
    """What the log says of a person's badges, oldest first."""
    records = ChangeRecord.objects(subject="badge_held").order_by("id")
    return [one.verb for one in records if one.about_id.startswith(person.person_id)]


class TestGiving:
    def test_it_is_given_told_and_logged_once_however_often_it_is_asked(self, town):
        person = town.volunteer()
        first = give(town, person)
        again = give(town, person, why="另一个原因", by=town.admin)
        assert (again.held.words, again.held.given_by) == (WHY, town.officer.person_id)
        assert (first.badge.badge_id, first.held.id) == (HAND, again.held.id)
        assert told(person, "badge_given") == 1
        assert acts(person) == ["give"]

    def test_of_ten_at_once_one_gives(self, town):
        person = town.volunteer()
        officers = [staff(Role.CENTRE_OFFICER, at=town.street) for _ in range(10)]
        answers = at_once(10, lambda number: give(town, person, by=officers[number]))
        assert not [one for one in answers if isinstance(one, Exception)]
        assert len({one.held.given_by for one in answers}) == 1
        assert (told(person, "badge_given"), acts(person)) == (1, ["give"])

    def test_no_count_takes_it_back(self, town):
        person = town.volunteer()
        worked(person, town.street)
        give(town, person)
        assert counted(person)[HAND] == "held"

    def test_other_badges_may_count_on_it(self, town):
        town.badge("friend", rule="set", of="badges", names=[HAND, "first_duty"])
        person = town.volunteer()
        worked(person, town.street)
        assert "friend" not in counted(person)
        give(town, person)
        assert counted(person)["friend"] == "held"

    def test_an_officer_gives_to_who_is_at_home_or_worked_there(self, town):
        elsewhere = a_unit(UnitKind.CIVIL, town.district, level="street")
        stranger = staff(Role.CENTRE_OFFICER, at=elsewhere)
        person, homeless = town.volunteer(), a_resident()
        for volunteer in (person, homeless):
            with pytest.raises(NotAllowed):
                give(town, volunteer, by=stranger)
        worked(homeless, elsewhere)
        counted(homeless)
        assert give(town, homeless, by=stranger).held.state == "held"

    def test_every_refusal_writes_nothing(self, town):
        person = town.volunteer()
        town.badge("old", active=False, rule="by_hand")
        refusals = [
            (NotAllowed, {"by": person}),
            (NotAllowed, {"by": staff(Role.RATE_ADMIN, at=town.city)}),
            (BadgeNotFound, {"badge_id": "nothing"}),
            (BadgeNotByHand, {"badge_id": "first_duty"}),
            (BadgeRetired, {"badge_id": "old"}),
            (WhyMissing, {"why": "  "}),
        ]
        for kind, given in refusals:
            with pytest.raises(kind):
                give(town, person, **given)
        with pytest.raises(PersonNotFound):
            give_badge("0" * 24, HAND, why=WHY, by=town.officer)
        with pytest.raises(OwnBadge):
            give(town, town.admin, by=town.admin)
        assert BadgeHeld.objects.count() == 0
        assert acts(person) == []


class TestRevoking:
    def test_it_is_revoked_told_and_logged_once(self, town):
        person = town.volunteer()
        give(town, person)
        revoke(town, person)
        again = revoke(town, person, why="另一个原因")
        assert (again.held.why, again.held.revoked_by) == (WHY, town.admin.person_id)
        assert told(person, "badge_revoked") == 1
        assert acts(person) == ["give", "revoke"]

    def test_ten_at_once_revoke_once(self, town):
        person = town.volunteer()
        give(town, person)
        at_once(10, lambda _: revoke(town, person))
        assert (told(person, "badge_revoked"), acts(person)) == (1, ["give", "revoke"])

    def test_an_officer_may_not_give_it_again_and_the_citys_admin_may(self, town):
        person = town.volunteer()
        give(town, person)
        revoke(town, person)
        for by in (town.officer, staff(Role.ADMIN, at=town.district)):
            with pytest.raises(BadgeWasRevoked):
                give(town, person, by=by)
        assert give(town, person, by=town.admin).held.state == "held"
        assert (told(person, "badge_given"), acts(person)) == (2, ["give", "revoke", "give"])

    def test_a_badge_of_work_goes_back_to_its_rule_when_an_admin_gives_it_again(self, town):
        person = town.volunteer()
        done = worked(person, town.street)
        counted(person)
        revoke(town, person, "first_duty")
        with pytest.raises(BadgeWasRevoked):
            give(town, person, "first_duty")
        give(town, person, "first_duty", by=town.admin)
        assert counted(person)["first_duty"] == "held"
        withdraw(done)
        assert counted(person)["first_duty"] == "taken_back"

    def test_a_revocation_that_races_with_counts_stays(self, town):
        person = town.volunteer()
        worked(person, town.street)
        counted(person)
        at_once(
            6,
            lambda number: revoke(town, person, "first_duty") if number == 2 else counted(person),
        )
        assert counted(person)["first_duty"] == "revoked"

    def test_who_may_not_and_what_is_not_held(self, town):
        person = town.volunteer()
        give(town, person)
        for by in (town.officer, person, staff(Role.ADMIN, at=town.first)):
            with pytest.raises(NotAllowed):
                revoke(town, person, by=by)
        with pytest.raises(BadgeNotHeld):
            revoke(town, person, "first_duty")
        with pytest.raises(WhyMissing):
            revoke(town, person, why="")
        assert states_of(person) == {HAND: "held"}


def test_who_always_comes_second_is_told_to_try_again(town, monkeypatch):
    person = town.volunteer()
    with monkeypatch.context() as racing:
        racing.setattr(giving_badges, "_given", lambda *_, **__: False)
        with pytest.raises(Unavailable):
            give(town, person)
    give(town, person)
    monkeypatch.setattr(giving_badges, "_revoked", lambda *_, **__: False)
    with pytest.raises(Unavailable):
        revoke(town, person)
    assert states_of(person) == {HAND: "held"}


def test_a_wish_to_hide_is_not_written_over_by_a_giver_who_read_before_it(town):
    person = town.volunteer()
    give(town, person)
    hide_badge(HAND, hidden=True, by=person)
    revoke(town, person)
    before = BadgeHeld.objects.get(person_id=person.person_id, badge_id=HAND)
    before.hidden = False
    badge, unit = giving_badges.badge_of(HAND), town.street
    args = (person.person_id, badge, before)
    assert not giving_badges._given(*args, why=WHY, unit=unit, by=town.admin)
    assert give(town, person, by=town.admin).held.hidden


def test_one_hides_only_what_one_holds(town):
    person = town.volunteer()
    with pytest.raises(BadgeNotHeld):
        hide_badge(HAND, hidden=True, by=person)
    give(town, person)
    assert hide_badge(HAND, hidden=True, by=person).held.hidden
    assert hide_badge(HAND, hidden=True, by=person).held.hidden
