"""Approving and withdrawing rate cards: by a second person, ahead of time, once, and logged."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sample_cards import PATROL, START, TITLE, a_card, day

from people import ChangeRecord, WhyMissing
from rates import (
    CardBackDated,
    CardExists,
    CardInForce,
    CardNotFound,
    CardState,
    CoinsWithoutValue,
    OwnRateCard,
    RateCard,
    RateCardChanged,
    WrongCardState,
    approve_card,
    draft_card,
    edit_card,
    terms_in_force,
    withdraw_card,
)
from shared.clock import now, pretending
from shared.errors import NotAllowed
from shared.ids import new_id
from tests.racing import at_once


@pytest.fixture(autouse=True)
def at_the_start():
    """It is the start of 2026 in these tests."""
    with pretending(START):
        yield


@pytest.fixture
def people(town, staff_at):
    """Who else has to do with the district's rates."""
    return SimpleNamespace(
        second=staff_at("rate_admin", town.district),
        third=staff_at("rate_admin", town.city),
        admin=staff_at("admin", town.city),
    )


@pytest.fixture
def draft(town):
    def draft(unit=None, by=None, key=None, **content):
        unit_id = (unit or town.district).id
        return draft_card(
            unit_id, a_card(**content), why="x", key=key or new_id(), by=by or town.rate_admin
        )

    return draft


def approve(card, by, version=None):
    return approve_card(card.id, version=version or card.version, why="agreed", by=by)


def withdraw(card, by, version=None):
    return withdraw_card(card.id, version=version or card.version, why="mistake", by=by)


class TestApproving:
    def test_puts_the_card_in_force_from_its_moment(self, town, draft, people):
        card = approve(draft(), people.second)
        assert (card.state, card.version) == (CardState.APPROVED, 2)
        assert (card.approved_by, card.approved_at) == (people.second.person_id, now())
        assert terms_in_force(town.grid, day(1)).card_ids == (card.id,)

    def test_may_be_done_by_an_admin_seconds_ahead_of_its_moment(self, town, draft, people):
        soon = START + timedelta(seconds=11)
        card = approve(draft(in_force_from=soon), people.admin)
        assert terms_in_force(town.district, soon).card_ids == (card.id,)

    def test_never_comes_into_force_while_the_approval_is_being_written(self, draft, people):
        for ahead_s in (0, 5, 10):
            card = draft(in_force_from=START + timedelta(seconds=ahead_s))
            with pytest.raises(CardBackDated):
                approve(card, people.second)

    def test_logs_what_follows_what(self, draft, people):
        first = approve(draft(), people.second)
        second = approve(draft(in_force_from=day(9), fen_per_10000_coins=5), people.admin)
        of_first, of_second = (
            ChangeRecord.objects.get(about_id=card.id, verb="approved") for card in (first, second)
        )
        assert of_first.before == {"state": "draft"}
        assert of_first.after["lines"][0]["kind"] == "patrol"
        assert of_second.before["fen_per_10000_coins"] == 20_000
        assert of_second.after["fen_per_10000_coins"] == 5
        assert "lines" not in of_second.after
        assert (of_second.by_id, of_second.why) == (people.admin.person_id, "agreed")

    def test_is_never_done_by_who_wrote_on_it(self, town, draft, people):
        card = draft()
        with pytest.raises(OwnRateCard):
            approve(card, town.rate_admin)
        edited = edit_card(card.id, {"title": TITLE}, version=1, why="x", by=people.second)
        for writer in (town.rate_admin, people.second):
            with pytest.raises(OwnRateCard):
                approve(edited, writer)
        assert approve(edited, people.third).state == CardState.APPROVED

    def test_again_by_the_same_is_the_same_even_in_force(self, draft, people):
        card = draft()
        approved = approve(card, people.second)
        with pretending(day(30)):
            again = approve(card, people.second)
        assert (again.id, again.version) == (approved.id, approved.version)
        assert ChangeRecord.objects(verb="approved").count() == 1
        with pytest.raises(WrongCardState):
            approve(card, people.third)

    def test_is_of_the_version_that_was_seen(self, town, draft, people):
        card = draft()
        edit_card(card.id, {"fen_per_10000_coins": 1}, version=1, why="x", by=town.rate_admin)
        with pytest.raises(RateCardChanged):
            approve(card, people.second)
        assert RateCard.objects.get().state == CardState.DRAFT

    def test_comes_too_late_after_the_cards_moment(self, draft, people):
        card = draft()
        with pretending(day(2)), pytest.raises(CardBackDated):
            approve(card, people.second)

    def test_needs_a_role_at_the_unit_and_a_reason(self, town, draft, people, staff_at):
        card = draft()
        for stranger, refusal in (
            (town.resident, CardNotFound),
            (town.other_rate_admin, CardNotFound),
            (staff_at("auditor", town.district), NotAllowed),
            (staff_at("centre_officer", town.district), NotAllowed),
        ):
            with pytest.raises(refusal):
                approve(card, stranger)
        with pytest.raises(WhyMissing):
            approve_card(card.id, version=1, why=" ", by=people.second)
        with pytest.raises(CardNotFound):
            approve_card(new_id(), version=1, why="x", by=people.second)

    def test_no_second_card_from_the_same_moment(self, town, draft, people):
        approve(draft(), people.second)
        other = draft(fen_per_10000_coins=1)
        with pytest.raises(CardExists):
            approve(other, people.second)
        assert RateCard.objects.get(id=other.id).state == CardState.DRAFT
        assert ChangeRecord.objects(about_id=other.id, verb="approved").count() == 0
        assert approve(draft(unit=town.street), people.second).state == CardState.APPROVED

    def test_coins_need_a_value_of_the_card_or_of_one_above(self, town, draft, people):
        bare = {"unit": town.street, "inherits": True, "fen_per_10000_coins": None}
        with pytest.raises(CoinsWithoutValue):
            approve(draft(**bare), people.second)
        approve(draft(), people.second)
        assert approve(draft(**bare), people.second).state == CardState.APPROVED

    def test_of_two_who_approve_at_once_one_did(self, draft, people):
        card = draft()

        def one(number):
            with pretending(START):
                return approve(card, (people.second, people.third, people.admin)[number % 3])

        answers = at_once(6, one)
        approved = [answer for answer in answers if isinstance(answer, RateCard)]
        assert {one.approved_by for one in approved} == {RateCard.objects.get().approved_by}
        assert sum(isinstance(answer, WrongCardState) for answer in answers) == 6 - len(approved)
        assert ChangeRecord.objects(verb="approved").count() == 1

    def test_of_an_approval_and_an_edit_at_once_one_is_done(self, town, draft, people):
        for _ in range(4):
            card = draft(in_force_from=day(1))

            def one(number, card=card):
                with pretending(START):
                    if number % 2:
                        return approve(card, people.second)
                    change = {"fen_per_10000_coins": 7}
                    return edit_card(card.id, change, version=1, why="x", by=town.rate_admin)

            answers = at_once(2, one)
            assert sum(isinstance(answer, RateCard) for answer in answers) == 1
            stands = RateCard.objects.get(id=card.id)
            assert stands.version == 2
            assert (stands.fen_per_10000_coins == 7) == (stands.state == CardState.DRAFT)
            if stands.state == CardState.APPROVED:
                withdraw(stands, people.admin)

    def test_of_cards_for_the_same_moment_approved_at_once_one_is(self, draft, people):
        cards = [draft(fen_per_10000_coins=number) for number in range(5)]

        def one(number):
            with pretending(START):
                return approve(cards[number], people.second)

        answers = at_once(5, one)
        assert sum(isinstance(answer, RateCard) for answer in answers) == 1
        assert sum(isinstance(answer, CardExists) for answer in answers) == 4
        assert RateCard.objects(state=CardState.APPROVED).count() == 1
        assert ChangeRecord.objects(verb="approved").count() == 1


