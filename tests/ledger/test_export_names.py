"""Account names go to Beancount and back, and no two meet there."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.accounts import NAME_PATTERN, AccountKind, NoSuchAccount
from ledger.exports.export_names import ROOTS, account_name, beancount_name

PURE = True

names = st.from_regex(re.compile(NAME_PATTERN.removesuffix("$") + r"\Z", re.ASCII))
LEGAL = re.compile(r"(Assets|Liabilities|Equity|Income|Expenses)(:[A-Z0-9][A-Za-z0-9-]*)+")


def test_every_kind_of_account_has_a_root_of_its_own():
    assert set(ROOTS) == set(AccountKind)
    assert len(set(ROOTS.values())) == len(ROOTS)


@given(names)
def test_a_name_is_legal_there_and_leads_back(account):
    name = beancount_name(account)
    assert LEGAL.fullmatch(name), name
    assert account_name(name) == account


@given(st.from_regex(LEGAL, fullmatch=True))
def test_what_leads_back_is_the_name_of_what_it_leads_to(name):
    try:
        account = account_name(name)
    except ValueError:
        return
    assert beancount_name(account) == name


@pytest.mark.parametrize(
    ("account", "name"),
    [
        ("wallet:a.b", "Assets:Wallet:A-db"),
        ("wallet:A.b", "Assets:Wallet:0-xA-db"),
        ("wallet:0-xA", "Assets:Wallet:0--xA"),
        ("wallet:_", "Assets:Wallet:0-x-u"),
        ("issued:350102:2026", "Equity:Issued:350102:2026"),
        ("budget:u1:flood:2026Q3:0", "Assets:Budget:U1:Flood:2026Q3:0"),
        ("tip-pool", "Assets:TipPool"),
    ],
)
def test_a_name_reads_like_ours(account, name):
    assert beancount_name(account) == name


@pytest.mark.parametrize("name", ["Assets", "Assets:Purse:A", "Assets:Wallet", "Assets:Wallet:a"])
def test_a_strange_name_leads_nowhere(name):
    with pytest.raises(ValueError):
        account_name(name)


def test_what_is_no_account_has_no_name():
    with pytest.raises(NoSuchAccount):
        beancount_name("purse:p1")
