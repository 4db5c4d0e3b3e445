"""Badges from work: given once, kept, taken back, given again, and firsts with one winner."""

from datetime import timedelta

import pytest

from honours import badges_of, badges_seen, give_badge, hide_badge, recount_person, revoke_badge
from honours.badges.awarding_badges import tell_untold
from honours.badges.badge_held import BadgeHeld
from honours.badges.unit_first import UnitFirst
from honours.badges.unit_firsts import decide_firsts
from honours.count_mark import DueCount
from ledger import balance_of, wallet
from shared.clock import now
from tests.honours.badge_world import WHY, BadgeTown, at_least, counted, states_of, told, worked
from tests.racing import at_once
from tests.worked import withdraw, work


@pytest.fixture
def town():
    return BadgeTown()


class TestGiving:
    def test_the_first_verified_work_gives_the_first_badges_and_no_coins(self, town):
        person = town.volunteer()
        assert counted(person) == {}
        worked(person, town.street, state="refused")
        assert counted(person) == {}
        worked(person, town.street)
        assert counted(person) == {"first_duty": "held", "pioneer": "held"}
        assert told(person, "badge_earned") == 2
        assert balance_of(wallet(person.person_id)) == 0

    def test_counting_again_gives_and_tells_nothing_more(self, town):
        person = town.volunteer()
        worked(person, town.street)
        counted(person)
        before = [one.to_mongo() for one in BadgeHeld.objects.order_by("id")]
        for _ in range(3):
            counted(person)
        assert [one.to_mongo() for one in BadgeHeld.objects.order_by("id")] == before
        assert told(person, "badge_earned", "badge_taken_back") == 2

    def test_of_ten_counts_at_once_one_gives_and_each_badge_is_told_once(self, town):
        person = town.volunteer()
        worked(person, town.street)
        answers = at_once(10, lambda _: recount_person(person.person_id))
        assert not [one for one in answers if isinstance(one, Exception)]
        assert states_of(person) == {"first_duty": "held", "pioneer": "held"}
        assert told(person, "badge_earned") == 2
        assert [one.times for one in BadgeHeld.objects] == [1, 1]

    def test_a_unit_counts_with_all_that_lies_below_it(self, town):
        town.badge("both_units", rule="set", of="units", names=[town.first.id, town.second.id])
        town.badge("whole_street", rule="set", of="units", names=[town.street.id])
        person = town.volunteer()
        worked(person, town.first)
        states = counted(person)
        assert "whole_street" in states
        assert "both_units" not in states
        worked(person, town.second)
        assert counted(person)["both_units"] == "held"

    def test_a_badge_of_badges_comes_with_the_last_of_them(self, town):
        town.badge("two_walks", **at_least(2))
        town.badge("collector", rule="set", of="badges", names=["first_duty", "two_walks"])
        person = town.volunteer()
        worked(person, town.street)
        assert "collector" not in counted(person)
        worked(person, town.street)
        assert counted(person)["collector"] == "held"

    def test_weeks_running_give_a_badge(self, town):
        person = town.volunteer()
        for week in range(4):
            worked(person, town.street, days_ago=7 * week + 0.1)
        assert counted(person)["four_weeks"] == "held"

    def test_progress_is_shown_beside_what_it_needs(self, town):
        person = town.volunteer()
        worked(person, town.street, hours=2.5, km=12.34)
        counted(person)
        seen = {one.badge.badge_id: one for one in badges_seen(by=person)}
        assert (seen["hundred_hours"].have, seen["hundred_hours"].need) == (2.5, 100)
        assert (seen["long_walker"].have, seen["long_walker"].need) == (12.3, 50)
        assert (seen["pillar"].have, seen["pillar"].need, seen["pillar"].held) == (0, 3, None)
        assert seen["first_duty"].held.state == "held"


