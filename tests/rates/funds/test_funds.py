"""Funds: opened once under a name, and paying only for whom they may."""

from datetime import UTC, datetime

import pytest

from ledger import GENERAL_FUND
from people import ChangeRecord, UnitNotFound
from rates import (
    BadFund,
    BadFundTitle,
    Fund,
    FundExists,
    FundNotForUnit,
    FundNotFound,
    fund_account_for,
    fund_of,
    open_fund,
)
from shared.errors import NotAllowed
from shared.ids import new_id
from tests.racing import at_once

MOMENT = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)  # New Year's morning in Fuzhou


@pytest.fixture
def opened(town):
    return open_fund("safety", town.district.id, "平安建设经费", by=town.rate_admin)


class TestOpening:
    def test_gives_a_fund_that_is_found_by_its_name(self, town, opened):
        found = fund_of("safety")
        assert (found.name, found.unit_id, found.title) == (
            "safety",
            town.district.id,
            "平安建设经费",
        )

    def test_is_logged_once(self, town, opened):
        open_fund("safety", town.district.id, "平安建设经费", by=town.rate_admin)
        record = ChangeRecord.objects.get(about_id="safety")
        assert (record.subject, record.verb, record.unit_id) == ("fund", "opened", town.district.id)
        assert record.by_id == town.rate_admin.person_id

    def test_again_answers_the_same(self, town, opened):
        again = open_fund("safety", town.district.id, " 平安建设经费 ", by=town.rate_admin)
        assert again.opened_at.replace(microsecond=0) == opened.opened_at.replace(microsecond=0)
        assert Fund.objects.count() == 1

    def test_with_other_content_is_a_conflict(self, town, opened):
        with pytest.raises(FundExists):
            open_fund("safety", town.district.id, "another", by=town.rate_admin)
        with pytest.raises(FundExists):
            open_fund("safety", town.street.id, "平安建设经费", by=town.rate_admin)

    @pytest.mark.parametrize("name", [GENERAL_FUND, "", "Safety", "a b", "x" * 41, "fund:a"])
    def test_refuses_what_cannot_name_a_fund(self, town, name):
        with pytest.raises(BadFund):
            open_fund(name, town.district.id, "title", by=town.rate_admin)

    @pytest.mark.parametrize("title", ["", "  ", "x" * 81])
    def test_refuses_a_title_that_says_nothing_or_too_much(self, town, title):
        with pytest.raises(BadFundTitle):
            open_fund("safety", town.district.id, title, by=town.rate_admin)

    def test_is_for_the_rate_admins_of_the_unit(self, town):
        for by in (town.officer, town.resident, town.other_rate_admin):
            with pytest.raises(NotAllowed):
                open_fund("safety", town.district.id, "title", by=by)
        with pytest.raises(UnitNotFound):
            open_fund("safety", new_id(), "title", by=town.rate_admin)
        assert Fund.objects.count() == 0

    def test_by_many_at_once_is_one_fund(self, town):
        made = at_once(
            8, lambda _: open_fund("safety", town.district.id, "title", by=town.rate_admin)
        )
        assert {fund.name for fund in made} == {"safety"}
        assert Fund.objects.count() == 1


class TestWhoItPaysFor:
    def test_its_account_is_that_of_the_business_year(self, town, opened):
        account = fund_account_for("safety", at=town.street, by=town.rate_admin, moment=MOMENT)
        assert account == "fund:safety:2027"

    def test_an_officer_above_may_use_it_and_one_below_may_not(self, town, staff_at, opened):
        officer = staff_at("centre_officer", town.city)
        assert fund_account_for("safety", at=town.grid, by=officer, moment=MOMENT)
        for by in (town.officer, town.resident, staff_at("auditor", town.city)):
            with pytest.raises(NotAllowed):
                fund_account_for("safety", at=town.grid, by=by, moment=MOMENT)

    def test_pays_only_within_its_own_unit(self, town, staff_at, opened):
        officer = staff_at("centre_officer", town.city)
        for unit in (town.other, town.city):
            with pytest.raises(FundNotForUnit):
                fund_account_for("safety", at=unit, by=officer, moment=MOMENT)

    def test_one_that_is_not_there_is_said_so(self, town):
        with pytest.raises(FundNotFound):
            fund_account_for("safety", at=town.street, by=town.rate_admin, moment=MOMENT)
