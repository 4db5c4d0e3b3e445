"""Holds and posts inside a verb's own transaction: all of it stands, or nothing does."""

from datetime import timedelta

import pytest
from pymongo.errors import DuplicateKeyError

from ledger import (
    Balance,
    BeyondHold,
    EntryKind,
    Hold,
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
    reverse_entry,
    settle_hold,
    voucher,
    wallet,
)
from ledger.entry import Entry
from shared.clock import real_now
from shared.database import collection, database, in_transaction
from shared.ids import new_id
from tests.racing import at_once

PURSE, PROVIDER, ESCROW = wallet("p1"), merchant("provider"), voucher("v2")


class GivenUp(Exception):
    """Stands for whatever a verb refuses after the coins were moved."""


@pytest.fixture
def purse(funded):
    return funded(PURSE, 100)


def hold(coins=40, key="order:v1", *, session=None, expires_at=None):
    late = expires_at or real_now() + timedelta(minutes=5)
    return hold_coins(
        PURSE, coins, key=key, about=("voucher", "v1"), expires_at=late, session=session
    )


def stands():
    """(posted, held) of the wallet."""
    kept = collection(Balance).find_one({"_id": f"{PURSE}|FUB"})
    return int(kept["posted"]), int(kept.get("held", 0))


class TestHoldWithin:
    def test_stands_once_the_transaction_does(self, purse):
        made = in_transaction(lambda session: hold(session=session))
        assert Hold.objects.get(id=made.id).state == HoldState.ACTIVE
        assert (made.amount, stands()) == (40, (100, 40))

    def test_is_gone_with_what_the_verb_gave_up(self, purse, moving):
        def decide(session):
            hold(session=session)
            post_one(moving(10, PURSE, ESCROW), session=session)
            raise GivenUp

        with pytest.raises(GivenUp):
            in_transaction(decide)
        assert Hold.objects.count() == 0
        assert stands() == (100, 0)

    def test_its_coins_cannot_be_spent_later_in_the_same_transaction(self, purse, moving):
        def decide(session):
            hold(60, session=session)
            post_one(moving(50, PURSE, ESCROW), session=session)

        with pytest.raises(InsufficientCoins) as refused:
            in_transaction(decide)
        assert refused.value.facts["available"] == 40
        assert stands() == (100, 0)

    def test_what_was_spent_before_in_it_cannot_be_held(self, purse, moving):
        def decide(session):
            post_one(moving(70, PURSE, ESCROW), session=session)
            hold(31, session=session)

        with pytest.raises(InsufficientCoins):
            in_transaction(decide)
        assert balance_of(ESCROW) == 0

    def test_a_used_key_is_let_out_whether_coins_are_left_or_not(self, purse):
        hold(40)
        for coins in (40, 100):
            with pytest.raises(DuplicateKeyError):
                in_transaction(lambda session, coins=coins: hold(coins, session=session))
        assert stands() == (100, 40)

    def test_frees_overdue_holds_first(self, purse):
        late = hold(80, key="order:late", expires_at=real_now())
        in_transaction(lambda session: hold(90, session=session))
        assert Hold.objects.get(id=late.id).state == HoldState.RELEASED
        assert stands() == (100, 90)

    def test_20_at_once_on_coins_for_4_are_exactly_4(self, purse):
        def attempt(number):
            try:
                return in_transaction(lambda session: hold(25, f"order:{number}", session=session))
            except InsufficientCoins:
                return None

        made = [one for one in at_once(20, attempt) if one]
        assert (len(made), stands()) == (4, (100, 100))