class TestTakingBack:
    def test_it_goes_with_the_work_and_comes_back_with_other_work(self, town):
        person = town.volunteer()
        done = worked(person, town.street)
        counted(person)
        withdraw(done)
        assert counted(person) == {"first_duty": "taken_back", "pioneer": "taken_back"}
        assert counted(person) == {"first_duty": "taken_back", "pioneer": "taken_back"}
        assert told(person, "badge_taken_back") == 2
        worked(person, town.street)
        assert counted(person) == {"first_duty": "held", "pioneer": "held"}
        assert (told(person, "badge_earned"), told(person, "badge_taken_back")) == (4, 2)

    def test_it_stays_while_other_work_still_holds_its_rule(self, town):
        person = town.volunteer()
        done = worked(person, town.street, days_ago=2)
        worked(person, town.street)
        counted(person)
        withdraw(done)
        assert counted(person) == {"first_duty": "held", "pioneer": "held"}
        assert told(person, "badge_taken_back") == 0

    def test_a_badge_of_badges_goes_with_one_of_them(self, town):
        town.badge("two_walks", **at_least(2))
        town.badge("collector", rule="set", of="badges", names=["first_duty", "two_walks"])
        person = town.volunteer()
        done = [worked(person, town.street) for _ in "12"]
        assert counted(person)["collector"] == "held"
        withdraw(done[0])
        states = counted(person)
        assert (states["first_duty"], states["two_walks"], states["collector"]) == (
            "held",
            "taken_back",
            "taken_back",
        )

    def test_a_withdrawal_that_races_with_counts_ends_without_the_badge(self, town):
        person = town.volunteer()
        done = worked(person, town.street)

        def act(number):
            if number == 3:
                withdraw(done)
            return recount_person(person.person_id)

        at_once(8, act)
        states = counted(person)
        assert set(states.values()) <= {"taken_back"}
        kept = BadgeHeld.objects(person_id=person.person_id, state="held")
        assert kept.count() == 0
        assert told(person, "badge_earned") == told(person, "badge_taken_back")


class TestDefinitionsThatChange:
    def test_who_holds_it_keeps_it_under_the_version_it_was_earned(self, town):
        town.badge("walks", **at_least(1))
        early, late = town.volunteer(), town.volunteer()
        done = worked(early, town.street)
        counted(early)
        town.badge("walks", version=1, **at_least(2))
        worked(late, town.street)
        assert counted(early)["walks"] == "held"
        assert "walks" not in counted(late)
        own = {one.held.badge_id: one for one in badges_of(early.person_id, by=early)}
        assert (own["walks"].held.version, own["walks"].badge.rule["at_least"]) == (1, 1)
        withdraw(done)
        assert counted(early)["walks"] == "taken_back"
        # What it takes to have it again is what it takes now.
        worked(early, town.street)
        assert counted(early)["walks"] == "taken_back"
        worked(early, town.street)
        assert counted(early)["walks"] == "held"
        assert BadgeHeld.objects.get(person_id=early.person_id, badge_id="walks").version == 2

    def test_a_retired_badge_stays_and_is_given_to_nobody_more(self, town):
        early, late = town.volunteer(), town.volunteer()
        worked(early, town.street)
        counted(early)
        town.badge("first_duty", version=1, active=False, **at_least(1))
        worked(late, town.street)
        assert counted(early)["first_duty"] == "held"
        assert "first_duty" not in counted(late)
        assert "first_duty" in {one.badge.badge_id for one in badges_seen(by=early)}
        assert "first_duty" not in {one.badge.badge_id for one in badges_seen(by=late)}


class TestRevoked:
    def test_no_count_gives_it_again(self, town):
        person = town.volunteer()
        worked(person, town.street)
        counted(person)
        revoke_badge(person.person_id, "first_duty", why=WHY, by=town.admin)
        worked(person, town.street)
        assert counted(person)["first_duty"] == "revoked"
        assert told(person, "badge_revoked") == 1

    def test_what_counts_on_it_goes_as_well(self, town):
        town.badge("starter", rule="set", of="badges", names=["first_duty"])
        person = town.volunteer()
        worked(person, town.street)
        assert counted(person)["starter"] == "held"
        revoke_badge(person.person_id, "first_duty", why=WHY, by=town.admin)
        assert counted(person)["starter"] == "taken_back"


