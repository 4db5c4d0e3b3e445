"""Budgets: granted once, by whom it is for, with the authority it rests on."""

from datetime import UTC, datetime

import pytest

from ledger import (
    Entry,
    ReasonCode,
    approve_reversal,
    balance_of,
    issued,
    reverse_entry,
    statement_of,
)
from ledger import budget as budget_account
from people import ChangeRecord, UnitNotFound
from rates import (
    BadFund,
    BadGrant,
    BudgetGrant,
    GrantKeyReused,
    budget_left,
    budget_of,
    budget_year_of,
    grant_budget,
)
from rates.budgets import year_budgets
from shared.clock import real_now
from shared.database import collection
from shared.errors import NotAllowed
from shared.ids import new_id
from tests.racing import at_once

PAPER = "榕鼓综治〔2026〕3 号"


@pytest.fixture
def grant(town):
    def grant(
        coins=10_000,
        key="grant key / 1",
        unit=None,
        year=2026,
        by=None,
        paper=PAPER,
        fund="general",
    ):
        unit, by = unit or town.district, by or town.rate_admin
        return grant_budget(unit.id, year, coins, paper, key, fund=fund, by=by)

    return grant


def reverse(made):
    """Undo the grant's entry, a second officer approving where it takes one."""
    asked = {"reason": ReasonCode.WRONG_AMOUNT, "effective_at": real_now(), "by_id": "o1"}
    if reverse_entry(made.entry_id, **asked).reversal_id is None:
        approve_reversal(made.entry_id, by_id="o2")


class TestGranting:
    def test_issues_the_coins_into_the_units_budget_of_the_year(self, town, grant):
        grant(coins=10_000)
        assert budget_left(town.district.id, 2026) == 10_000
        assert budget_left(town.district.id, 2027) == 0
        assert balance_of(issued("350102", 2026)) == -10_000

    def test_of_a_unit_below_is_issued_by_its_district(self, town, grant):
        grant(coins=7, unit=town.grid)
        assert balance_of(issued("350102", 2026)) == -7
        assert budget_left(town.grid.id, 2026) == 7

    def test_keeps_the_authority_beside_the_ledger_and_leads_back_to_it(self, town, grant):
        made = grant()
        (line,) = statement_of(budget_account(town.district.id, 2026)).lines
        assert line.about == {"kind": "budget_grant", "id": made.id}
        stored = BudgetGrant.objects.get(id=made.id)
        assert (stored.authorisation, stored.entry_id) == (PAPER, line.entry_id)
        assert stored.granted_by == town.rate_admin.person_id
        entry = collection(Entry).find_one({"_id": line.entry_id})
        assert entry["unit"] == town.district.id
        assert PAPER not in str(entry)

    def test_is_logged_once_with_the_authority_as_its_reason(self, town, grant):
        made = grant()
        grant()
        record = ChangeRecord.objects.get(about_id=made.id)
        assert (record.subject, record.verb, record.why) == ("budget_grant", "granted", PAPER)
        assert record.after == {"fund": "general", "year": 2026, "coins": 10_000}
        assert (record.unit_id, record.by_id) == (town.district.id, town.rate_admin.person_id)

    def test_again_is_the_same_grant(self, town, grant):
        assert grant().id == grant().id
        assert budget_left(town.district.id, 2026) == 10_000

    def test_again_after_it_was_reversed_says_so_and_grants_nothing(self, town, grant):
        made = grant()
        assert not made.reversed
        reverse(made)
        again = grant()
        assert (again.id, again.reversed) == (made.id, True)
        assert budget_left(town.district.id, 2026) == 0

    def test_a_second_grant_adds_to_the_first(self, town, grant):
        grant(key="one")
        grant(key="two", coins=5)
        assert budget_left(town.district.id, 2026) == 10_005

    @pytest.mark.parametrize(
        "other", [{"coins": 1}, {"year": 2027}, {"paper": "another"}, {"fund": "roads"}]
    )
    def test_another_grant_under_the_key_is_refused(self, town, grant, other):
        grant()
        with pytest.raises(GrantKeyReused):
            grant(**other)
        assert budget_left(town.district.id, 2026) == 10_000

    def test_sent_by_ten_threads_is_one_grant(self, town, grant):
        made = at_once(10, lambda _: grant())
        assert len({one.id for one in made}) == 1
        assert budget_left(town.district.id, 2026) == 10_000
        assert BudgetGrant.objects.count() == 1

    def test_is_for_a_rate_admin_of_the_unit_or_above(self, town, grant):
        for stranger in (town.other_rate_admin, town.officer, town.resident):
            with pytest.raises(NotAllowed):
                grant(by=stranger)
        with pytest.raises(NotAllowed):
            grant(unit=town.city)
        assert Entry.objects.count() == 0

    def test_needs_a_unit(self, town):
        with pytest.raises(UnitNotFound):
            grant_budget(new_id(), 2026, 1, PAPER, "k", by=town.rate_admin)

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"coins": 0}, "coins"),
            ({"coins": -1}, "coins"),
            ({"coins": 1.5}, "coins"),
            ({"coins": True}, "coins"),
            ({"coins": 10**12 + 1}, "coins"),
            ({"year": 1999}, "year"),
            ({"year": 2101}, "year"),
            ({"year": "2026"}, "year"),
            ({"paper": "  "}, "authorisation"),
            ({"paper": "x" * 501}, "authorisation"),
            ({"key": ""}, "key"),
        ],
    )
    def test_names_the_field_that_cannot_be_used(self, grant, given, field):
        with pytest.raises(BadGrant) as refused:
            grant(**given)
        assert refused.value.field == field
        assert (Entry.objects.count(), BudgetGrant.objects.count()) == (0, 0)

    def test_needs_a_fund_that_can_be_one(self, grant):
        with pytest.raises(BadFund):
            grant(fund="no fund")
        assert Entry.objects.count() == 0


