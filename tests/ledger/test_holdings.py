"""What may be spent of what an account holds: neither held, nor of a month that is over."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ledger import (
    AccountNotFound,
    ReasonCode,
    balance_of,
    balances_of,
    expired,
    hold_coins,
    holdings_of,
    post_one,
    release_overdue_holds,
    reverse_entry,
    voucher,
    wallet,
)
from shared.clock import business_month, business_month_start, month_later, real_now
from tests.ledger.coins import PURSE, SOURCE

P1 = wallet("p1")
MS = timedelta(milliseconds=1)
HOUR = timedelta(hours=1)


def this_month(later=0):
    return month_later(business_month(real_now()), later)


def test_an_account_never_used_holds_nothing():
    told = holdings_of(P1)
    assert (told.posted, told.held, told.available, told.owes) == (0, 0, 0, 0)
    assert (told.lots, told.expiring) == ({}, ())


def test_many_balances_are_told_at_once_and_only_guarded_ones(funded):
    funded(P1, 100)
    assert balances_of([P1, wallet("p2")]) == {P1: 100, wallet("p2"): 0}
    assert balances_of([], "CNY") == {}
    with pytest.raises(ValueError):
        balances_of([P1, expired()])


def test_held_coins_are_not_available(funded):
    funded(P1, 100)
    hold_coins(P1, 30, key="h1", about=("voucher", "v1"), expires_at=real_now() + HOUR)
    told = holdings_of(P1)
    assert (told.posted, told.held, told.available) == (100, 30, 70)


def test_an_overdue_hold_holds_nothing_though_no_job_has_run(funded):
    funded(P1, 100)
    # A hold frees overdue ones first, so the one that is over at once comes last.
    for key, coins, lasts in (("h1", 5, HOUR), ("h2", 30, 0 * HOUR)):
        hold_coins(P1, coins, key=key, about=("voucher", "v1"), expires_at=real_now() + lasts)
    told = holdings_of(P1)
    assert (told.posted, told.held, told.available) == (100, 5, 95)
    release_overdue_holds()
    assert replace(holdings_of(P1), as_of=told.as_of) == told


def test_coins_whose_month_is_over_are_not_available_though_no_job_has_run(funded):
    funded(P1, 40, lasts_months=1)
    funded(P1, 25, lasts_months=2)
    funded(P1, 10)
    told = holdings_of(P1)
    assert told.lots == {this_month(1): 40, this_month(2): 25}
    ends = [business_month_start(this_month(later)) for later in (2, 3)]
    moments = [told.as_of, *(end + shift for end in ends for shift in (-MS, 0 * MS))]
    available = [replace(told, as_of=moment).available for moment in moments]
    assert available == [75, 75, 35, 35, 10]
    assert {replace(told, as_of=moment).posted for moment in moments} == {75}


def test_what_expires_soon_is_told_by_month_with_its_last_day(funded):
    for lasts_months in (4, 3, 1):
        funded(P1, lasts_months, lasts_months=lasts_months)
    told = holdings_of(P1)
    assert [(lot.month, lot.coins) for lot in told.expiring] == [
        (this_month(1), 1),
        (this_month(3), 3),
    ]
    after = date.fromisoformat(f"{this_month(2)}-01")
    assert told.expiring[0].expires_on == after - timedelta(days=1)
    later = replace(told, as_of=business_month_start(this_month(2)))
    assert [lot.coins for lot in later.expiring] == [3, 4]


def test_what_is_owed_is_told_beside_the_wallet(funded, moving):
    funded(PURSE, 50)
    reward_id = post_one(moving(50, PURSE, P1))
    post_one(moving(20, P1, voucher("v1")))
    reverse_entry(reward_id, reason=ReasonCode.FRAUD, effective_at=real_now(), by_id="o1")
    told = holdings_of(P1)
    assert (told.posted, told.available, told.owes) == (0, 0, 20)
    debt = holdings_of("owed:p1")
    assert balance_of("owed:p1") == debt.posted == -20
    assert (debt.available, debt.held, debt.owes) == (0, 0, 0)


@pytest.mark.parametrize("account", [SOURCE, expired()])
def test_an_account_without_a_stored_balance_holds_nothing_back(funded, moving, account):
    post_one(moving(4, funded(voucher("v1"), 9), expired()))
    told = holdings_of(account)
    assert told.posted == balance_of(account)
    assert told.available == max(0, told.posted)
    assert (told.held, told.owes, told.lots) == (0, 0, {})


def test_what_is_no_name_of_an_account_holds_nothing():
    with pytest.raises(AccountNotFound):
        holdings_of("purse:p1")
