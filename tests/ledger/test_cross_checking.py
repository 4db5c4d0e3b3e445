"""Reversals, returns and holds that do not agree with the entry they speak of are found."""

from datetime import timedelta

import pytest
from bson import Int64

from ledger import (
    Balance,
    Entry,
    FindingKind,
    Hold,
    ReasonCode,
    hold_coins,
    merchant,
    post_one,
    prove,
    release_hold,
    reverse_entry,
    settle_hold,
    task,
    voucher,
    wallet,
)
from shared.clock import real_now
from shared.ids import new_id
from tests.ledger import tampering
from tests.ledger.tampering import change, found, remove, said


@pytest.fixture(autouse=True)
def spoilt():
    yield
    tampering.take_away()


@pytest.fixture
def paid(funded, moving):
    """The id of an entry that paid 100 from an escrow into a wallet."""
    funded(task("t1"), 100)
    return post_one(moving(100, task("t1"), wallet("p1")))


def reversal_of(entry_id):
    reverse_entry(entry_id, reason=ReasonCode.FRAUD, effective_at=real_now(), by_id="o1")
    return Entry.objects(reverses=entry_id).get().id


def kinds():
    return {kind for kind, *_ in found()}


class TestReversals:
    def test_of_coins_that_were_spent_are_sound(self, paid, moving):
        post_one(moving(70, wallet("p1"), voucher("v1")))
        reversal_of(paid)
        assert prove() == []

    def test_of_an_entry_that_paid_a_debt_are_sound(self, paid, moving, funded):
        post_one(moving(70, wallet("p1"), voucher("v1")))
        reversal_of(paid)
        funded(task("t2"), 100)
        reversal_of(post_one(moving(100, task("t2"), wallet("p1"))))
        assert prove() == []

    def test_of_a_missing_entry_are_named(self, paid):
        reversal, missing = reversal_of(paid), new_id()
        change(Entry, reversal, {"$set": {"reverses": missing}})
        assert (FindingKind.REVERSES_NOTHING, reversal, missing, None) in found()
        assert f"entry {reversal} reverses entry {missing}, which is missing" in said()

    def test_of_a_reversal_are_named(self, paid, funded, moving):
        first = reversal_of(paid)
        funded(task("t2"), 100)
        second = reversal_of(post_one(moving(100, task("t2"), wallet("p1"))))
        change(Entry, second, {"$set": {"reverses": first}})
        assert (FindingKind.REVERSES_REVERSAL, second, first, None) in found()
        assert f"entry {second} reverses entry {first}, which is a reversal itself" in said()

    def test_of_another_amount_are_named_with_the_accounts(self, paid):
        reversal = reversal_of(paid)
        smaller = {"legs.0.amount": Int64(-99), "legs.1.amount": Int64(99)}
        change(Entry, reversal, {"$set": smaller})
        differing = (FindingKind.REVERSAL_DIFFERS, reversal, paid, "task:t1|FUB, wallet:p1|FUB")
        assert differing in found()
        assert (
            f"entry {reversal} does not undo what entry {paid} did on task:t1|FUB, wallet:p1|FUB"
            in said()
        )

    def test_that_take_from_another_person_are_named(self, paid, funded):
        funded(wallet("p2"), 100)
        reversal = reversal_of(paid)
        legs = {"legs": {"$elemMatch": {"account": wallet("p1")}}, "_id": reversal}
        change(Entry, legs, {"$set": {"legs.$.account": wallet("p2")}})
        differing = "wallet:p1|FUB, wallet:p2|FUB"
        assert (FindingKind.REVERSAL_DIFFERS, reversal, paid, differing) in found()


class TestReturns:
    def test_of_a_missing_entry_are_named(self, paid, moving):
        order = post_one(moving(70, wallet("p1"), voucher("v1"), key="order:1"))
        back = post_one(moving(70, voucher("v1"), wallet("p1"), returns="order:1"))
        assert prove() == []
        missing = new_id()
        change(Entry, back, {"$set": {"returns": missing}})
        assert found() == [(FindingKind.RETURNS_NOTHING, back, missing, None)]
        assert said() == [f"entry {back} returns coins of entry {missing}, which is missing"]
        change(Entry, back, {"$set": {"returns": order}})


