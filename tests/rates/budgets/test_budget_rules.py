"""Thresholds: set with a reason, and a publication never draws a budget beyond its stop."""

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from ledger import ReasonCode, approve_reversal, balance_of, prove, reverse_entry
from people import ChangeRecord, WhyMissing
from rates import (
    BadBudgetRule,
    BadFund,
    Budget,
    BudgetRule,
    BudgetRuleChanged,
    BudgetShort,
    StopReached,
    budget_left,
    budget_quarter_of,
    budget_standing,
    budget_year_of,
    budgets_with_rules,
    draw_from_budget,
    grant_budget,
    put_budget_rule,
    put_envelope,
)
from rates.budgets import budget_slices
from settings import settings
from shared.clock import real_now
from shared.errors import NotAllowed, Unavailable
from shared.ids import new_id
from tests.racing import at_once
from tests.rates.drawing import draw, into_a_task, pay_owed, publish

WHY = "防止超支"


@pytest.fixture
def here(town, monkeypatch):
    """The district's budget of this year, 1,000 coins in four slices."""
    monkeypatch.setenv("BUDGET_SLICES", "4")
    settings.cache_clear()
    year = budget_year_of(real_now())
    town.budget = Budget(town.district.id, year)
    town.grant = grant_budget(town.district.id, year, 1_000, "示例", "first", by=town.rate_admin)
    yield town
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def rule(here):
    def rule(warn=None, stop=None, version=0, fund="general", by=None, why=WHY, unit=None):
        return put_budget_rule(
            (unit or here.district).id,
            here.budget.year,
            fund,
            warn_percent=warn,
            stop_percent=stop,
            why=why,
            version=version,
            by=by or here.rate_admin,
        )

    return rule


class TestSetting:
    def test_keeps_the_thresholds_and_logs_what_they_were(self, here, rule):
        first = rule(warn=80)
        second = rule(warn=70, stop=90, version=first.version)
        assert (first.version, second.version) == (1, 2)
        kept = BudgetRule.objects.get(id=second.id)
        assert (kept.warn_percent, kept.stop_percent, kept.version) == (70, 90, 2)
        made, changed = ChangeRecord.objects(about_id=second.id).order_by("id")
        assert (made.before, made.after) == ({}, {"warn_percent": 80})
        assert changed.before == {"warn_percent": 80, "stop_percent": None}
        assert changed.after == {"warn_percent": 70, "stop_percent": 90}
        assert (changed.why, changed.by_id) == (WHY, here.rate_admin.person_id)

    def test_again_is_the_same(self, rule):
        assert rule(stop=90).version == rule(stop=90).version == 1
        assert ChangeRecord.objects(subject="budget_rule").count() == 1

    def test_over_a_version_that_is_gone_is_refused(self, here, rule):
        rule(stop=90)
        with pytest.raises(BudgetRuleChanged) as refusal:
            rule(stop=50)
        assert refusal.value.facts == {"version": 1}
        rule(stop=80, version=1)
        with pytest.raises(BudgetRuleChanged):
            rule(stop=50, version=1)
        assert BudgetRule.objects.get().stop_percent == 80

    def test_by_eight_at_once_is_won_by_one(self, rule):
        answers = at_once(8, lambda number: rule(stop=50 + number))
        lost = [one for one in answers if isinstance(one, BudgetRuleChanged)]
        assert len(lost) == 7
        assert ChangeRecord.objects(subject="budget_rule").count() == 1

    def test_is_for_a_rate_admin_of_the_unit_or_above(self, here, rule):
        for stranger in (here.other_rate_admin, here.officer, here.resident):
            with pytest.raises(NotAllowed):
                rule(stop=90, by=stranger)
        assert rule(stop=90, unit=here.grid).unit_id == here.grid.id

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"warn": 0}, "warn_percent"),
            ({"stop": 101}, "stop_percent"),
            ({"stop": True}, "stop_percent"),
            ({"warn": 91, "stop": 90}, "warn_percent"),
        ],
    )
    def test_names_the_field_that_cannot_be_used(self, rule, given, field):
        with pytest.raises(BadBudgetRule) as refused:
            rule(**given)
        assert refused.value.field == field

    def test_needs_a_reason_and_a_fund(self, rule):
        with pytest.raises(WhyMissing):
            rule(stop=90, why=" ")
        with pytest.raises(BadFund):
            rule(stop=90, fund="no fund")
        assert (
            BudgetRule.objects.count(),
            ChangeRecord.objects(subject="budget_rule").count(),
        ) == (0, 0)

    def test_all_that_name_a_threshold_are_found_by_year(self, here, rule):
        rule(warn=80)
        rule(stop=90, fund="elder-care")
        rule(unit=here.street)
        found = budgets_with_rules(here.budget.year)
        assert {(one.unit_id, one.fund) for one in found} == {
            (here.district.id, "general"),
            (here.district.id, "elder-care"),
        }
        assert budgets_with_rules(here.budget.year + 1) == []


