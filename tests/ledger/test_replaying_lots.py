"""Free lots that do not follow from entries and holds are found, by wallet and month."""

from datetime import timedelta

import pytest
from bson import Int64

from ledger import (
    Balance,
    Entry,
    FindingKind,
    Hold,
    hold_coins,
    merchant,
    post_one,
    prove,
    release_hold,
    settle_hold,
    task,
    voucher,
    wallet,
)
from shared.clock import business_month, month_later, real_now
from shared.database import collection
from tests.ledger import tampering
from tests.ledger.tampering import change, found, said

WALLET = "wallet:p1|FUB"


@pytest.fixture(autouse=True)
def spoilt():
    yield
    tampering.take_away()


@pytest.fixture
def months():
    """The months of the two lots that `lasting` gives."""
    this = business_month(real_now())
    return month_later(this, 3), month_later(this, 6)


@pytest.fixture
def lasting(funded):
    """A wallet with 100 coins that last three months, 50 that last six, and 10 for ever."""
    funded(wallet("p1"), 100, lasts_months=3)
    funded(wallet("p1"), 50, lasts_months=6)
    funded(wallet("p1"), 10)
    return wallet("p1")


def hold(coins, key="h1"):
    until = real_now() + timedelta(hours=1)
    return hold_coins(wallet("p1"), coins, key=key, about=("top_up", "1"), expires_at=until).id


def lots():
    return collection(Balance).find_one({"_id": WALLET}).get("lots", {})


def test_lots_given_drawn_and_returned_are_sound(lasting, moving, months):
    soon, late = months
    post_one(moving(120, lasting, voucher("v1"), key="order:1"))
    assert lots() == {late: 30}
    assert prove() == []
    post_one(moving(120, voucher("v1"), lasting, returns="order:1"))
    assert lots() == {soon: 100, late: 50}
    assert prove() == []


def test_lots_held_are_sound_however_the_hold_ends(lasting, months):
    soon, late = months
    first, second, third = hold(60, "h1"), hold(60, "h2"), hold(20, "h3")
    assert lots() == {late: 10}
    assert prove() == []
    settle_hold(first, into=merchant("m1"), amount=25)
    assert lots() == {soon: 35, late: 10}
    assert prove() == []
    settle_hold(second, into=merchant("m1"))
    release_hold(third)
    assert lots() == {soon: 35, late: 30}
    assert prove() == []


def test_a_lot_changed_by_hand_is_named(lasting, months):
    soon, late = months
    change(Balance, WALLET, {"$inc": {f"lots.{soon}": Int64(-5), f"lots.{late}": Int64(5)}})
    assert found() == [
        (FindingKind.LOTS_DIFFER, f"{WALLET}|{soon}", 95, 100),
        (FindingKind.LOTS_DIFFER, f"{WALLET}|{late}", 55, 50),
    ]
    assert said()[0] == (f"{WALLET}|{soon} has 95 free coins, but entries and holds leave 100")


def test_coins_that_were_made_to_last_for_ever_are_named(lasting, months):
    soon, late = months
    change(Balance, WALLET, {"$unset": {"lots": "", "earliest_lot": ""}})
    assert found() == [
        (FindingKind.LOTS_DIFFER, f"{WALLET}|{soon}", 0, 100),
        (FindingKind.LOTS_DIFFER, f"{WALLET}|{late}", 0, 50),
    ]


def test_lots_of_a_hold_changed_by_hand_are_named(lasting, months):
    soon, late = months
    change(Hold, hold(60), {"$set": {"lots": {late: Int64(60)}}})
    assert found() == [
        (FindingKind.LOTS_DIFFER, f"{WALLET}|{soon}", 40, 100),
        (FindingKind.LOTS_DIFFER, f"{WALLET}|{late}", 50, -10),
    ]


@pytest.mark.parametrize("kept", ["2999-12", None])
def test_an_earliest_lot_that_would_let_coins_expire_unseen_is_named(lasting, months, kept):
    update = {"$set": {"earliest_lot": kept}} if kept else {"$unset": {"earliest_lot": ""}}
    change(Balance, WALLET, update)
    assert found() == [(FindingKind.EARLIEST_LOT_DIFFERS, WALLET, kept, months[0])]
    assert said() == [
        f"the earliest lot of {WALLET} is kept as {kept or 'nothing'}, but is {months[0]}"
    ]


def test_an_earliest_lot_before_the_first_is_sound(lasting):
    change(Balance, WALLET, {"$set": {"earliest_lot": "2020-01"}})
    assert prove() == []


class TestLotsOnALeg:
    @pytest.fixture
    def paid(self, lasting, moving):
        return post_one(moving(30, lasting, voucher("v1")))

    def test_beyond_its_amount_make_the_entry_unsound(self, paid, months):
        change(Entry, paid, {"$set": {f"legs.0.lots.{months[0]}": Int64(31)}})
        assert said()[0] == f"entry {paid} is not one that the book takes"

    def test_outside_a_wallet_make_the_entry_unsound(self, paid, months):
        change(Entry, paid, {"$set": {"legs.1.lots": {months[0]: Int64(1)}}})
        assert found() == [(FindingKind.UNSOUND_ENTRY, paid, None, None)]

    def test_of_an_escrow_make_the_entry_unsound(self, funded, months):
        funded(task("t1"), 10)
        into = {"legs": {"$elemMatch": {"account": task("t1")}}}
        change(Entry, into, {"$set": {"legs.1.lots": {months[0]: Int64(10)}}})
        assert [kind for kind, *_ in found()] == [FindingKind.UNSOUND_ENTRY]
