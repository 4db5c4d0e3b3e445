"""Holds: coins set aside once, settled or released once, never spendable in between."""

from datetime import timedelta

import pytest

from ledger import (
    Balance,
    BeyondHold,
    Hold,
    HoldConflict,
    HoldNotFound,
    HoldOver,
    HoldState,
    InsufficientCoins,
    ReasonCode,
    balance_of,
    hold_coins,
    merchant,
    owed,
    post_one,
    release_hold,
    release_overdue_holds,
    reverse_entry,
    settle_hold,
    voucher,
    wallet,
)
from ledger.entry import Entry
from ledger.entry_kinds import EntryKind
from shared.clock import real_now
from shared.database import collection
from shared.ids import new_id
from tests.racing import at_once

PURSE, PROVIDER = wallet("p1"), merchant("provider")
ABOUT = ("voucher", "v1")


@pytest.fixture
def purse(funded):
    return funded(PURSE, 100)


def hold(coins=40, key="top-up:v1", **changes):
    soon = real_now() + timedelta(minutes=5)
    return hold_coins(PURSE, coins, **({"key": key, "about": ABOUT, "expires_at": soon} | changes))


def overdue(coins=40, key="top-up:v1"):
    """A hold whose time is over as soon as it is made."""
    return hold(coins, key, expires_at=real_now())


def stands():
    """(posted, held) of the wallet."""
    kept = collection(Balance).find_one({"_id": f"{PURSE}|FUB"})
    return int(kept["posted"]), int(kept.get("held", 0))


class TestHoldCoins:
    def test_sets_coins_aside_and_moves_none(self, purse):
        made = hold(40)
        assert (made.state, made.amount, made.settled) == (HoldState.ACTIVE, 40, 0)
        assert stands() == (100, 40)

    def test_leaves_only_the_rest_to_be_spent(self, purse, moving):
        hold(40)
        with pytest.raises(InsufficientCoins) as refused:
            post_one(moving(61, PURSE, voucher("v2")))
        assert refused.value.facts["available"] == 60
        post_one(moving(60, PURSE, voucher("v2")))

    def test_again_answers_the_same_hold(self, purse):
        soon = real_now() + timedelta(minutes=5)
        assert hold(100, expires_at=soon).id == hold(100, expires_at=soon).id
        assert stands() == (100, 100)

    def test_refuses_other_content_under_a_used_key(self, purse):
        hold(40)
        with pytest.raises(HoldConflict):
            hold(41)

    def test_refuses_more_than_is_free(self, purse):
        hold(40)
        with pytest.raises(InsufficientCoins):
            hold(61, key="top-up:v2")
        assert stands() == (100, 40)

    def test_frees_overdue_holds_first(self, purse):
        late = overdue(80)
        hold(90, key="top-up:v2")
        assert Hold.objects.get(id=late.id).state == HoldState.RELEASED
        assert stands() == (100, 90)

    @pytest.mark.parametrize(
        "slip", [{"currency": "USD"}, {"about": ("Voucher", "v1")}, {"key": "a b"}], ids=str
    )
    def test_a_slip_of_the_program_is_no_hold(self, purse, slip):
        with pytest.raises(ValueError):
            hold(**slip)
        with pytest.raises(ValueError):
            hold(coins=0)


class TestSettleHold:
    def test_pays_all_of_it(self, purse):
        ended = settle_hold(hold(40).id, into=PROVIDER)
        assert (ended.state, ended.settled) == (HoldState.SETTLED, 40)
        assert stands() == (60, 0)
        assert balance_of(PROVIDER) == 40
        assert Entry.objects.get(id=ended.entry_id).kind == EntryKind.DELIVERY

    def test_pays_a_part_and_releases_the_rest(self, purse):
        settle_hold(hold(40).id, into=PROVIDER, amount=15)
        assert stands() == (85, 0)
        assert balance_of(PROVIDER) == 15

    def test_again_answers_the_same_and_pays_nothing(self, purse):
        made = hold(40)
        first = settle_hold(made.id, into=PROVIDER, amount=15)
        assert settle_hold(made.id, into=PROVIDER, amount=15).entry_id == first.entry_id
        assert balance_of(PROVIDER) == 15

    def test_refuses_to_be_settled_otherwise_afterwards(self, purse):
        made = hold(40)
        settle_hold(made.id, into=PROVIDER, amount=15)
        with pytest.raises(HoldOver):
            settle_hold(made.id, into=PROVIDER, amount=16)

    def test_refuses_more_than_is_held(self, purse):
        with pytest.raises(BeyondHold):
            settle_hold(hold(40).id, into=PROVIDER, amount=41)

    def test_refuses_a_released_one(self, purse):
        made = hold(40)
        release_hold(made.id)
        with pytest.raises(HoldOver):
            settle_hold(made.id, into=PROVIDER)

    def test_refuses_an_overdue_one_though_nobody_released_it(self, purse):
        with pytest.raises(HoldOver):
            settle_hold(overdue().id, into=PROVIDER)
        assert balance_of(PROVIDER) == 0

    def test_refuses_one_that_is_not_there(self):
        with pytest.raises(HoldNotFound):
            settle_hold(new_id(), into=PROVIDER)


