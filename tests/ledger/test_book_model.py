"""The book against a plain one: random operations, each compared with what a page of dictionaries
says, on the real server, with time that passes.
"""

import copy
import itertools
import sys
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from bson.raw_bson import RawBSONDocument
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ledger import (
    Balance,
    EntryKind,
    Exists,
    HoldOver,
    KeyConflict,
    Leg,
    NewEntry,
    Posted,
    ReasonCode,
    balance_of,
    close_month,
    expired,
    hold_coins,
    merchant,
    owed,
    post,
    prove,
    release_hold,
    release_overdue_holds,
    reverse_entry,
    settle_hold,
    task,
    trial_balance,
    voucher,
    wallet,
)
from ledger.expiring import CLOCK_SKEW, expire_lots
from ledger.seals.sealing_entries import seal_entries
from shared import database
from shared.clock import business_month, month_later
from shared.errors import DomainError
from tests.ledger.coins import PURSE, SOURCE
from tests.ledger.plain_book import PlainBook, Refused

PEOPLE = ("p1", "p2", "p3")
ESCROW, PROVIDER = task("t1"), merchant("provider")
FUNDS = 1_000_000
BEGINNING = datetime(2031, 1, 20, 6, tzinfo=UTC)
COLLECTIONS = ("entries", "balances", "holds", "book_closing", "month_balances")
COLLECTIONS += ("reversal_requests", "seals")

coins = st.integers(1, 60)
people = st.sampled_from(PEOPLE)


class Clock:
    """What the ledger takes for now, in every file that asks."""

    def __init__(self):
        self.now = BEGINNING

    def __call__(self):
        return self.now

    def everywhere(self):
        named = [
            module
            for name, module in sys.modules.items()
            if name.startswith("ledger.") and hasattr(module, "real_now")
        ]
        return [patch.object(module, "real_now", self) for module in named]