class TestTheBudgetOfAYear:
    def test_tells_what_was_granted_and_what_is_left(self, town, grant):
        first, second = grant(key="one", coins=10), grant(key="two", coins=5)
        grant(key="three", year=2027)
        told = budget_of(town.district.id, 2026, by=town.rate_admin)
        assert (told.granted, told.left) == (15, 15)
        (general,) = told.funds
        assert (general.fund, general.granted, general.left) == ("general", 15, 15)
        assert [made.id for made in general.grants] == [second.id, first.id]

    def test_tells_each_fund_by_itself(self, town, grant):
        grant(key="one", coins=10)
        for_care = grant(key="two", coins=5, fund="elder-care")
        told = budget_of(town.district.id, 2026, by=town.rate_admin)
        assert (told.granted, told.left) == (15, 15)
        assert [(fund.fund, fund.granted, fund.left) for fund in told.funds] == [
            ("elder-care", 5, 5),
            ("general", 10, 10),
        ]
        (kept,) = told.funds[0].grants
        assert (kept.id, kept.fund, kept.authorisation) == (for_care.id, "elder-care", PAPER)
        assert budget_left(town.district.id, 2026, "elder-care") == 5

    def test_lists_the_newest_grants_and_counts_all(self, town, grant, monkeypatch):
        monkeypatch.setattr(year_budgets, "MOST_GRANTS", 2)
        _, second, third = (grant(key=f"key-{number}", coins=10) for number in range(3))
        (told,) = budget_of(town.district.id, 2026, by=town.rate_admin).funds
        assert (told.granted, told.left) == (30, 30)
        assert [made.id for made in told.grants] == [third.id, second.id]

    def test_counts_no_grant_that_was_reversed_and_shows_it_as_such(self, town, grant, monkeypatch):
        gone, kept = grant(key="one", coins=10), grant(key="two", coins=5)
        care = grant(key="three", coins=7, fund="elder-care")
        for one in (gone, care):
            reverse(one)
        told = budget_of(town.district.id, 2026, by=town.rate_admin)
        assert (told.granted, told.left) == (5, 5)
        assert [(fund.fund, fund.granted, fund.left) for fund in told.funds] == [
            ("elder-care", 0, 0),
            ("general", 5, 5),
        ]
        shown = {made.id: made.reversed for fund in told.funds for made in fund.grants}
        assert shown == {gone.id: True, kept.id: False, care.id: True}
        # One that is no longer among the newest is not counted either.
        monkeypatch.setattr(year_budgets, "MOST_GRANTS", 1)
        assert budget_of(town.district.id, 2026, by=town.rate_admin).granted == 5

    def test_without_grants_is_zero(self, town):
        told = budget_of(town.district.id, 2026, by=town.rate_admin)
        assert (told.granted, told.left, told.funds) == (0, 0, ())

    def test_is_for_those_who_grant_it_and_those_who_spend_it(self, town):
        assert budget_of(town.grid.id, 2026, by=town.officer).left == 0
        for stranger in (town.other_rate_admin, town.resident):
            with pytest.raises(NotAllowed):
                budget_of(town.grid.id, 2026, by=stranger)
        with pytest.raises(NotAllowed):
            budget_of(town.district.id, 2026, by=town.officer)

    @pytest.mark.parametrize("year", [0, 1999, 10**6])
    def test_of_a_year_out_of_reach_is_refused(self, town, year):
        with pytest.raises(BadGrant):
            budget_of(town.district.id, year, by=town.rate_admin)


def test_the_budget_year_turns_at_midnight_of_the_business_time_zone():
    assert budget_year_of(datetime(2025, 12, 31, 15, 59, 59, tzinfo=UTC)) == 2025
    assert budget_year_of(datetime(2025, 12, 31, 16, 0, tzinfo=UTC)) == 2026