class TestStopping:
    def test_refuses_what_would_go_beyond_and_says_by_how_much(self, here, rule):
        rule(stop=90)
        draw(here.budget, 850)
        with pytest.raises(StopReached) as refusal:
            draw(here.budget, 60)
        facts = refusal.value.facts
        assert (facts["had"], facts["drawn"], facts["stop_at"]) == (1_000, 850, 900)
        assert (facts["needed"], facts["missing"], facts["available"]) == (60, 10, 50)
        assert "900" in refusal.value.say("en")
        assert "900" in refusal.value.say("zh-CN")
        draw(here.budget, 50)
        assert budget_left(here.district.id, here.budget.year) == 100

    def test_is_told_as_short_where_there_is_too_little_anyway(self, here, rule):
        rule(stop=90)
        with pytest.raises(BudgetShort) as refusal:
            draw(here.budget, 1_001)
        assert not isinstance(refusal.value, StopReached)

    def test_does_not_hold_for_what_is_owed_already(self, here, rule):
        rule(stop=50)
        draw(here.budget, 500)
        pay_owed(here.district.id, 400)
        assert budget_left(here.district.id, here.budget.year) == 100
        with pytest.raises(StopReached):
            draw(here.budget, 1)

    def test_holds_for_its_own_fund_and_year_alone(self, here, rule):
        rule(stop=50, fund="elder-care")
        draw(here.budget, 900)
        assert budget_left(here.district.id, here.budget.year) == 100

    def test_counts_the_quarters_with_the_year(self, here, rule):
        rule(stop=50)
        quarter = budget_quarter_of(real_now())
        where = (here.district.id, here.budget.year, quarter, 800)
        put_envelope(*where, why=WHY, key=new_id(), by=here.rate_admin)
        publish(here.district.id, 500)
        with pytest.raises(StopReached) as refusal:
            publish(here.district.id, 1)
        assert refusal.value.facts["drawn"] == 500

    def test_moves_with_what_is_granted_and_what_is_reversed(self, here, rule):
        rule(stop=50)
        draw(here.budget, 500)
        more = grant_budget(
            here.district.id, here.budget.year, 200, "示例", "more", by=here.rate_admin
        )
        draw(here.budget, 100)
        asked = {"reason": ReasonCode.WRONG_AMOUNT, "effective_at": real_now(), "by_id": "o1"}
        if reverse_entry(more.entry_id, **asked).reversal_id is None:
            approve_reversal(more.entry_id, by_id="o2")
        standing = budget_standing(here.district.id, here.budget.year)
        assert (standing.granted, standing.drawn, standing.stop_at) == (1_000, 600, 500)
        assert standing.is_stopped
        with pytest.raises(StopReached):
            draw(here.budget, 1)

    def test_raised_lets_publications_through_again(self, here, rule):
        rule(stop=50)
        draw(here.budget, 500)
        rule(stop=60, version=1)
        draw(here.budget, 100)
        rule(version=2)
        draw(here.budget, 400)
        assert budget_left(here.district.id, here.budget.year) == 0

    def test_publications_at_once_from_several_slices_never_pass_it(self, here, rule):
        rule(stop=90)
        answers = at_once(12, lambda _: draw(here.budget, 100))
        assert sum(type(one).__name__ == "Draw" for one in answers) == 9
        assert all(isinstance(one, StopReached) for one in answers if isinstance(one, Exception))
        assert budget_left(here.district.id, here.budget.year) == 100
        assert prove() == []

    def test_whoever_sees_the_same_coins_from_another_slice_waits_and_is_refused(
        self, here, rule, monkeypatch
    ):
        """Two publications in each other's way at the one moment where it matters."""
        rule(stop=10)
        main = threading.get_native_id()
        monkeypatch.setattr(
            budget_slices, "_own_slice", lambda: 0 if threading.get_native_id() == main else 1
        )
        beside = []

        def another(**how):
            with ThreadPoolExecutor(1) as pool:
                taken = partial(draw_from_budget, here.budget, 100)
                into = pool.submit(
                    into_a_task,
                    here.district.id,
                    100,
                    lambda session: taken(session=session),
                    **how,
                )
                return into.exception() or into.result()

        def first(session):
            made = draw_from_budget(here.budget, 100, session=session)
            if not beside:
                beside.append(another(timeout_s=0.5))
            return made

        into_a_task(here.district.id, 100, first)
        assert isinstance(beside[0], Unavailable)
        assert isinstance(another(), StopReached)
        assert budget_left(here.district.id, here.budget.year) == 900

    def test_set_while_publications_run_holds_from_then_on(self, here, rule):
        def act(number):
            return rule(stop=50) if number == 0 else draw(here.budget, 100)

        answers = at_once(10, act)
        assert isinstance(answers[0], BudgetRule)
        assert all(isinstance(one, StopReached) for one in answers if isinstance(one, Exception))
        assert budget_left(here.district.id, here.budget.year) <= 500
        with pytest.raises(StopReached):
            draw(here.budget, 1)
        assert prove() == []


class TestTheStanding:
    def test_says_what_came_in_what_is_left_and_what_lies_in_quarters(self, here, rule):
        rule(warn=30, stop=90)
        where = (here.district.id, here.budget.year, 4, 200)
        put_envelope(*where, why=WHY, key=new_id(), by=here.rate_admin)
        draw(here.budget, 300)
        told = budget_standing(here.district.id, here.budget.year)
        assert (told.granted, told.left, told.drawn) == (1_000, 700, 300)
        assert (told.set_aside_in_quarters, told.moved_in, told.moved_out) == (200, 0, 0)
        assert (told.warn_at, told.stop_at, told.is_warned) == (300, 900, True)

    def test_of_a_budget_that_never_was_is_zero(self, here):
        told = budget_standing(here.street.id, here.budget.year, "roads")
        assert (told.had, told.left, told.drawn, told.warn_at) == (0, 0, 0, None)
        assert balance_of(Budget(here.street.id, here.budget.year).account(0)) == 0