class TestHolds:
    @pytest.fixture
    def held(self, paid):
        until = real_now() + timedelta(hours=1)
        return hold_coins(wallet("p1"), 60, key="h1", about=("top_up", "1"), expires_at=until).id

    @pytest.fixture
    def settled(self, held):
        settle_hold(held, into=merchant("m1"), amount=40)
        return held

    def test_are_sound_however_they_end(self, held, paid):
        assert prove() == []
        settle_hold(held, into=merchant("m1"), amount=40)
        until = real_now() + timedelta(hours=1)
        for key in ("h2", "h3"):
            hold_coins(wallet("p1"), 10, key=key, about=("top_up", "2"), expires_at=until)
        release_hold(Hold.objects(key="h2").get().id)
        assert prove() == []

    def test_freed_while_their_owner_owes_are_sound(self, held, paid):
        reversal_of(paid)
        release_hold(held)
        assert prove() == []
        assert Entry.objects(kind="debt_payment").count() == 1

    def test_that_say_another_sum_than_their_entry_are_named(self, settled):
        change(Hold, settled, {"$set": {"settled": Int64(41)}})
        assert found() == [(FindingKind.HOLD_DIFFERS, settled, 41, 40)]
        assert said() == [f"hold {settled} says that 41 was paid, but its entry moved 40"]

    def test_whose_entry_paid_from_another_wallet_are_named(self, settled, funded, moving):
        funded(wallet("p2"), 40)
        other = post_one(moving(40, wallet("p2"), merchant("m1")))
        change(Hold, settled, {"$set": {"entry_id": other}})
        assert found() == [(FindingKind.HOLD_DIFFERS, settled, 40, 0)]

    def test_whose_entry_is_missing_are_named(self, settled):
        change(Hold, settled, {"$set": {"entry_id": new_id()}})
        assert found() == [(FindingKind.HOLD_WITHOUT_ENTRY, settled, 40, None)]
        assert said() == [f"hold {settled} says that 40 was paid, but its entry is missing"]

    def test_whose_entry_was_deleted_are_named(self, settled):
        remove(Entry, Hold.objects.get(id=settled).entry_id)
        assert FindingKind.HOLD_WITHOUT_ENTRY in kinds()

    def test_that_are_deleted_leave_their_coins_held(self, held):
        remove(Hold, held)
        assert found() == [(FindingKind.HELD_DIFFERS, "wallet:p1|FUB", 60, 0)]

    def test_made_active_again_are_named(self, settled):
        change(Hold, settled, {"$set": {"state": "active"}})
        assert found() == [
            (FindingKind.UNSOUND_HOLD, settled, None, None),
            (FindingKind.HELD_DIFFERS, "wallet:p1|FUB", 0, 60),
        ]

    @pytest.mark.parametrize(
        "spoiling",
        [
            {"$set": {"state": "lost"}},
            {"$set": {"settled": Int64(61)}},
            {"$set": {"settled": "all"}},
            {"$set": {"lots": {"2030-01": Int64(61)}}},
            {"$set": {"lots": 7}},
            {"$set": {"lots_back": {"2030-01": Int64(1)}}},
            {"$unset": {"ended_at": ""}},
            {"$unset": {"amount": ""}},
        ],
    )
    def test_whose_figures_cannot_be_are_named(self, settled, spoiling):
        change(Hold, settled, spoiling)
        assert (FindingKind.UNSOUND_HOLD, settled, None, None) in found()

    def test_that_were_settled_unseen_are_named(self, held):
        change(Hold, held, {"$set": {"state": "released"}})
        change(Balance, "wallet:p1|FUB", {"$set": {"held": Int64(0)}})
        assert found() == [(FindingKind.UNSOUND_HOLD, held, None, None)]
