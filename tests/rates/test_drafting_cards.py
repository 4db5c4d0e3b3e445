"""Drafting rate cards: from nothing or from another one, edited by version, every step logged."""

from datetime import timedelta

import pytest
from sample_cards import PATROL, START, TITLE, a_card, day, everything

from people import ChangeRecord, Role, UnitNotFound, WhyMissing
from rates import (
    EXAMPLE_CARDS,
    BadCardNumber,
    BadCardText,
    CardBackDated,
    CardKeyReused,
    CardNotFound,
    CardState,
    OwnRateCard,
    RateCard,
    RateCardChanged,
    UnitOutsideCard,
    WrongCardState,
    approve_card,
    content_of,
    draft_card,
    edit_card,
)
from rates.card_content import sound_content
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
def draft(town):
    def draft(content=None, unit=None, key="card-0001", by=None, why="spring", copy_of=""):
        return draft_card(
            (unit or town.district).id,
            content or a_card(),
            copy_of=copy_of,
            why=why,
            key=key,
            by=by or town.rate_admin,
        )

    return draft


class TestDrafting:
    def test_keeps_all_that_the_card_says(self, town, draft):
        said = everything(town.street.id)
        card = RateCard.objects.get(id=draft(said).id)
        assert sound_content(content_of(card)) == sound_content(said)
        assert (card.state, card.version, card.drafted_at) == (CardState.DRAFT, 1, now())
        assert card.written_by == [town.rate_admin.person_id]
        assert (card.approved_by, card.approved_at) == (None, None)

    def test_is_logged_with_what_it_says_and_why(self, town, draft):
        card = draft(why=" spring ")
        record = ChangeRecord.objects.get(about_id=card.id)
        assert (record.subject, record.verb, record.why) == ("rate_card", "drafted", "spring")
        assert (record.by_id, record.unit_id) == (town.rate_admin.person_id, town.district.id)
        assert record.before == {}
        assert record.after["fen_per_10000_coins"] == 20_000
        assert record.after["lines"][0]["per_hour"] == 50

    def test_again_is_the_same_card_even_after_its_moment(self, draft):
        first = draft()
        assert draft().id == first.id
        with pretending(day(30)):
            assert draft().id == first.id
        assert (RateCard.objects.count(), ChangeRecord.objects.count()) == (1, 1)

    def test_another_content_under_the_same_key_is_refused(self, town, draft):
        draft()
        for other in (a_card(fen_per_10000_coins=1), a_card(lines=[])):
            with pytest.raises(CardKeyReused):
                draft(other)
        with pytest.raises(CardKeyReused):
            draft(unit=town.street)

    def test_a_key_is_its_authors_own(self, draft, staff_at, town):
        mine = draft()
        assert draft(by=staff_at("rate_admin", town.district)).id != mine.id

    def test_of_several_at_once_under_one_key_one_is_made(self, draft):
        def one(_):
            # A thread starts with a clock of its own.
            with pretending(START):
                return draft()

        answers = at_once(6, one)
        assert len({card.id for card in answers}) == 1
        assert (RateCard.objects.count(), ChangeRecord.objects.count()) == (1, 1)

    def test_is_for_a_rate_admin_of_the_unit_or_above(self, town, draft, staff_at):
        assert draft(unit=town.grid).unit_id == town.grid.id
        strangers = (town.other_rate_admin, town.officer, town.resident)
        for stranger in (*strangers, staff_at("admin", town.city)):
            with pytest.raises(NotAllowed):
                draft(by=stranger)
        with pytest.raises(NotAllowed):
            draft(unit=town.city)

    def test_needs_a_unit_a_reason_and_a_moment_ahead(self, town, draft):
        with pytest.raises(UnitNotFound):
            draft_card(new_id(), a_card(), why="x", key="k", by=town.rate_admin)
        with pytest.raises(WhyMissing):
            draft(why="  ")
        with pytest.raises(CardBackDated):
            draft(a_card(in_force_from=START - timedelta(milliseconds=1)))
        with pytest.raises(BadCardNumber):
            draft(a_card(lines=[{**PATROL, "base": -1}]))
        assert (RateCard.objects.count(), ChangeRecord.objects.count()) == (0, 0)
        assert draft(a_card(in_force_from=START)).in_force_from == START

    def test_areas_lie_below_the_unit_of_the_card(self, town, draft):
        assert draft(everything(town.grid.id)).multipliers[2].unit_ids == [town.grid.id]
        for outside in (town.other.id, town.city.id, new_id()):
            with pytest.raises(UnitOutsideCard) as refused:
                draft(everything(outside), key="card-0002")
            assert refused.value.field == "multipliers.2.unit_ids.0"


