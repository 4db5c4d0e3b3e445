"""Posting: coins move once, all of an entry or nothing, never below zero."""

from datetime import UTC, datetime

import pytest
from pymongo.errors import DuplicateKeyError

from ledger import (
    Balance,
    Entry,
    EntryConflict,
    EntryKind,
    Exists,
    InsufficientCoins,
    KeyConflict,
    Leg,
    NewEntry,
    Overdrawn,
    Posted,
    balance_of,
    exchange,
    merchant,
    post,
    post_one,
    posted_before,
    voucher,
    wallet,
)
from shared.clock import pretending, real_now
from shared.database import collection, database, in_transaction
from tests.ledger.coins import PURSE, SOURCE


def entries_stored():
    return collection(Entry).count_documents({})


class TestPostOne:
    def test_moves_coins(self, funded, moving):
        purse = funded(wallet("p1"), 100)
        post_one(moving(30, purse, voucher("v1")))
        assert balance_of(purse) == 70
        assert balance_of(voucher("v1")) == 30
        assert balance_of(SOURCE) == -100

    def test_keeps_what_it_was_asked_to_keep(self, moving):
        grant = moving(30, SOURCE, PURSE, key="budget-grant:a", unit="street")
        entry = Entry.objects.get(id=post_one(grant))
        assert (entry.key, entry.kind) == ("budget-grant:a", EntryKind.BUDGET_GRANT)
        assert [(leg.account, leg.amount) for leg in entry.legs] == [(SOURCE, -30), (PURSE, 30)]
        assert (entry.about.kind, entry.about.id, entry.unit) == ("voucher", "v1", "street")

    def test_takes_the_requests_time_as_effective_and_the_true_time_as_posted(self, moving):
        before, pretended = real_now(), datetime(2017, 12, 4, 11, tzinfo=UTC)
        with pretending(pretended):
            entry_id = post_one(moving(1, SOURCE, PURSE))
        entry = Entry.objects.get(id=entry_id)
        assert entry.effective_at == pretended
        assert before <= entry.posted_at <= real_now()

    def test_again_moves_nothing_and_answers_the_same(self, funded, moving):
        purse = funded(wallet("p1"), 100)
        order = moving(60, purse, voucher("v1"), key="order:v1")
        assert post_one(order) == post_one(order)
        assert balance_of(purse) == 40

    def test_again_after_the_account_ran_empty_answers_the_same(self, funded, moving):
        order = moving(100, funded(wallet("p1"), 100), voucher("v1"))
        assert post_one(order) == post_one(order)

    def test_refuses_other_content_under_a_used_key(self, funded, moving):
        purse = funded(wallet("p1"), 100)
        post_one(moving(60, purse, voucher("v1"), key="order:v1"))
        with pytest.raises(EntryConflict):
            post_one(moving(10, purse, voucher("v1"), key="order:v1"))
        assert balance_of(purse) == 40

    def test_refuses_to_overdraw_and_says_what_is_missing(self, funded, moving):
        purse = funded(wallet("p1"), 100)
        with pytest.raises(InsufficientCoins) as refused:
            post_one(moving(101, purse, voucher("v1")))
        facts = refused.value.facts
        assert (facts["account"], facts["available"], facts["needed"]) == (purse, 100, 101)
        assert balance_of(purse) == 100
        assert balance_of(voucher("v1")) == 0
        assert entries_stored() == 2

    def test_refuses_to_take_from_an_account_never_used(self, moving):
        with pytest.raises(InsufficientCoins) as refused:
            post_one(moving(1, wallet("nobody"), voucher("v1")))
        assert refused.value.facts["available"] == 0
        assert (entries_stored(), collection(Balance).count_documents({})) == (0, 0)

    def test_names_the_account_that_is_short_among_several(self, funded):
        funded(wallet("rich"), 100)
        funded(wallet("poor"), 1)
        legs = [Leg(wallet("rich"), -50), Leg(wallet("poor"), -50), Leg(voucher("v1"), 100)]
        with pytest.raises(InsufficientCoins) as refused:
            post_one(NewEntry("k", EntryKind.ORDER, legs, ("voucher", "v1")))
        assert refused.value.facts["account"] == wallet("poor")
        assert balance_of(wallet("rich")) == 100

    def test_spends_the_last_coin(self, funded, moving):
        purse = funded(wallet("p1"), 100)
        post_one(moving(100, purse, voucher("v1")))
        assert balance_of(purse) == 0

    def test_keeps_currencies_apart(self, funded, moving):
        funded(merchant("m1"), 100)
        funded(merchant("m1"), 7, currency="CNY")
        assert (balance_of(merchant("m1")), balance_of(merchant("m1"), "CNY")) == (100, 7)
        with pytest.raises(InsufficientCoins):
            post_one(moving(8, merchant("m1"), exchange("CNY"), currency="CNY"))

    def test_a_refused_key_may_be_tried_again_once_there_are_coins(self, funded, moving):
        order = moving(10, wallet("p1"), voucher("v1"))
        with pytest.raises(InsufficientCoins):
            post_one(order)
        funded(wallet("p1"), 10)
        post_one(order)
        assert balance_of(voucher("v1")) == 10


