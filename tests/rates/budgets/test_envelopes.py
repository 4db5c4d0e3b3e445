"""Quarterly envelopes: a cap of their own, out of the year's budget, which gets the rest back."""

from datetime import timedelta

import pytest

from ledger import Entry, balance_of, entry_of, prove
from people import ChangeRecord, WhyMissing
from rates import (
    BadEnvelope,
    BadFund,
    Budget,
    BudgetKeyReused,
    BudgetShort,
    Envelope,
    EnvelopePut,
    QuarterOver,
    budget_for,
    budget_left,
    budget_of,
    budget_quarter_of,
    budget_year_of,
    end_envelopes,
    grant_budget,
    jobs,
    put_envelope,
    quarter_ends_at,
)
from rates.budgets import envelopes
from shared.clock import pretending, real_now
from shared.errors import NotAllowed
from shared.ids import new_id
from tests.racing import at_once
from tests.rates.drawing import draw, give_back, pay_owed, publish

WHY = "按季控制支出"


@pytest.fixture
def here(town):
    """The district's budgets of this very quarter: of the year, and of the quarter."""
    moment = real_now()
    year, quarter = budget_year_of(moment), budget_quarter_of(moment)
    grant_budget(town.district.id, year, 1_000, "示例", new_id(), by=town.rate_admin)
    town.quarter = Budget(town.district.id, year, quarter=quarter)
    town.year = town.quarter.of_the_year
    return town


@pytest.fixture
def put(here):
    def put(coins=300, key=None, quarter=None, by=None, why=WHY, year=None, fund="general"):
        unit_id, own = here.district.id, here.quarter
        where = (unit_id, year or own.year, quarter or own.quarter, coins, fund)
        return put_envelope(*where, why=why, key=key or new_id(), by=by or here.rate_admin)

    return put


@pytest.fixture
def after_the_quarter(here, monkeypatch):
    """From its call on the quarter is truly over for whoever ends envelopes."""

    def pass_by():
        later = quarter_ends_at(here.quarter.year, here.quarter.quarter) + timedelta(minutes=1)
        monkeypatch.setattr(envelopes, "real_now", lambda: later)

    return pass_by


def held(budget):
    return sum(balance_of(budget.account(number)) for number in range(16))


