"""What funds were granted in a year and have left, told to whom they concern."""

import pytest

from ledger import (
    Currency,
    EntryKind,
    Leg,
    NewEntry,
    ReasonCode,
    fund,
    post_one,
    reverse_entry,
    voucher,
)
from rates import BadFundGrant, budget_year_of, fund_year_of, funds_page, grant_fund, open_fund
from shared.clock import now, real_now
from shared.cursors import BadCursor
from shared.errors import NotAllowed

THIS_YEAR = budget_year_of(now())


@pytest.fixture
def funds(town):
    for name, unit, admin in (
        ("roads", town.district, town.rate_admin),
        ("safety", town.district, town.rate_admin),
        ("schools", town.street, town.rate_admin),
        ("water", town.other, town.other_rate_admin),
    ):
        open_fund(name, unit.id, name, by=admin)
    for key, fen in (("grant-1", 300), ("grant-2", 400)):
        grant_fund("safety", THIS_YEAR, fen, "paper", key, by=town.rate_admin)
    return town


def award(fen):
    legs = [
        Leg(fund("safety", THIS_YEAR), -fen, Currency.CNY),
        Leg(voucher("v1"), fen, Currency.CNY),
    ]
    post_one(NewEntry("award:v1", EntryKind.AWARD, legs, ("voucher", "v1")))


def test_a_fund_tells_what_was_granted_and_what_is_left(funds):
    award(250)
    told = fund_year_of("safety", by=funds.rate_admin)
    assert (told.year, told.granted, told.left) == (THIS_YEAR, 700, 450)
    assert [grant.key for grant in told.grants] == ["grant-2", "grant-1"]
    assert fund_year_of("safety", THIS_YEAR - 1, by=funds.rate_admin).granted == 0


def test_a_grant_that_was_reversed_is_not_counted(funds):
    made = fund_year_of("safety", by=funds.rate_admin).grants[0]
    reverse_entry(made.entry_id, reason=ReasonCode.DUPLICATE, effective_at=real_now(), by_id="o1")
    told = fund_year_of("safety", by=funds.rate_admin)
    assert (told.granted, told.left, told.grants[0].reversed) == (300, 300, True)


def test_officers_and_auditors_see_the_funds_in_their_reach(funds, staff_at):
    assert fund_year_of("schools", by=funds.officer).left == 0
    assert fund_year_of("safety", by=staff_at("auditor", funds.city)).left == 700
    for by in (funds.officer, funds.resident, funds.other_rate_admin):
        with pytest.raises(NotAllowed):
            fund_year_of("safety", by=by)


def test_the_list_holds_what_the_callers_roles_reach_by_name_and_page(funds, staff_at):
    def names(by, **which):
        return [each.fund.name for each in funds_page(by=by, **which).items]

    assert names(funds.rate_admin) == ["roads", "safety", "schools"]
    assert names(funds.other_rate_admin) == ["water"]
    assert names(funds.officer) == ["schools"]
    assert names(funds.resident) == []
    everybody = staff_at("admin", funds.city)
    first = funds_page(by=everybody, limit=3)
    rest = funds_page(by=everybody, limit=3, cursor=first.next_cursor)
    assert [each.fund.name for each in (*first.items, *rest.items)] == [
        "roads",
        "safety",
        "schools",
        "water",
    ]
    assert rest.next_cursor is None


def test_the_list_tells_what_each_has_left_of_the_year(funds):
    award(250)
    left = {each.fund.name: each.left for each in funds_page(by=funds.rate_admin).items}
    assert left == {"roads": 0, "safety": 450, "schools": 0}
    before = funds_page(THIS_YEAR - 1, by=funds.rate_admin).items
    assert {each.left for each in before} == {0}


def test_a_year_or_a_cursor_that_cannot_be_is_refused(funds):
    with pytest.raises(BadFundGrant):
        funds_page(1999, by=funds.rate_admin)
    with pytest.raises(BadCursor):
        funds_page(by=funds.rate_admin, cursor="x")