class BookAgainstThePlainOne(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        for name in COLLECTIONS:
            database.database()[name].delete_many({})
        self.clock = Clock()
        self.patches = self.clock.everywhere()
        for each in self.patches:
            each.start()
        self.numbers = itertools.count()
        self.entries, self.orders, self.holds = {}, [], {}
        self.plain = PlainBook(PEOPLE, FUNDS)
        self.posted(self.entry("fund", EntryKind.BUDGET_GRANT, SOURCE, PURSE, FUNDS))
        self.posted(self.entry("publish", EntryKind.PUBLICATION, PURSE, ESCROW, FUNDS))

    def teardown(self):
        for each in self.patches:
            each.stop()

    # ---- asking both

    def entry(self, key, kind, source, target, amount, **terms):
        legs = [Leg(source, -amount), Leg(target, amount)]
        return NewEntry(key, kind, legs, ("task", "t1"), **terms)

    def posted(self, entry):
        outcome = post([entry])[0]
        if isinstance(outcome, Posted):
            self.entries[entry.key] = (entry, outcome.entry_id)
            return True
        assert not isinstance(outcome, Exists | KeyConflict)
        return False

    def both(self, in_the_plain_book, in_ours):
        """Do it in both: done in both, or refused in both with nothing changed in ours."""
        before, bytes_before = copy.deepcopy(self.plain), self.stored_bytes()
        try:
            in_the_plain_book()
            expected = True
        except Refused:
            self.plain, expected = before, False
        try:
            done = in_ours()
        except DomainError:
            done = False
        assert done is expected
        if not done:
            assert self.stored_bytes() == bytes_before
        return done

    def stored_bytes(self):
        raw = database.collection(Balance).with_options(
            codec_options=database.collection(Balance).codec_options.with_options(
                document_class=RawBSONDocument
            )
        )
        return [balance.raw for balance in raw.find().sort("_id")]

    # ---- what happens

    @rule(person=people, amount=coins, lasts=st.sampled_from([None, None, 1, 2]))
    def reward(self, person, amount, lasts):
        self.reward_dated(person, amount, lasts, None)

    @rule(person=people, amount=coins, days=st.integers(1, 70))
    def reward_late(self, person, amount, days):
        self.reward_dated(person, amount, 1, self.clock.now - timedelta(days=days))

    def reward_dated(self, person, amount, lasts, effective_at):
        key = f"reward:{next(self.numbers)}:1"
        terms = {"lasts_months": lasts, "effective_at": effective_at}
        entry = self.entry(key, EntryKind.REWARD, ESCROW, wallet(person), amount, **terms)
        moment = effective_at or self.clock.now
        self.both(
            lambda: self.plain.reward(key, person, amount, lasts, moment, self.clock.now),
            lambda: self.posted(entry),
        )

    @rule(person=people, amount=coins)
    def order(self, person, amount):
        number = next(self.numbers)
        key, bought = f"order:{number}", f"v{number}"
        entry = self.entry(key, EntryKind.ORDER, wallet(person), voucher(bought), amount)
        if self.both(
            lambda: self.plain.order(key, person, amount, bought, self.clock.now),
            lambda: self.posted(entry),
        ):
            self.orders.append(key)

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def cancel(self, data):
        order_key = data.draw(st.sampled_from(self.orders))
        order, _ = self.entries[order_key]
        key = f"cancel:{next(self.numbers)}"
        bought, purse, amount = order.legs[1].account, order.legs[0].account, order.legs[1].amount
        entry = self.entry(key, EntryKind.CANCELLATION, bought, purse, amount, returns=order_key)
        self.both(
            lambda: self.plain.cancel(key, order_key, self.clock.now), lambda: self.posted(entry)
        )

    @rule(data=st.data())
    def repeat(self, data):
        asked = sorted(key for key, (entry, _) in self.entries.items() if entry)
        entry, entry_id = self.entries[data.draw(st.sampled_from(asked))]
        before = self.stored_bytes()
        assert post([entry, entry]) == [Exists(entry_id), Exists(entry_id)]
        other = NewEntry(entry.key, entry.kind, entry.legs, ("task", "another"))
        assert post([other]) == [KeyConflict(entry.key, entry_id)]
        assert self.stored_bytes() == before

    @rule(person=people, amounts=st.lists(coins, min_size=2, max_size=5), repeated=st.booleans())
    def several_at_once(self, person, amounts, repeated):
        numbers = [next(self.numbers) for _ in amounts]
        entries = [
            self.entry(f"order:{n}", EntryKind.ORDER, wallet(person), voucher(f"v{n}"), amount)
            for n, amount in zip(numbers, amounts, strict=True)
        ]
        outcomes = post(entries + entries[:repeated])
        for entry, outcome, amount in zip(entries, outcomes, amounts, strict=False):
            before = copy.deepcopy(self.plain)
            bought = entry.legs[1].account.partition(":")[2]
            try:
                self.plain.order(entry.key, person, amount, bought, self.clock.now)
                assert isinstance(outcome, Posted)
                self.entries[entry.key] = (entry, outcome.entry_id)
                self.orders.append(entry.key)
            except Refused:
                self.plain = before
                assert not isinstance(outcome, Posted)

    @rule(person=people, amount=coins, days=st.sampled_from([0.1, 1, 40]))
    def hold(self, person, amount, days):
        key, until = f"hold:{next(self.numbers)}", self.clock.now + timedelta(days=days)

        def ours():
            about = ("voucher", "v1")
            made = hold_coins(wallet(person), amount, key=key, about=about, expires_at=until)
            self.holds[key] = made.id
            return True

        self.both(lambda: self.plain.hold(key, person, amount, until, self.clock.now), ours)

    @precondition(lambda self: self.plain.holds)
    @rule(data=st.data(), part=st.floats(0.1, 1))
    def settle(self, data, part):
        key = data.draw(st.sampled_from(sorted(self.plain.holds)))
        amount = max(1, int(self.plain.holds[key][1] * part))

        entry_key = f"hold:{self.holds[key]}"

        def ours():
            paid = settle_hold(self.holds[key], into=PROVIDER, amount=amount)
            self.entries[entry_key] = (None, paid.entry_id)
            return True

        self.both(lambda: self.plain.end_hold(key, self.clock.now, amount, entry_key), ours)

    @precondition(lambda self: self.plain.holds)
    @rule(data=st.data())
    def release(self, data):
        key = data.draw(st.sampled_from(sorted(self.plain.holds)))
        self.both(
            lambda: self.plain.end_hold(key, self.clock.now),
            lambda: bool(release_hold(self.holds[key])),
        )
        with pytest.raises(HoldOver):
            settle_hold(self.holds[key], into=PROVIDER)

    @precondition(lambda self: set(self.plain.done) - self.plain.reversed)
    @rule(data=st.data(), days=st.integers(0, 40))
    def reverse(self, data, days):
        candidates = {
            key
            for key, entry in self.plain.done.items()
            if entry.kind == "reward" and key not in self.plain.reversed
        }
        if not candidates:
            return
        key = data.draw(st.sampled_from(sorted(candidates)))
        _entry, entry_id = self.entries[key]
        happened = database.database()["entries"].find_one({"_id": entry_id})["effective_at"]
        moment = max(happened, self.clock.now - timedelta(days=days))

        def ours():
            done = reverse_entry(
                entry_id, reason=ReasonCode.FRAUD, effective_at=moment, by_id="officer"
            )
            return done.reversal_id is not None

        self.both(lambda: self.plain.reverse(key, moment, self.clock.now), ours)

    @rule(days=st.sampled_from([0.2, 3, 11, 35]))
    def time_passes(self, days):
        self.clock.now += timedelta(days=days)
        seal_entries()

    @rule()
    def sweep(self):
        self.plain.release_overdue(self.clock.now)
        release_overdue_holds()
        self.plain.expire(business_month(self.clock.now - CLOCK_SKEW))
        expire_lots()
        assert expire_lots() == 0

    @rule()
    def close(self):
        month = month_later(business_month(self.clock.now - timedelta(minutes=5)), -1)
        through = self.plain.closed_through
        while through is None or through < month:
            through = month_later(through, 1) if through else month
            close_month(through, by_id="officer")
        self.plain.closed_through = through

    # ---- what always holds

    @invariant()
    def every_wallet_is_as_the_plain_book_says(self):
        stored = {kept["_id"]: kept for kept in database.collection(Balance).find()}
        for person, plain in self.plain.wallets.items():
            kept = stored.get(f"{wallet(person)}|FUB", {})
            held = tuple(int(kept.get(name, 0)) for name in ("posted", "held", "owes"))
            assert (*held, kept.get("lots", {})) == plain.as_stored()
            assert balance_of(owed(person)) == -plain.owes
        assert balance_of(ESCROW) == self.plain.escrow
        assert balance_of(PROVIDER) == self.plain.provider
        assert balance_of(expired()) == self.plain.expired
        for name, held in self.plain.vouchers.items():
            assert balance_of(voucher(name)) == held

    @invariant()
    def the_book_proves(self):
        assert prove() == []
        assert trial_balance().agrees


BookAgainstThePlainOne.TestCase.settings = settings(
    max_examples=5,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


class TestTheBook(BookAgainstThePlainOne.TestCase):
    """A short search; `dev.py test --all` looks longer."""


class _LongSearch(BookAgainstThePlainOne):
    """The same machine under settings of its own."""


_LongSearch.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.slow
class TestTheBookForLonger(_LongSearch.TestCase):
    """The long search."""
