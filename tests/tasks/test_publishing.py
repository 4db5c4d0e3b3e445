"""Drafting, editing, publishing, cancelling: what works and each way it is refused."""

from datetime import timedelta

import pytest
from street import PATROL_RATE, content, fund

from fixtures.factories import put_card
from ledger import Entry, accounts, balance_of, budget
from people import Actor
from rates import (
    BadFund,
    BudgetShort,
    KindNotRated,
    budget_left,
    budget_year_of,
)
from settings import settings
from shared.clock import now, pretending
from shared.database import collection
from shared.errors import NotAllowed
from shared.ids import random_id
from tasks import Task, cancel_task, draft_task, edit_task, publish_task, seen_task
from tasks.draft_content import BadWindow, ClaimDistanceMissing
from tasks.jobs import sweep
from tasks.judging.areas import BadArea
from tasks.publishing import (
    DraftKeyReused,
    TaskChanged,
    TaskNotFound,
    WrongTaskState,
)
from tests.racing import at_once


def budget_of_street(town):
    return balance_of(budget(town.street.id, budget_year_of(now())))


@pytest.fixture(autouse=True)
def own_settings():
    """A test that sets a variable takes its settings away with it."""
    yield
    settings.cache_clear()


class TestDrafting:
    def test_a_centre_drafts_and_the_place_is_in_words(self, draft):
        task = draft()
        assert (task.state, task.place, task.slots_left) == ("draft", "鼓楼区鼓西街道", 5)

    def test_nobody_else_drafts(self, town):
        with pytest.raises(NotAllowed):
            draft_task(town.street.id, content(), key="draft-01", by=Actor(random_id()))

    def test_an_officer_of_the_street_does_not_draft_for_the_district(self, town):
        with pytest.raises(NotAllowed):
            draft_task(town.district.id, content(), key="draft-01", by=town.officer)

    @pytest.mark.parametrize("hours", [-1, 0, 25])
    def test_a_window_ends_after_it_starts_within_a_day(self, draft, hours):
        starts_at = now() + timedelta(hours=1)
        with pytest.raises(BadWindow):
            draft(starts_at=starts_at, ends_at=starts_at + timedelta(hours=hours))

    def test_a_window_that_is_over_is_refused(self, draft):
        with pytest.raises(BadWindow):
            draft(starts_at=now() - timedelta(hours=3), ends_at=now() - timedelta(hours=1))

    @pytest.mark.parametrize(
        ("claim_from", "within"), [("within", None), ("anywhere", 500), ("inside_unit", 500)]
    )
    def test_a_distance_goes_with_within_only(self, draft, claim_from, within):
        with pytest.raises(ClaimDistanceMissing):
            draft(claim_from=claim_from, claim_within_m=within)

    def test_a_bad_area_is_refused(self, draft):
        with pytest.raises(BadArea):
            draft(area={"shape": "star"})

    def test_a_draft_is_seen_by_its_centre_only(self, town, draft, volunteer):
        task = draft()
        assert seen_task(task.id, by=town.officer).id == task.id
        with pytest.raises(TaskNotFound):
            seen_task(task.id, by=volunteer())

    def test_the_same_key_again_is_the_same_draft(self, town, draft):
        starts_at, ends_at = now() + timedelta(hours=1), now() + timedelta(hours=2)
        first = draft(key="draft-01", starts_at=starts_at, ends_at=ends_at)
        edit_task(first.id, {"slots": 9}, version=1, by=town.officer)
        again = draft(key="draft-01", starts_at=starts_at, ends_at=ends_at)
        assert (again.id, again.slots) == (first.id, 9)
        with pytest.raises(DraftKeyReused):
            draft(key="draft-01", starts_at=starts_at, ends_at=ends_at, slots=2)

    def test_the_same_draft_sent_ten_times_at_once_is_one(self, draft):
        starts_at = now() + timedelta(hours=1)
        window = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=2)}
        answers = at_once(10, lambda _: draft(key="draft-01", **window))
        assert len({answer.id for answer in answers}) == 1


class TestEditing:
    def test_an_edit_changes_what_it_names(self, town, draft):
        task = draft()
        edited = edit_task(task.id, {"slots": 9}, version=1, by=town.officer)
        assert (edited.slots, edited.slots_left, edited.title) == (9, 9, task.title)
        assert edited.version == 2

    def test_an_edit_of_an_older_version_is_refused(self, town, draft):
        task = draft()
        edit_task(task.id, {"slots": 9}, version=1, by=town.officer)
        with pytest.raises(TaskChanged) as refusal:
            edit_task(task.id, {"slots": 3}, version=1, by=town.officer)
        assert refusal.value.facts == {"version": 2}

    def test_a_published_task_is_not_edited(self, town, published):
        task = published()
        with pytest.raises(WrongTaskState):
            edit_task(task.id, {"slots": 9}, version=task.version, by=town.officer)


