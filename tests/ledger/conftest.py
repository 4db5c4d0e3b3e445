"""Coins to play with: entries in one line each."""

import itertools
from collections.abc import Callable

import pytest

from ledger import AccountKind, Leg, NewEntry, kind_of, post_one
from tests.ledger.coins import PURSE, SOURCE, kind_between


@pytest.fixture
def moving() -> Callable[..., NewEntry]:
    """`moving(10, from_account, to_account, key=…)` is an entry not yet posted."""
    numbers = itertools.count()

    def build(coins, source, target, key=None, kind=None, currency="FUB", **more):
        legs = [Leg(source, -coins, currency), Leg(target, coins, currency)]
        kind = kind or kind_between(source, target)
        key = key or f"test:{next(numbers)}"
        return NewEntry(key, kind, legs, more.pop("about", ("voucher", "v1")), **more)

    return build


@pytest.fixture
def funded(moving) -> Callable[..., str]:
    """`funded(account, coins)` puts fresh coins on the account and returns its name."""

    def fund(account, coins, currency="FUB", **more):
        way = {
            AccountKind.BUDGET: [SOURCE],
            AccountKind.FUND: [SOURCE],
            AccountKind.TASK: [SOURCE, PURSE],
            AccountKind.TIP_POOL: [SOURCE, PURSE],
            AccountKind.WALLET: [SOURCE, PURSE],
            AccountKind.VOUCHER: [SOURCE, PURSE, "wallet:somebody"],
            AccountKind.MERCHANT: [SOURCE, PURSE, "wallet:somebody"],
        }[kind_of(account)]
        for step, (source, target) in enumerate(itertools.pairwise([*way, account])):
            terms = more if step == len(way) - 1 else {}
            post_one(moving(coins, source, target, currency=currency, **terms))
        return account

    return fund