class TestSettingAside:
    def test_moves_the_coins_from_the_year_to_the_quarter(self, here, put):
        made = put(300)
        assert (held(here.year), held(here.quarter)) == (700, 300)
        assert budget_left(here.district.id, here.year.year) == 1_000
        entry = entry_of(made.entry_id)
        assert (entry.kind, entry.about) == ("rebalancing", {"kind": "envelope", "id": made.id})

    def test_adds_to_what_is_there_and_takes_back_what_is_not_spent(self, here, put):
        put(300)
        put(100)
        put(-250)
        assert (held(here.year), held(here.quarter)) == (850, 150)
        assert Envelope.objects.get(id=here.quarter.name).coins == 150

    def test_is_logged_with_before_after_who_and_why(self, here, put):
        put(300)
        put(-100, why="七月任务减少")
        first, second = ChangeRecord.objects(about_id=here.quarter.name).order_by("id")
        assert (first.before, first.after, first.why) == ({"coins": 0}, {"coins": 300}, WHY)
        assert (second.before, second.after) == ({"coins": 300}, {"coins": 200})
        assert second.why == "七月任务减少"
        assert second.by_id == here.rate_admin.person_id
        assert (second.subject, second.unit_id) == ("budget_envelope", here.district.id)

    def test_again_under_the_key_is_the_same_putting(self, here, put):
        assert put(300, key="k").id == put(300, key="k").id
        assert held(here.quarter) == 300

    @pytest.mark.parametrize("other", [{"coins": 1}, {"why": "another"}, {"fund": "roads"}])
    def test_another_one_under_the_key_is_refused(self, here, put, other):
        put(300, key="k")
        with pytest.raises(BudgetKeyReused):
            put(**{"coins": 300, **other}, key="k")
        assert held(here.quarter) == 300

    def test_more_than_the_year_holds_is_refused_and_leaves_nothing(self, here, put):
        with pytest.raises(BudgetShort) as refusal:
            put(1_001)
        assert refusal.value.facts["period"] == str(here.year.year)
        assert (held(here.year), EnvelopePut.objects.count()) == (1_000, 0)
        assert ChangeRecord.objects(subject="budget_envelope").count() == 0
        (told,) = budget_of(here.district.id, here.year.year, by=here.rate_admin).funds
        assert told.quarters == (), "an envelope that never held a coin is none"

    def test_all_that_there_is_sent_four_times_at_once_is_set_aside_once(self, here, put):
        made = at_once(4, lambda _: put(1_000, key="k"))
        assert [getattr(one, "id", one) for one in made] == [EnvelopePut.objects.get().id] * 4
        assert held(here.quarter) == 1_000

    def test_taking_back_more_than_is_left_is_refused(self, here, put):
        put(300)
        publish(here.district.id, 200)
        with pytest.raises(BudgetShort) as refusal:
            put(-101)
        assert refusal.value.facts["period"] == here.quarter.period
        assert refusal.value.facts["available"] == 100
        put(-100)
        assert held(here.year) == 800

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"coins": 0}, "coins"),
            ({"coins": True}, "coins"),
            ({"coins": 1.5}, "coins"),
            ({"coins": -(10**12) - 1}, "coins"),
            ({"quarter": 5}, "quarter"),
            ({"quarter": True}, "quarter"),
            ({"year": 1999}, "year"),
            ({"key": "x" * 201}, "key"),
        ],
    )
    def test_names_the_field_that_cannot_be_used(self, put, given, field):
        with pytest.raises(BadEnvelope) as refused:
            put(**given)
        assert refused.value.field == field

    def test_needs_a_reason_a_fund_and_a_rate_admin(self, here, put):
        with pytest.raises(WhyMissing):
            put(why="  ")
        with pytest.raises(BadFund):
            put(fund="no fund")
        for stranger in (here.other_rate_admin, here.officer, here.resident):
            with pytest.raises(NotAllowed):
                put(by=stranger)
        assert Entry.objects(kind="rebalancing").count() == 0

    def test_for_a_quarter_that_is_over_is_refused_but_a_repeat_is_answered(
        self, put, after_the_quarter
    ):
        made = put(300, key="k")
        after_the_quarter()
        with pytest.raises(QuarterOver):
            put(100)
        assert put(300, key="k").id == made.id


class TestWhichBudgetPays:
    def test_is_the_years_where_nothing_was_set_aside(self, here):
        assert budget_for(here.district.id, real_now()) == here.year

    def test_is_the_quarters_where_it_has_an_envelope(self, here, put):
        put(300)
        assert budget_for(here.district.id, real_now()) == here.quarter
        assert budget_for(here.district.id, real_now(), "roads") == Budget(
            here.district.id, here.year.year, "roads"
        )
        assert budget_for(here.street.id, real_now()).quarter is None

    def test_is_the_years_again_once_all_was_taken_back(self, here, put):
        put(300)
        put(-300)
        assert budget_for(here.district.id, real_now()) == here.year

    def test_of_a_quarter_that_is_truly_over_is_the_years(self, here):
        past = real_now() - timedelta(days=400)
        year, quarter = budget_year_of(past), budget_quarter_of(past)
        grant_budget(here.district.id, year, 50, "示例", new_id(), by=here.rate_admin)
        with pytest.raises(QuarterOver), pretending(past):
            put_envelope(
                here.district.id, year, quarter, 5, why=WHY, key=new_id(), by=here.rate_admin
            )
        assert budget_for(here.district.id, past).quarter is None

    def test_the_quarter_is_a_cap_however_much_the_year_holds(self, here, put):
        put(300)
        publish(here.district.id, 300)
        with pytest.raises(BudgetShort):
            publish(here.district.id, 1)
        assert held(here.year) == 700

    def test_what_is_owed_comes_out_of_the_year_where_the_quarter_is_short(self, here, put):
        put(300)
        pay_owed(here.district.id, 100)
        assert (held(here.quarter), held(here.year)) == (200, 700)
        pay_owed(here.district.id, 250)
        assert (held(here.quarter), held(here.year)) == (200, 450)
        with pytest.raises(BudgetShort) as refusal:
            pay_owed(here.district.id, 451)
        assert refusal.value.facts["period"] == str(here.year.year)

    def test_what_a_task_returns_goes_back_to_the_quarter_it_came_from(self, here, put):
        put(300)
        drawn = publish(here.district.id, 120)
        task = next(
            leg["account"]
            for leg in Entry.objects.get(kind="publication").legs
            if leg["account"].startswith("task:")
        )
        give_back(task, drawn.legs[0].account, 50)
        assert held(here.quarter) == 230