class TestReleaseHold:
    def test_frees_the_coins(self, purse):
        made = hold(40)
        assert release_hold(made.id).state == HoldState.RELEASED
        assert release_hold(made.id).state == HoldState.RELEASED
        assert stands() == (100, 0)

    def test_refuses_a_settled_one(self, purse):
        made = hold(40)
        settle_hold(made.id, into=PROVIDER)
        with pytest.raises(HoldOver):
            release_hold(made.id)

    def test_pays_first_what_its_owner_owes(self, funded, moving):
        reward = moving(40, funded("task:t1", 40), PURSE, key="reward:w1:1")
        entry_id = post_one(reward)
        made = hold(40)
        reverse_entry(entry_id, reason=ReasonCode.FRAUD, effective_at=real_now(), by_id="o1")
        assert balance_of(owed("p1")) == -40
        release_hold(made.id)
        assert stands() == (0, 0)
        assert balance_of(owed("p1")) == 0


class TestTime:
    def test_the_sweep_releases_what_is_overdue_and_nothing_else(self, purse):
        other, late = hold(20, key="top-up:v2"), overdue(30)
        assert release_overdue_holds() == 1
        assert release_overdue_holds() == 0
        assert Hold.objects.get(id=late.id).state == HoldState.RELEASED
        assert Hold.objects.get(id=other.id).state == HoldState.ACTIVE
        assert stands() == (100, 20)

    def test_a_spend_releases_overdue_holds_while_every_worker_is_down(self, purse, moving):
        late = overdue(80)
        post_one(moving(90, PURSE, voucher("v2")))
        assert Hold.objects.get(id=late.id).state == HoldState.RELEASED
        assert stands() == (10, 0)


class TestLots:
    def test_held_lots_come_back_as_they_were(self, funded):
        funded(PURSE, 50, lasts_months=12)
        before = collection(Balance).find_one({"_id": f"{PURSE}|FUB"})["lots"]
        made = hold(20)
        assert sum(made.lots.values()) == 20
        release_hold(made.id)
        assert collection(Balance).find_one({"_id": f"{PURSE}|FUB"})["lots"] == before

    def test_a_settlement_names_the_lots_it_paid_with(self, funded):
        funded(PURSE, 50, lasts_months=12)
        ended = settle_hold(hold(20).id, into=PROVIDER, amount=5)
        paid = Entry.objects.get(id=ended.entry_id).legs[0]
        assert sum(paid.lots.values()) == 5
        assert sum(ended.lots_back.values()) == 15


class TestRaces:
    def test_settle_against_release_ends_it_once(self, purse):
        for turn in range(10):
            made = hold(5, key=f"top-up:{turn}")

            def end(number, hold_id=made.id):
                try:
                    if number % 2:
                        return release_hold(hold_id).state
                    return settle_hold(hold_id, into=PROVIDER).state
                except HoldOver:
                    return None

            ends = set(at_once(6, end)) - {None}
            assert len(ends) == 1
        settled = Hold.objects(state=HoldState.SETTLED).count()
        assert stands() == (100 - 5 * settled, 0)
        assert balance_of(PROVIDER) == 5 * settled

    def test_20_holds_on_coins_for_4_are_exactly_4(self, purse):
        def try_to_hold(number):
            try:
                return hold(25, key=f"top-up:{number}").id
            except InsufficientCoins:
                return None

        made = [answer for answer in at_once(20, try_to_hold) if answer]
        assert len(made) == 4
        assert stands() == (100, 100)

    def test_one_key_held_by_20_threads_is_held_once(self, purse):
        soon = real_now() + timedelta(minutes=5)
        made = at_once(20, lambda _: hold(30, expires_at=soon).id)
        assert len(set(made)) == 1
        assert stands() == (100, 30)