class TestWithdrawing:
    def test_ends_a_draft_for_good(self, town, draft, people):
        card = withdraw(draft(), town.rate_admin)
        assert (card.state, card.withdrawn_by) == (CardState.WITHDRAWN, town.rate_admin.person_id)
        with pytest.raises(WrongCardState):
            approve(card, people.second)
        with pytest.raises(WrongCardState):
            edit_card(card.id, {}, version=2, why="x", by=town.rate_admin)

    def test_takes_back_an_approved_card_before_its_moment(self, town, draft, people):
        first = approve(draft(in_force_from=START + timedelta(minutes=1)), people.second)
        card = withdraw(approve(draft(), people.second), people.admin)
        assert (card.withdrawn_at, card.version) == (now(), 3)
        assert terms_in_force(town.district, day(2)).card_ids == (first.id,)
        record = ChangeRecord.objects.get(verb="withdrawn")
        assert (record.before, record.after) == ({"state": "approved"}, {"state": "withdrawn"})
        assert record.why == "mistake"

    def test_leaves_its_moment_to_another_card(self, draft, people):
        withdraw(approve(draft(), people.second), people.second)
        assert approve(draft(lines=[{**PATROL, "base": 9}]), people.second).version == 2

    def test_is_not_possible_once_in_force_or_seconds_before(self, draft, people):
        card = approve(draft(), people.second)
        for moment in (day(1), day(9), day(1) - timedelta(seconds=5)):
            with pretending(moment), pytest.raises(CardInForce):
                withdraw(card, people.second)
        with pretending(day(1) - timedelta(seconds=11)):
            assert withdraw(card, people.second).state == CardState.WITHDRAWN

    def test_again_is_the_same(self, draft, people):
        card = draft()
        assert withdraw(card, people.second).version == withdraw(card, people.second).version == 2
        assert ChangeRecord.objects(verb="withdrawn").count() == 1
        with pytest.raises(WrongCardState):
            withdraw(card, people.admin)

    def test_is_of_the_version_that_was_seen(self, town, draft, people):
        card = draft()
        edit_card(card.id, {"fen_per_10000_coins": 1}, version=1, why="x", by=town.rate_admin)
        with pytest.raises(RateCardChanged):
            withdraw(card, people.second)

    def test_needs_a_role_and_a_reason(self, town, draft, staff_at, people):
        card = draft()
        with pytest.raises(NotAllowed):
            withdraw(card, staff_at("auditor", town.district))
        with pytest.raises(CardNotFound):
            withdraw(card, town.resident)
        with pytest.raises(WhyMissing):
            withdraw_card(card.id, version=1, why="", by=people.second)

    def test_of_an_approval_and_a_withdrawal_at_once_one_is_done(self, draft, people):
        card = draft()

        def one(number):
            with pretending(START):
                return approve(card, people.second) if number else withdraw(card, people.admin)

        answers = at_once(2, one)
        assert sum(isinstance(answer, RateCard) for answer in answers) == 1
        assert RateCard.objects.get().version == 2
        assert ChangeRecord.objects(verb__in=["approved", "withdrawn"]).count() == 1
