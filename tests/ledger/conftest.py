"""Coins to play with: entries in one line each."""

import itertools
from collections.abc import Callable

import pytest

from ledger import EntryKind, Leg, NewEntry, issued, post_one


@pytest.fixture
def moving() -> Callable[..., NewEntry]:
    """`moving(10, from_account, to_account, key=…)` is an entry not yet posted."""
    numbers = itertools.count()

    def build(coins, source, target, key=None, kind=EntryKind.ORDER, currency="FUB"):
        legs = [Leg(source, -coins, currency), Leg(target, coins, currency)]
        return NewEntry(key or f"test:{next(numbers)}", kind, legs, ("voucher", "v1"))

    return build


@pytest.fixture
def funded(moving) -> Callable[..., str]:
    """`funded(account, coins)` puts fresh coins on the account and returns its name."""

    def fund(account, coins, currency="FUB"):
        source = issued("350102", 2026)
        post_one(moving(coins, source, account, kind=EntryKind.BUDGET_GRANT, currency=currency))
        return account

    return fund