class TestTheEndOfAQuarter:
    def test_gives_what_is_left_back_to_the_year_once(self, here, put, after_the_quarter):
        put(300)
        draw(here.quarter, 120)
        assert end_envelopes() == 0
        after_the_quarter()
        assert (jobs.sweep(), jobs.sweep()) == ({"end_envelopes": 1}, {"end_envelopes": 0})
        assert (held(here.quarter), held(here.year)) == (0, 880)
        assert Envelope.objects.get(id=here.quarter.name).coins == 120

    def test_takes_home_what_a_task_returns_later(self, here, put, after_the_quarter):
        put(300)
        drawn = draw(here.quarter, 300)
        after_the_quarter()
        assert end_envelopes() == 0
        (entry,) = Entry.objects(kind="publication")
        task = next(leg["account"] for leg in entry.legs if leg["amount"] > 0)
        give_back(task, drawn.legs[0].account, 40)
        assert (end_envelopes(), held(here.year)) == (1, 740)
        assert Envelope.objects.get(id=here.quarter.name).coins == 260

    def test_never_counts_more_out_than_was_set_aside(self, here, put, after_the_quarter):
        put(300)
        drawn = draw(here.year, 100)
        after_the_quarter()
        assert end_envelopes() == 1
        (entry,) = Entry.objects(kind="publication")
        task = next(leg["account"] for leg in entry.legs if leg["amount"] > 0)
        give_back(task, here.quarter.account(0), -drawn.legs[0].amount)
        assert (end_envelopes(), held(here.year)) == (1, 1_000)
        assert Envelope.objects.get(id=here.quarter.name).coins == 0

    def test_leaves_quarters_that_are_not_over(self, here, put, after_the_quarter):
        put(300)
        ahead = here.quarter.year + 1
        grant_budget(here.district.id, ahead, 50, "示例", new_id(), by=here.rate_admin)
        put(50, year=ahead)
        after_the_quarter()
        assert end_envelopes() == 1
        assert held(Budget(here.district.id, ahead, quarter=here.quarter.quarter)) == 50

    def test_ended_by_eight_at_once_loses_and_makes_no_coin(self, here, put, after_the_quarter):
        put(300)
        after_the_quarter()
        done = at_once(8, lambda _: end_envelopes())
        assert sum(done) == 1
        assert (held(here.quarter), held(here.year)) == (0, 1_000)
        assert prove() == []


class TestAtOnce:
    def test_the_same_putting_sent_by_eight_is_one(self, here, put):
        made = at_once(8, lambda _: put(300, key="k"))
        assert len({one.id for one in made}) == 1
        assert (held(here.year), held(here.quarter)) == (700, 300)

    def test_two_who_set_the_last_coins_aside_are_one_and_a_refusal(self, here, put):
        answers = at_once(2, lambda number: put(600, key=f"k{number}"))
        assert sorted(type(one).__name__ for one in answers) == ["BudgetShort", "EnvelopePut"]
        assert (held(here.year), held(here.quarter)) == (400, 600)

    def test_beside_publications_sets_aside_no_coin_that_was_published(self, here, put):
        def act(number):
            return put(400) if number == 0 else publish(here.district.id, 150)

        answers = at_once(9, act)
        assert all(isinstance(one, BudgetShort) for one in answers if isinstance(one, Exception))
        published = sum(type(one).__name__ == "Draw" for one in answers)
        was_put = 400 if isinstance(answers[0], EnvelopePut) else 0
        # From the year at most six, from the quarter two more at most, and never a coin twice.
        assert held(here.year) + held(here.quarter) == 1_000 - 150 * published
        assert held(here.year) >= 0
        assert sum(one.coins for one in Envelope.objects) == was_put
        assert prove() == []
