"""Grants to funds: money brought in once, by whom it is for, with the authority it rests on."""

import pytest

from ledger import (
    Currency,
    EntryKind,
    ReasonCode,
    balance_of,
    entry_of,
    fund,
    issued,
    reverse_entry,
)
from people import ChangeRecord
from rates import (
    BadFundGrant,
    FundGrant,
    FundNotFound,
    GrantKeyReused,
    fund_left,
    grant_fund,
    open_fund,
)
from shared.clock import real_now
from shared.errors import NotAllowed
from tests.racing import at_once

PAPER = "榕鼓综治〔2026〕5 号"
CNY = Currency.CNY


@pytest.fixture
def grant(town):
    open_fund("safety", town.district.id, "平安建设经费", by=town.rate_admin)

    def grant(fen=500_000, key="grant-0001", year=2026, by=None, paper=PAPER, name="safety"):
        return grant_fund(name, year, fen, paper, key, by=by or town.rate_admin)

    return grant


def test_brings_the_money_into_the_funds_year(town, grant):
    made = grant()
    assert (fund_left("safety", 2026), fund_left("safety", 2027)) == (500_000, 0)
    assert balance_of(issued("350102", 2026), CNY) == -500_000
    assert balance_of(fund("safety", 2026)) == 0, "it is money, not coins"
    assert entry_of(made.entry_id).kind == EntryKind.BUDGET_GRANT


def test_keeps_the_authority_beside_the_ledger(grant):
    made = grant()
    stored = FundGrant.objects.get(id=made.id)
    assert (stored.authorisation, stored.entry_id) == (PAPER, made.entry_id)


def test_is_logged_once_with_the_authority_as_its_reason(town, grant):
    made = grant()
    grant()
    record = ChangeRecord.objects.get(about_id=made.id)
    assert (record.subject, record.verb, record.why) == ("fund_grant", "granted", PAPER)
    assert record.after == {"fund": "safety", "year": 2026, "fen": 500_000}
    assert (record.unit_id, record.by_id) == (town.district.id, town.rate_admin.person_id)


def test_again_is_the_same_grant_also_by_many_at_once(grant):
    made = at_once(8, lambda _: grant())
    assert len({one.id for one in made}) == 1
    assert fund_left("safety", 2026) == 500_000


@pytest.mark.parametrize("other", [{"fen": 1}, {"year": 2027}, {"paper": "another"}])
def test_another_grant_under_the_key_is_refused(grant, other):
    grant()
    with pytest.raises(GrantKeyReused):
        grant(**other)
    assert fund_left("safety", 2026) == 500_000


@pytest.mark.parametrize(
    ("field", "slip"),
    [
        ("fen", {"fen": 0}),
        ("fen", {"fen": True}),
        ("fen", {"fen": 1.5}),
        ("fen", {"fen": 10**12 + 1}),
        ("year", {"year": 1999}),
        ("authorisation", {"paper": "  "}),
        ("key", {"key": ""}),
    ],
)
def test_names_the_field_that_cannot_be_used(grant, field, slip):
    with pytest.raises(BadFundGrant) as refused:
        grant(**slip)
    assert refused.value.field == field


def test_is_for_the_rate_admins_of_the_funds_unit(town, grant):
    for by in (town.officer, town.resident, town.other_rate_admin):
        with pytest.raises(NotAllowed):
            grant(by=by)
    assert FundGrant.objects.count() == 0


def test_of_a_fund_nobody_opened_is_refused(grant):
    with pytest.raises(FundNotFound):
        grant(name="roads")


def test_one_reversed_since_says_so_and_gives_nothing(grant):
    made = grant(fen=500)
    reverse_entry(
        made.entry_id, reason=ReasonCode.WRONG_AMOUNT, effective_at=real_now(), by_id="o1"
    )
    again = grant(fen=500)
    assert (again.id, again.reversed, fund_left("safety", 2026)) == (made.id, True, 0)