class TestFirsts:
    def test_whoever_is_counted_first_is_not_the_first_but_who_was_there_first(self, town):
        early, late = town.volunteer(), town.volunteer()
        worked(early, town.first, days_ago=3)
        worked(late, town.first, days_ago=2)
        assert "pioneer" not in counted(late)
        # Meanwhile the first one waits to be counted, and is noted for it.
        assert DueCount.objects(id=early.person_id).count() == 1
        assert counted(early)["pioneer"] == "held"
        held = BadgeHeld.objects.get(person_id=early.person_id, badge_id="pioneer")
        assert held.about_id == town.first.id

    def test_work_verified_later_takes_it_from_nobody(self, town):
        first, slow = town.volunteer(), town.volunteer()
        worked(first, town.first, days_ago=1)
        counted(first)
        worked(slow, town.first, days_ago=5)
        assert "pioneer" not in counted(slow)
        assert counted(first)["pioneer"] == "held"

    def test_a_count_of_older_work_takes_no_first_from_a_newer_count(self, town):
        first, slow = town.volunteer(), town.volunteer()
        worked(first, town.first, days_ago=1)
        counted(first)
        worked(slow, town.first, days_ago=5)
        # What this count read of its own work was read before that work was verified.
        assert decide_firsts(first.person_id, []) == []
        assert UnitFirst.objects.get(id=town.first.id).person_id == first.person_id

    def test_paid_duty_is_nobodys_first(self, town):
        on_duty, volunteer = town.volunteer(), town.volunteer()
        worked(on_duty, town.first, days_ago=3, on_duty=True)
        worked(volunteer, town.first, days_ago=1)
        assert counted(on_duty) == {}
        assert counted(volunteer)["pioneer"] == "held"

    def test_of_ten_who_race_one_is_the_first(self, town):
        people = [town.volunteer() for _ in range(10)]
        for number, person in enumerate(people):
            worked(person, town.first, days_ago=1 + number / 10)
        at_once(10, lambda number: recount_person(people[number].person_id))
        assert UnitFirst.objects.count() == 1
        held = [counted(person).get("pioneer") for person in people]
        assert held == [None] * 9 + ["held"]

    def test_when_it_falls_the_next_one_is_the_first(self, town):
        first, second, third = (town.volunteer() for _ in "123")
        done = worked(first, town.first, days_ago=3)
        counted(first)
        for person, days_ago in ((third, 1), (second, 2)):
            worked(person, town.first, days_ago=days_ago)
            counted(person)
        withdraw(done)
        assert counted(first)["pioneer"] == "taken_back"
        assert DueCount.objects(id=second.person_id).count() == 1
        assert (counted(third).get("pioneer"), counted(second)["pioneer"]) == (None, "held")
        assert UnitFirst.objects.get(id=town.first.id).person_id == second.person_id

    def test_a_unit_without_any_work_left_waits_for_a_new_first(self, town):
        first, next_one = town.volunteer(), town.volunteer()
        done = worked(first, town.first)
        counted(first)
        withdraw(done)
        counted(first)
        assert UnitFirst.objects.count() == 0
        worked(next_one, town.first)
        assert counted(next_one)["pioneer"] == "held"

    def test_a_first_of_a_named_unit_is_of_that_unit(self, town):
        town.badge("opener", rule="first_in_unit", unit_ids=[town.second.id])
        person = town.volunteer()
        worked(person, town.first)
        assert "opener" not in counted(person)
        worked(person, town.second)
        assert counted(person)["opener"] == "held"


class TestTelling:
    def test_what_a_dead_teller_left_is_told_by_the_sweep_once(self, town):
        person = town.volunteer()
        worked(person, town.street)
        counted(person)
        BadgeHeld.objects.update(set__told=False)
        assert tell_untold() == 2
        assert tell_untold() == 0
        assert told(person, "badge_earned") == 2

    def test_a_hidden_badge_is_seen_by_its_holder_and_staff_alone(self, town):
        person, neighbour = town.volunteer(), town.volunteer()
        worked(person, town.street)
        counted(person)
        hide_badge("first_duty", hidden=True, by=person)
        counted(person)

        def seen_by(by):
            return {one.held.badge_id for one in badges_of(person.person_id, by=by)}

        assert seen_by(person) == seen_by(town.officer) == {"first_duty", "pioneer"}
        assert seen_by(neighbour) == {"pioneer"}
        hide_badge("first_duty", hidden=False, by=person)
        assert seen_by(neighbour) == {"first_duty", "pioneer"}

    def test_strangers_see_the_day_and_neither_words_nor_places(self, town):
        person, neighbour = town.volunteer(), town.volunteer()
        worked(person, town.street)
        counted(person)
        give_badge(person.person_id, "good_neighbour", why=WHY, by=town.officer)
        for by in (person, town.officer):
            own = {one.held.badge_id: one.held for one in badges_of(person.person_id, by=by)}
            assert own["good_neighbour"].words == WHY
            assert own["pioneer"].about_id == town.street.id
        for one in badges_of(person.person_id, by=neighbour):
            assert (one.held.words, one.held.about_id, one.held.given_by) == ("", "", None)
            assert f"{one.held.earned_at:%H:%M:%S.%f}" == "00:00:00.000000"
            assert one.badge.words["en"]

    def test_of_an_earlier_giving_by_hand_no_words_stay(self, town):
        person = town.volunteer()
        done = worked(person, town.street)
        counted(person)
        revoke_badge(person.person_id, "first_duty", why=WHY, by=town.admin)
        give_badge(person.person_id, "first_duty", why=WHY, by=town.admin)
        withdraw(done)
        assert counted(person)["first_duty"] == "taken_back"
        worked(person, town.street)
        assert counted(person)["first_duty"] == "held"
        assert BadgeHeld.objects.get(person_id=person.person_id, badge_id="first_duty").words == ""


def test_work_of_a_moment_ago_and_of_long_ago_count_alike(town):
    person = town.volunteer()
    work(person, town.street, starts_at=now() - timedelta(days=900), hours=60)
    work(person, town.street, starts_at=now() - timedelta(hours=50), hours=40)
    assert counted(person)["hundred_hours"] == "held"