class TestPost:
    def test_answers_for_each_and_a_bad_one_costs_the_others_nothing(self, funded, moving):
        purse = funded(wallet("p1"), 100)
        first = moving(60, purse, voucher("v1"), key="order:v1")
        answers = post(
            [
                first,
                moving(60, purse, voucher("v2"), key="order:v2"),
                first,
                moving(1, purse, voucher("v1"), key="order:v1"),
                moving(40, purse, voucher("v3"), key="order:v3"),
            ]
        )
        posted, overdrawn, exists, conflict, last = answers
        assert isinstance(posted, Posted)
        assert overdrawn == Overdrawn(purse, "FUB", 40, 60)
        assert exists == Exists(posted.entry_id)
        assert conflict == KeyConflict("order:v1", posted.entry_id)
        assert isinstance(last, Posted)
        assert balance_of(purse) == 0


class TestInsideATransactionOfTheCaller:
    """An entry and the caller's own document: both or neither."""

    @pytest.fixture
    def orders(self):
        orders = database()["test_orders"]
        orders.insert_one({"_id": "warm"})
        orders.delete_many({})
        yield orders
        orders.drop()

    def test_both_are_kept(self, orders, funded, moving):
        order = moving(10, funded(wallet("p1"), 10), voucher("v1"))

        def decide(session):
            orders.insert_one({"_id": 1}, session=session)
            return post_one(order, session=session)

        assert in_transaction(decide) == posted_before(order)
        assert orders.count_documents({}) == 1

    def test_neither_is_kept_where_coins_are_short(self, orders, funded, moving):
        purse = funded(wallet("p1"), 9)

        def decide(session):
            orders.insert_one({"_id": 1}, session=session)
            post_one(moving(10, purse, voucher("v1")), session=session)

        with pytest.raises(InsufficientCoins):
            in_transaction(decide)
        assert (orders.count_documents({}), balance_of(purse)) == (0, 9)

    def test_neither_is_kept_where_the_caller_fails_afterwards(self, orders, funded, moving):
        purse = funded(wallet("p1"), 10)

        def decide(session):
            asked = [moving(4, purse, voucher("v1")), moving(4, purse, voucher("v2"))]
            post(asked, session=session)
            raise LookupError

        with pytest.raises(LookupError):
            in_transaction(decide)
        assert (balance_of(purse), balance_of(voucher("v1"))) == (10, 0)

    def test_a_used_key_comes_out_as_it_is(self, funded, moving):
        order = moving(10, funded(wallet("p1"), 100), voucher("v1"), key="order:v1")
        entry_id = post_one(order)
        with pytest.raises(DuplicateKeyError):
            in_transaction(lambda session: post_one(order, session=session))
        assert posted_before(order) == entry_id
        with pytest.raises(EntryConflict):
            posted_before(moving(11, wallet("p1"), voucher("v1"), key="order:v1"))


def test_an_unused_key_was_not_posted_before(moving):
    assert posted_before(moving(1, wallet("p1"), voucher("v1"))) is None
