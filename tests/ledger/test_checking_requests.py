"""Requests to reverse that do not agree with the reversals in the book are found."""

from datetime import timedelta

import pytest

from ledger import (
    Entry,
    FindingKind,
    ReasonCode,
    approve_reversal,
    decline_reversal,
    post_one,
    prove,
    reverse_entry,
    task,
    wallet,
)
from ledger.planning import CLOCK_SKEW
from ledger.reversal_request import ReversalRequest
from shared.clock import real_now
from shared.ids import new_id
from tests.ledger import tampering
from tests.ledger.tampering import change, found, put, remove, said

SMALL, LARGE = 1_000, 1_001


@pytest.fixture(autouse=True)
def spoilt():
    yield
    tampering.take_away()


@pytest.fixture
def asked(funded, moving):
    """`asked(coins)` is the id of a reward whose reversal officer o1 has asked for."""

    def ask(coins, **terms):
        entry_id = post_one(moving(coins, funded(task("t1"), coins), wallet("p1")))
        terms = {"reason": ReasonCode.FRAUD, "effective_at": real_now(), "by_id": "o1", **terms}
        reverse_entry(entry_id, **terms)
        return entry_id

    return ask


@pytest.fixture
def small(asked):
    """The id of a reward that one officer reversed alone."""
    return asked(SMALL)


@pytest.fixture
def large(asked):
    """The id of a reward that o1 asked to reverse and o2 approved."""
    entry_id = asked(LARGE)
    approve_reversal(entry_id, by_id="o2")
    return entry_id


def reversal_of(entry_id):
    return Entry.objects(reverses=entry_id).get().id


def kinds():
    return {kind for kind, *_ in found()}


class TestSoundRequests:
    def test_are_those_posted_waiting_and_declined(self, small, large, asked):
        asked(LARGE)
        declined = asked(LARGE)
        decline_reversal(declined, by_id="o2")
        assert prove() == []

    def test_may_be_taken_back_by_who_asked_and_asked_anew(self, asked):
        entry_id = asked(LARGE)
        decline_reversal(entry_id, by_id="o1")
        again = {"reason": ReasonCode.DUPLICATE, "effective_at": real_now(), "by_id": "o1"}
        reverse_entry(entry_id, **again)
        approve_reversal(entry_id, by_id="o2")
        assert prove() == []

    def test_may_come_from_a_clock_that_is_ahead(self, asked):
        asked(SMALL, effective_at=real_now() + CLOCK_SKEW / 2)
        assert prove() == []


class TestAReversal:
    def test_whose_request_is_gone_is_named(self, small):
        reversal = reversal_of(small)
        remove(ReversalRequest, small)
        assert found() == [(FindingKind.REVERSAL_UNASKED, reversal, small, None)]
        assert said() == [f"entry {reversal} reverses entry {small}, but the request says nothing"]

    @pytest.mark.parametrize("state", ["declined", "waiting"])
    def test_whose_request_was_set_back_is_named(self, large, state):
        change(ReversalRequest, large, {"$set": {"state": state}, "$unset": {"reversal_id": ""}})
        assert found() == [(FindingKind.REVERSAL_UNASKED, reversal_of(large), large, state)]

    def test_whose_request_names_another_entry_is_named(self, small):
        missing = new_id()
        change(ReversalRequest, small, {"$set": {"reversal_id": missing}})
        assert found() == [
            (FindingKind.REVERSAL_UNASKED, reversal_of(small), small, f"entry {missing}"),
            (FindingKind.REQUEST_WITHOUT_REVERSAL, small, missing, None),
        ]
        assert said()[1] == f"entry {missing} is said to reverse entry {small}, and does not"


class TestAPostedRequest:
    def test_without_its_reversal_is_named(self, small):
        reversal = reversal_of(small)
        remove(Entry, reversal)
        assert (FindingKind.REQUEST_WITHOUT_REVERSAL, small, reversal, None) in found()

    def test_made_up_for_an_entry_that_stands_is_named(self, small, funded, moving):
        other = post_one(moving(5, funded(task("t2"), 5), wallet("p1")))
        request = ReversalRequest.objects.get(id=small).to_mongo().to_dict()
        put(ReversalRequest, {**request, "_id": other})
        reversal = reversal_of(small)
        assert found() == [(FindingKind.REQUEST_WITHOUT_REVERSAL, other, reversal, None)]

    def test_approved_by_who_asked_is_named(self, large):
        change(ReversalRequest, large, {"$set": {"asks.0.asked_by": "o2"}})
        assert found() == [(FindingKind.REQUEST_SELF_APPROVED, large, "o2", None)]
        assert said() == [f"o2 both asked for and approved the reversal of entry {large}"]

    def test_asked_for_another_reason_is_named(self, small):
        change(ReversalRequest, small, {"$set": {"asks.0.reason": "duplicate"}})
        ((kind, where, stored, replayed),) = found()
        assert (kind, where) == (FindingKind.REQUEST_DIFFERS, small)
        assert (stored.split()[0], replayed.split()[0]) == ("duplicate", "fraud")
        assert said() == [f"entry {small} was to be reversed for {stored}, but was for {replayed}"]

    @pytest.mark.parametrize("other", [timedelta(seconds=-1), timedelta(days=-40)])
    def test_asked_from_another_moment_is_named(self, small, other):
        moment = ReversalRequest.objects.get(id=small).asks[0].effective_at + other
        change(ReversalRequest, small, {"$set": {"asks.0.effective_at": moment}})
        assert kinds() == {FindingKind.REQUEST_DIFFERS}

    @pytest.mark.parametrize(
        ("spoiling", "kind"),
        [
            ({"$set": {"asks": "none"}}, FindingKind.REQUEST_DIFFERS),
            ({"$set": {"asks": []}}, FindingKind.REQUEST_DIFFERS),
            ({"$set": {"asks": [7]}}, FindingKind.REQUEST_DIFFERS),
            ({"$set": {"asks.0.effective_at": 7}}, FindingKind.REQUEST_DIFFERS),
            ({"$unset": {"asks": ""}}, FindingKind.REQUEST_DIFFERS),
            ({"$set": {"reversal_id": 7}}, FindingKind.REQUEST_WITHOUT_REVERSAL),
            ({"$set": {"state": 7}}, FindingKind.REVERSAL_UNASKED),
            ({"$set": {"amount": -1}}, FindingKind.UNSOUND_REQUEST),
        ],
    )
    def test_of_a_shape_that_cannot_be_is_named(self, small, spoiling, kind):
        change(ReversalRequest, small, spoiling)
        assert kind in kinds()
