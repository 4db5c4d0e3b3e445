"""Account names: how they read, and which are guarded."""

import pytest

from ledger import AccountKind, NoSuchAccount, accounts

PURE = True


def test_names_read_as_paths():
    assert accounts.issued("350102", 2026) == "issued:350102:2026"
    assert accounts.budget("u1", 2026) == "budget:u1:general:2026:0"
    assert accounts.budget("u1", 2026, 3, fund="safety") == "budget:u1:safety:2026:3"
    assert accounts.budget("u1", 2026, quarter=3) == "budget:u1:general:2026Q3:0"
    assert accounts.exchange("CNY") == "exchange:CNY"
    assert accounts.tip_pool() == "tip-pool"
    assert accounts.wallet("p1") == "wallet:p1"
    assert accounts.expired() == "expired"


@pytest.mark.parametrize("kind", [AccountKind.TASK, AccountKind.VOUCHER, AccountKind.MERCHANT])
def test_what_somebody_owns_is_guarded(kind):
    assert accounts.is_guarded(f"{kind}:x1")


TOTALS = ["issued:350102:2026", "payable:x1", "owed:p1", "exchange:FUB", "expired"]


@pytest.mark.parametrize("name", TOTALS)
def test_totals_of_the_system_are_not_guarded(name):
    assert not accounts.is_guarded(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "wallet",
        "wallet:",
        "wallet:a:b",
        "purse:a",
        "expired:a",
        "wallet:a|FUB",
        "wallet:a\n",
        "Wallet:a",
        "budget:u1:2026:0",
        "tip-pool:a",
        "wallet:" + "a" * 65,
    ],
)
def test_anything_else_is_no_account(name):
    with pytest.raises(NoSuchAccount):
        accounts.kind_of(name)


def test_an_id_cannot_smuggle_in_another_part():
    with pytest.raises(NoSuchAccount):
        accounts.wallet("a:b")


def test_a_wallet_and_its_debt_find_each_other():
    assert accounts.owed_beside(accounts.wallet("p1")) == accounts.owed("p1")
    assert accounts.wallet_beside(accounts.owed("p1")) == accounts.wallet("p1")