class TestPublishing:
    def test_publishing_freezes_the_price_and_funds_the_task(self, town, published):
        task = published()
        assert (task.state, task.coins) == ("published", 100)
        assert balance_of(accounts.task(task.id)) == 500
        assert budget_of_street(town) == 9_500

    def test_publishing_again_moves_nothing(self, town, published):
        task = published()
        assert publish_task(task.id, by=town.officer).id == task.id
        assert budget_of_street(town) == 9_500

    def test_a_task_is_paid_by_the_fund_it_names(self, town, draft):
        task = draft(fund="elder-care")
        with pytest.raises(BudgetShort) as refusal:
            publish_task(task.id, by=town.officer)
        assert (refusal.value.facts["fund"], refusal.value.facts["available"]) == ("elder-care", 0)
        fund(town.street, 500, name="elder-care")
        assert publish_task(task.id, by=town.officer).fund == "elder-care"
        assert budget_left(town.street.id, budget_year_of(now()), "elder-care") == 0
        assert budget_of_street(town) == 10_000

    def test_a_draft_says_a_fund_that_can_be_one(self, town, draft):
        with pytest.raises(BadFund):
            draft(fund="no such: fund")
        edited = edit_task(draft().id, {"fund": "roads"}, version=1, by=town.officer)
        assert edited.fund == "roads"

    def test_how_long_its_coins_last_is_frozen_with_the_price(self, town, published):
        assert published().coins_last_months is None
        moment = now() + timedelta(seconds=1)
        put_card(
            town.street.id,
            moment,
            PATROL_RATE,
            fen_per_10000_coins=20_000,
            coins_last_months=24,
            by=town.rate_admin,
        )
        with pretending(moment):
            assert published().coins_last_months == 24

    def test_its_entry_names_the_unit(self, town, published):
        task = published()
        entry = collection(Entry).find_one({"key": f"publication:{task.id}"})
        assert entry["unit"] == town.street.id

    def test_coins_in_several_slices_pay_for_one_task(self, town, draft, monkeypatch):
        monkeypatch.setenv("BUDGET_SLICES", "4")
        settings.cache_clear()
        fund(town.street, 3_000, 1)
        fund(town.street, 2_000, 3)
        task = publish_task(draft(slots=140).id, by=town.officer)
        year = budget_year_of(now())
        assert balance_of(accounts.task(task.id)) == 14_000
        assert budget_left(town.street.id, year) == 1_000
        cancel_task(task.id, by=town.officer)
        sweep()
        assert budget_left(town.street.id, year) == 15_000

    def test_who_repeats_a_publication_that_took_the_last_coins_is_not_refused(self, town, draft):
        task = draft(slots=100)
        answers = at_once(12, lambda _: publish_task(task.id, by=town.officer))
        assert [getattr(answer, "state", answer) for answer in answers] == ["published"] * 12
        assert budget_of_street(town) == 0

    def test_twelve_publications_at_once_fund_it_once(self, town, draft):
        task = draft()
        answers = at_once(12, lambda _: publish_task(task.id, by=town.officer))
        assert {answer.state for answer in answers} == {"published"}
        assert budget_of_street(town) == 9_500

    def test_a_budget_that_is_short_says_what_is_missing_and_nothing_moves(self, town, draft):
        task = draft(slots=150)
        with pytest.raises(BudgetShort) as refusal:
            publish_task(task.id, by=town.officer)
        assert refusal.value.facts["missing"] == 5_000
        assert seen_task(task.id, by=town.officer).state == "draft"
        fund(town.street, 5_000)
        assert publish_task(task.id, by=town.officer).state == "published"

    def test_twenty_publications_at_once_never_exceed_the_budget(self, town, draft):
        drafts = [draft(slots=10) for _ in range(20)]
        answers = at_once(20, lambda number: publish_task(drafts[number].id, by=town.officer))
        assert sum(isinstance(answer, BudgetShort) for answer in answers) == 10
        assert budget_of_street(town) == 0

    def test_twenty_at_once_from_slices_spend_the_last_coin_and_no_more(
        self, town, draft, monkeypatch
    ):
        monkeypatch.setenv("BUDGET_SLICES", "3")
        settings.cache_clear()
        drafts = [draft(slots=10) for _ in range(20)]
        answers = at_once(20, lambda number: publish_task(drafts[number].id, by=town.officer))
        assert sum(isinstance(answer, BudgetShort) for answer in answers) == 10
        assert sum(isinstance(answer, Task) for answer in answers) == 10
        assert budget_left(town.street.id, budget_year_of(now())) == 0

    def test_a_kind_without_a_rate_is_refused(self, town, draft):
        task = draft(kind="on_duty_post")
        with pytest.raises(KindNotRated):
            publish_task(task.id, by=town.officer)