class TestSettleWithin:
    def test_gives_the_entry_that_the_verb_can_store_beside_it(self, purse):
        made = hold()

        def decide(session):
            ended = settle_hold(made.id, into=PROVIDER, unit="point", session=session)
            database()["notes"].insert_one({"_id": ended.entry_id}, session=session)
            return ended

        try:
            ended = in_transaction(decide)
            assert database()["notes"].find_one()["_id"] == ended.entry_id
        finally:
            database()["notes"].drop()
        assert Hold.objects.get(id=made.id).entry_id == ended.entry_id
        entry = Entry.objects.get(id=ended.entry_id)
        assert (entry.kind, entry.unit) == (EntryKind.DELIVERY, "point")
        assert (ended.state, ended.settled, stands()) == (HoldState.SETTLED, 40, (60, 0))

    def test_is_undone_with_what_the_verb_gave_up(self, purse):
        made = hold()

        def decide(session):
            settle_hold(made.id, into=PROVIDER, session=session)
            raise GivenUp

        with pytest.raises(GivenUp):
            in_transaction(decide)
        assert Hold.objects.get(id=made.id).state == HoldState.ACTIVE
        assert (balance_of(PROVIDER), stands()) == (0, (100, 40))

    @pytest.mark.parametrize("end", [release_hold, lambda one: settle_hold(one, into=PROVIDER)])
    def test_one_that_is_over_says_so_and_the_transaction_may_go_on(self, purse, moving, end):
        made = hold()
        end(made.id)
        before = stands()

        def decide(session):
            for again in (
                lambda: settle_hold(made.id, into=PROVIDER, session=session),
                lambda: release_hold(made.id, session=session),
            ):
                with pytest.raises(HoldOver):
                    again()
            post_one(moving(5, PURSE, ESCROW), session=session)

        in_transaction(decide)
        assert stands() == (before[0] - 5, 0)

    def test_refuses_an_overdue_one_more_than_is_held_and_one_that_is_not_there(self, purse):
        late, made = hold(10, "order:late", expires_at=real_now()), hold()
        for refusal, hold_id, coins in (
            (HoldOver, late.id, None),
            (BeyondHold, made.id, 41),
            (HoldNotFound, new_id(), None),
        ):
            with pytest.raises(refusal):
                in_transaction(
                    lambda session, hold_id=hold_id, coins=coins: settle_hold(
                        hold_id, into=PROVIDER, amount=coins, session=session
                    )
                )
        assert balance_of(PROVIDER) == 0

    def test_against_releases_ends_it_once(self, purse):
        for turn in range(5):
            made = hold(5, f"order:{turn}")

            def end(number, hold_id=made.id):
                def decide(session):
                    if number % 2:
                        return release_hold(hold_id, session=session)
                    return settle_hold(hold_id, into=PROVIDER, session=session)

                try:
                    return in_transaction(decide).state
                except HoldOver:
                    return None

            ends = [state for state in at_once(6, end) if state]
            assert len(ends) == 1
        settled = Hold.objects(state=HoldState.SETTLED).count()
        assert stands() == (100 - 5 * settled, 0)
        assert balance_of(PROVIDER) == 5 * settled


class TestReleaseWithin:
    def test_frees_coins_for_what_follows_in_the_same_transaction(self, purse):
        made = hold(100)

        def decide(session):
            assert release_hold(made.id, session=session).state == HoldState.RELEASED
            return hold(90, "order:v3", session=session)

        in_transaction(decide)
        assert stands() == (100, 90)

    def test_pays_first_what_its_owner_owes(self, funded, moving):
        entry_id = post_one(moving(40, funded("task:t1", 40), PURSE, key="reward:w1:1"))
        made = hold(40)
        reverse_entry(entry_id, reason=ReasonCode.FRAUD, effective_at=real_now(), by_id="o1")
        in_transaction(lambda session: release_hold(made.id, session=session))
        assert (stands(), balance_of(owed("p1"))) == ((0, 0), 0)

    def test_brings_the_lots_back_as_they_were(self, funded):
        funded(PURSE, 50, lasts_months=12)
        before = collection(Balance).find_one({"_id": f"{PURSE}|FUB"})["lots"]
        made = in_transaction(lambda session: hold(20, session=session))
        assert sum(made.lots.values()) == 20
        in_transaction(lambda session: release_hold(made.id, session=session))
        assert collection(Balance).find_one({"_id": f"{PURSE}|FUB"})["lots"] == before
