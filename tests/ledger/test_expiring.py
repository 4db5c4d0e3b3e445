"""Coins that expire: unspendable from the moment their month is over, moved by a job in time."""

from datetime import timedelta

import pytest

from ledger import Balance, Entry, InsufficientCoins, balance_of, expired, post_one, voucher, wallet
from ledger.expiring import expire_lots
from shared.clock import business_month, month_later, real_now
from shared.database import collection
from tests.racing import at_once

PURSE = wallet("p1")


def lots():
    return collection(Balance).find_one({"_id": f"{PURSE}|FUB"}).get("lots", {})


def grow_old(months=2):
    """Let the wallet's lots have been given so many months earlier, legs and balance alike."""
    over = month_later(business_month(real_now()), -months)
    coins = sum(lots().values())
    aged = {"lots": {over: coins}, "earliest_lot": over}
    collection(Balance).update_one({"_id": f"{PURSE}|FUB"}, {"$set": aged})
    for entry in collection(Entry).find({"legs.account": PURSE, "legs.lots": {"$exists": True}}):
        for leg in entry["legs"]:
            if "lots" in leg:
                leg["lots"] = {over: sum(leg["lots"].values())}
        collection(Entry).update_one({"_id": entry["_id"]}, {"$set": {"legs": entry["legs"]}})
    return over


@pytest.fixture
def old_purse(funded):
    """A wallet with 30 coins that never expire and 20 whose month is over."""
    funded(PURSE, 30)
    funded(PURSE, 20, lasts_months=1)
    grow_old()
    return PURSE


class TestExpireLots:
    def test_moves_what_is_over_and_nothing_else(self, old_purse):
        assert expire_lots() == 1
        assert (balance_of(PURSE), balance_of(expired()), lots()) == (30, 20, {})

    def test_again_moves_nothing(self, old_purse):
        assert [expire_lots(), expire_lots()] == [1, 0]

    def test_by_many_at_once_moves_it_once(self, old_purse):
        assert sum(at_once(8, lambda _: expire_lots())) >= 1
        assert (balance_of(PURSE), balance_of(expired())) == (30, 20)
        assert collection(Entry).count_documents({"kind": "lot_expiry"}) == 1

    def test_leaves_the_running_month_alone(self, funded):
        funded(PURSE, 20, lasts_months=1)
        assert expire_lots() == 0
        assert balance_of(PURSE) == 20

    def test_leaves_coins_that_never_expire_alone(self, funded):
        funded(PURSE, 20)
        assert (expire_lots(), balance_of(PURSE)) == (0, 20)

    def test_says_which_month_expired(self, funded):
        funded(PURSE, 20, lasts_months=1)
        month = grow_old()
        expire_lots()
        entry = Entry.objects.get(kind="lot_expiry")
        assert (entry.about.kind, entry.about.id) == ("lot", month)
        assert entry.legs[0].lots == {month: 20}


def test_a_lot_that_is_over_cannot_be_spent_while_every_worker_is_down(old_purse, moving):
    with pytest.raises(InsufficientCoins) as refused:
        post_one(moving(31, PURSE, voucher("v1")))
    assert refused.value.facts["available"] == 30
    post_one(moving(30, PURSE, voucher("v1")))


def test_a_spend_draws_what_expires_first(funded, moving):
    funded(PURSE, 30)
    funded(PURSE, 20, lasts_months=3)
    funded(PURSE, 10, lasts_months=2)
    post_one(moving(15, PURSE, voucher("v1")))
    later = month_later(business_month(real_now()), 3)
    assert lots() == {later: 15}


def test_a_cancelled_order_brings_back_the_lots_it_drew(funded, moving):
    funded(PURSE, 20, lasts_months=2)
    before = lots()
    post_one(moving(15, PURSE, voucher("v1"), key="order:v1"))
    post_one(moving(15, voucher("v1"), PURSE, returns="order:v1"))
    assert lots() == before


def test_what_comes_back_after_its_month_is_given_30_days(funded, moving):
    funded(PURSE, 20, lasts_months=2)
    post_one(moving(20, PURSE, voucher("v1"), key="order:v1"))
    over = month_later(business_month(real_now()), -1)
    for entry in collection(Entry).find({"legs.lots": {"$exists": True}}):
        for leg in entry["legs"]:
            leg["lots"] = {over: leg["lots"].popitem()[1]} if "lots" in leg else None
            if leg["lots"] is None:
                del leg["lots"]
        collection(Entry).update_one({"_id": entry["_id"]}, {"$set": {"legs": entry["legs"]}})
    post_one(moving(20, voucher("v1"), PURSE, returns="order:v1"))
    assert lots() == {business_month(real_now() + timedelta(days=30)): 20}