class TestCopying:
    def test_takes_what_is_left_out_from_another_card(self, town, draft):
        first = draft(everything(town.street.id))
        copy = draft(
            {"in_force_from": day(40), "coins_last_months": 6}, key="card-0002", copy_of=first.id
        )
        changes = {"in_force_from": day(40), "coins_last_months": 6}
        assert content_of(copy) == content_of(first) | changes
        assert (copy.state, copy.version, copy.unit_id) == (CardState.DRAFT, 1, town.district.id)

    def test_of_a_draft_keeps_its_authors_from_approving_their_own_words(
        self, town, draft, staff_at
    ):
        second, third = (staff_at("rate_admin", unit) for unit in (town.district, town.city))
        copy = draft({"in_force_from": day(40)}, key="b", copy_of=draft().id, by=second)
        assert copy.written_by == [second.person_id, town.rate_admin.person_id]
        assert ChangeRecord.objects.get(about_id=copy.id).by_id == second.person_id
        for author in (second, town.rate_admin):
            with pytest.raises(OwnRateCard):
                approve_card(copy.id, version=1, why="x", by=author)
        approved = approve_card(copy.id, version=1, why="x", by=third)
        later = draft({"in_force_from": day(50)}, key="c", copy_of=approved.id, by=third)
        assert later.written_by == [third.person_id]

    @pytest.mark.parametrize("example", EXAMPLE_CARDS)
    def test_of_each_example_can_be_approved(self, town, draft, staff_at, example):
        card = draft({"in_force_from": day(2)}, copy_of=example)
        second = staff_at("rate_admin", town.district)
        assert approve_card(card.id, version=1, why="x", by=second).state == CardState.APPROVED
        above_it = draft({**a_card(), "inherits": True}, unit=town.street, key="below")
        assert approve_card(above_it.id, version=1, why="x", by=second).version == 2

    def test_does_not_take_the_moment(self, draft):
        with pytest.raises(BadCardNumber):
            draft({"in_force_from": day(2), "fen_per_10000_coins": -1}, copy_of=draft().id, key="b")
        with pytest.raises(Exception, match="moment") as refused:
            draft({"title": TITLE}, copy_of=draft().id, key="card-0002")
        assert refused.value.field == "in_force_from"

    def test_takes_an_example(self, draft):
        card = draft({"in_force_from": day(2)}, copy_of="gulou")
        assert (card.lines[0].per_hour, card.fen_per_10000_coins) == (50, 20_000)

    def test_needs_a_card_that_one_may_see(self, town, draft, staff_at):
        of_district = draft()
        of_street = staff_at("rate_admin", town.street)
        told = {"unit": town.street, "by": of_street, "content": {"in_force_from": day(2)}}
        for copied in (of_district.id, new_id(), "no_such_example"):
            with pytest.raises(CardNotFound):
                draft(copy_of=copied, **told)
        second = staff_at("rate_admin", town.district)
        approve_card(of_district.id, version=1, why="x", by=second)
        assert draft(copy_of=of_district.id, **told).unit_id == town.street.id


class TestEditing:
    def test_replaces_the_fields_named_and_logs_what_differs(self, town, draft, staff_at):
        card, second = draft(), staff_at("rate_admin", town.district)
        edited = edit_card(
            card.id, {"lines": [{**PATROL, "per_hour": 60}]}, version=1, why="dearer", by=second
        )
        assert (edited.version, edited.lines[0].per_hour) == (2, 60)
        assert edited.fen_per_10000_coins == 20_000
        assert edited.written_by == [town.rate_admin.person_id, second.person_id]
        record = ChangeRecord.objects.get(verb="edited")
        assert set(record.before) == set(record.after) == {"lines"}
        assert record.before["lines"][0]["per_hour"] == 50
        assert record.after["lines"][0]["per_hour"] == 60
        assert (record.why, record.by_id) == ("dearer", second.person_id)

    def test_may_take_back_what_was_said(self, town, draft):
        card = draft(everything(town.street.id))
        edited = edit_card(
            card.id,
            {"caps": None, "extras": [], "paid_roles": None},
            version=1,
            why="simpler",
            by=town.rate_admin,
        )
        assert (edited.caps, edited.paid_roles, list(edited.extras)) == (None, None, [])

    def test_is_refused_at_another_version(self, town, draft):
        card = draft()
        edit_card(card.id, {"title": TITLE}, version=1, why="x", by=town.rate_admin)
        with pytest.raises(RateCardChanged) as refused:
            edit_card(card.id, {"title": TITLE}, version=1, why="x", by=town.rate_admin)
        assert refused.value.facts["version"] == 2
        assert ChangeRecord.objects(verb="edited").count() == 1

    def test_of_several_at_once_one_is_taken(self, town, draft):
        card = draft()

        def one(number):
            with pretending(START):
                change = {"fen_per_10000_coins": number}
                return edit_card(card.id, change, version=1, why="x", by=town.rate_admin)

        answers = at_once(6, one)
        assert sum(isinstance(answer, RateCard) for answer in answers) == 1
        assert sum(isinstance(answer, RateCardChanged) for answer in answers) == 5
        assert RateCard.objects.get().version == 2
        assert ChangeRecord.objects(verb="edited").count() == 1

    def test_is_for_rate_admins_and_for_drafts(self, town, draft, staff_at):
        card = draft()
        told = {"version": 1, "why": "x"}
        for stranger, refusal in (
            (town.resident, CardNotFound),
            (town.other_rate_admin, CardNotFound),
            (staff_at("admin", town.city), NotAllowed),
        ):
            with pytest.raises(refusal):
                edit_card(card.id, {}, **told, by=stranger)
        with pytest.raises(CardNotFound):
            edit_card(new_id(), {}, **told, by=town.rate_admin)
        approve_card(card.id, version=1, why="x", by=staff_at("rate_admin", town.district))
        with pytest.raises(WrongCardState) as refused:
            edit_card(card.id, {}, version=2, why="x", by=town.rate_admin)
        assert refused.value.facts["state"] == "approved"

    def test_refuses_what_a_draft_would(self, town, draft):
        card = draft()
        told = {"version": 1, "why": "x", "by": town.rate_admin}
        with pytest.raises(BadCardText):
            edit_card(card.id, {"title": None}, **told)
        with pytest.raises(CardBackDated):
            edit_card(card.id, {"in_force_from": day(-1)}, **told)
        with pytest.raises(WhyMissing):
            edit_card(card.id, {}, version=1, why="", by=town.rate_admin)
        assert RateCard.objects.get().version == 1

    def test_role_names_are_kept_as_words(self, town, draft):
        card = draft(a_card(paid_roles=[Role.CAPTAIN]))
        assert RateCard.objects.get(id=card.id).paid_roles == ["captain"]
