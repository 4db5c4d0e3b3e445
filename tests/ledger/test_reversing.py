"""Reversing entries: alone up to a set amount, above it with a second officer; never twice."""

from datetime import timedelta

import pytest

from ledger import (
    AlreadyReversed,
    Balance,
    CannotReverse,
    DatedInFuture,
    Entry,
    EntryKind,
    EntryNotFound,
    FindingKind,
    InsufficientCoins,
    MonthClosed,
    NotBeforeTheEntry,
    ReasonCode,
    ReversalDecided,
    ReversalNotFound,
    ReversalState,
    ReversalWaiting,
    SameOfficer,
    approve_reversal,
    balance_of,
    budget,
    close_month,
    decline_reversal,
    entry_of,
    hold_coins,
    merchant,
    owed,
    post_one,
    prove,
    release_hold,
    reversals_in,
    reverse_entry,
    settle_hold,
    task,
    voucher,
    wallet,
)
from ledger.new_entry import UnsoundEntry
from ledger.reversal_request import ReversalRequest
from shared.clock import business_month, business_month_start, month_later, real_now, stored
from shared.database import collection
from shared.ids import new_id
from tests.ledger.coins import SOURCE

LATER = timedelta(minutes=10)
SMALL, LARGE = 1_000, 1_001


@pytest.fixture
def rewarded(moving, funded):
    """`rewarded(10)` is the id of a reward of 10 coins to p1 out of a task's escrow."""

    def reward(coins, person="p1", **more):
        escrow = funded(task("t1"), coins)
        return post_one(moving(coins, escrow, wallet(person), unit="street", **more))

    return reward


@pytest.fixture
def reverse():
    """`reverse(entry_id)` is what officer o1 gets who reverses it from a moment on, once named."""
    moments = {}

    def ask(entry_id, *, reason=ReasonCode.FRAUD, by="o1", at=None):
        moment = at or moments.setdefault(entry_id, real_now())
        return reverse_entry(entry_id, reason=reason, effective_at=moment, by_id=by)

    return ask


def requests():
    return list(collection(ReversalRequest).find())


def last_month():
    """A moment in the month before this one."""
    return business_month_start(business_month(real_now())) - timedelta(days=1)


class TestASmallAmount:
    def test_is_reversed_at_once_by_one_officer(self, rewarded, reverse):
        entry_id = rewarded(SMALL)
        done = reverse(entry_id)
        assert (done.state, done.amount, done.currency) == (ReversalState.POSTED, SMALL, "FUB")
        assert (done.asked_by, done.decided_by) == ("o1", None)
        assert (balance_of(wallet("p1")), balance_of(task("t1"))) == (0, SMALL)
        undone = collection(Entry).find_one({"_id": done.reversal_id})
        assert (undone["reverses"], undone["reason"]) == (entry_id, "fraud")
        assert (undone["kind"], undone["unit"]) == ("reversal", "street")
        assert undone["effective_at"] == done.effective_at

    def test_is_answered_the_same_when_asked_again(self, rewarded, reverse):
        entry_id = rewarded(5)
        assert reverse(entry_id) == reverse(entry_id)
        assert collection(Entry).count_documents({"kind": "reversal"}) == 1

    def test_is_not_reversed_again_in_other_words_or_by_somebody_else(self, rewarded, reverse):
        entry_id = rewarded(5)
        reverse(entry_id)
        for other in ({"by": "o2"}, {"reason": ReasonCode.DUPLICATE}, {"at": real_now()}):
            with pytest.raises(AlreadyReversed):
                reverse(entry_id, **other)

    def test_is_not_reversed_again_where_the_book_was_told_without_a_request(
        self, rewarded, reverse, moving
    ):
        entry_id = rewarded(5)
        legs = (5, wallet("p1"), task("t1"))
        terms = {"reverses": entry_id, "reason": ReasonCode.FRAUD}
        post_one(moving(*legs, kind=EntryKind.REVERSAL, key="reversal:x", **terms))
        with pytest.raises(AlreadyReversed):
            reverse(entry_id)
        assert requests() == []
        # The proof after the test would not stand a reversal that nobody asked for.
        assert [found.kind for found in prove()] == [FindingKind.REVERSAL_UNASKED]
        for document in (Entry, Balance):
            collection(document).delete_many({})


class TestAMomentOfItsOwn:
    def test_may_lie_in_an_open_month_that_is_past(self, rewarded, reverse):
        entry_id = rewarded(5, effective_at=last_month() - LATER)
        done = reverse(entry_id, at=last_month())
        undone = collection(Entry).find_one({"_id": done.reversal_id})
        assert undone["effective_at"] == stored(last_month())

    def test_may_not_lie_before_the_entry(self, rewarded, reverse):
        entry_id = rewarded(5)
        with pytest.raises(NotBeforeTheEntry):
            reverse(entry_id, at=real_now() - LATER)
        assert requests() == []

    @pytest.mark.parametrize("coins", [SMALL, LARGE])
    def test_may_not_lie_ahead(self, rewarded, reverse, coins):
        entry_id = rewarded(coins)
        with pytest.raises(DatedInFuture):
            reverse(entry_id, at=real_now() + LATER)
        assert requests() == []

    def test_may_not_lie_in_a_closed_month(self, rewarded, reverse):
        entry_id = rewarded(5, effective_at=last_month() - LATER)
        close_month(business_month(last_month()), by_id="o9")
        with pytest.raises(MonthClosed):
            reverse(entry_id, at=last_month())
        assert requests() == []
        assert reverse(entry_id, at=real_now()).state == ReversalState.POSTED

    def test_says_its_time_zone(self, rewarded, reverse):
        entry_id = rewarded(5)
        with pytest.raises(UnsoundEntry):
            reverse(entry_id, at=real_now().replace(tzinfo=None))


class TestWhatCannotBeReversed:
    def test_is_what_is_not_there(self, reverse):
        for verb in (reverse, entry_of):
            with pytest.raises(EntryNotFound):
                verb(new_id())
        for verb in (approve_reversal, decline_reversal):
            with pytest.raises(EntryNotFound):
                verb(new_id(), by_id="o1")

    def test_is_a_reversal(self, rewarded, reverse):
        with pytest.raises(CannotReverse):
            reverse(reverse(rewarded(5)).reversal_id)

    def test_is_a_payment_of_what_is_owed(self, rewarded, reverse):
        entry_id = rewarded(10)
        hold = hold_coins(
            wallet("p1"), 10, key="h1", about=("order", "x1"), expires_at=real_now() + LATER
        )
        reverse(entry_id)
        assert balance_of(owed("p1")) == -10
        release_hold(hold.id)
        paid = collection(Entry).find_one({"kind": "debt_payment"})
        with pytest.raises(CannotReverse):
            reverse(paid["_id"])

    @pytest.mark.parametrize("coins", [SMALL, LARGE])
    def test_is_what_a_spent_budget_cannot_give_back(self, moving, reverse, coins):
        unit = budget("street", 2026)
        granted = post_one(moving(coins, SOURCE, unit))
        post_one(moving(1, unit, task("t9")))
        if coins == LARGE:
            assert reverse(granted).state == ReversalState.WAITING
        with pytest.raises(InsufficientCoins):
            approve_reversal(granted, by_id="o2") if coins == LARGE else reverse(granted)
        assert [one["state"] for one in requests()] == (["waiting"] if coins == LARGE else [])
        assert balance_of(unit) == coins - 1

    def test_is_what_another_room_must_undo(self, funded, moving, reverse):
        published = post_one(moving(5, funded(budget("street", 2026), 5), task("t9")))
        with pytest.raises(CannotReverse) as refused:
            reverse(published)
        assert refused.value.facts == {"kind": "publication"}


class TestWhoHasSpentTheCoins:
    def test_owes_them_and_pays_with_the_next_reward(self, rewarded, reverse, moving):
        entry_id = rewarded(10)
        post_one(moving(7, wallet("p1"), voucher("v1")))
        reverse(entry_id)
        assert (balance_of(wallet("p1")), balance_of(owed("p1"))) == (0, -7)
        assert balance_of(task("t1")) == 10
        rewarded(9)
        assert (balance_of(wallet("p1")), balance_of(owed("p1"))) == (2, 0)

    def test_does_not_get_them_back_from_a_delivery(self, rewarded, reverse):
        rewarded(10)
        hold = hold_coins(
            wallet("p1"), 10, key="h1", about=("order", "x1"), expires_at=real_now() + LATER
        )
        settled = settle_hold(hold.id, into=merchant("m1"), amount=6)
        assert (balance_of(wallet("p1")), balance_of(merchant("m1"))) == (4, 6)
        with pytest.raises(CannotReverse) as refused:
            reverse(settled.entry_id, reason=ReasonCode.GOODS_RETURNED)
        assert refused.value.facts == {"kind": "delivery"}
        assert (balance_of(wallet("p1")), balance_of(merchant("m1"))) == (4, 6)


class TestALargeAmount:
    def test_waits_for_a_second_officer(self, rewarded, reverse):
        entry_id = rewarded(LARGE)
        asked = reverse(entry_id)
        assert (asked.state, asked.reversal_id) == (ReversalState.WAITING, None)
        assert balance_of(wallet("p1")) == LARGE
        assert reverse(entry_id) == asked
        with pytest.raises(ReversalWaiting):
            reverse(entry_id, by="o2")
        assert entry_of(entry_id).reversed_by is None

    def test_is_posted_when_a_second_one_approves(self, rewarded, reverse):
        entry_id = rewarded(LARGE)
        asked = reverse(entry_id)
        done = approve_reversal(entry_id, by_id="o2", version=asked.version)
        assert (done.state, done.asked_by, done.decided_by) == ("posted", "o1", "o2")
        assert (balance_of(wallet("p1")), balance_of(task("t1"))) == (0, LARGE)
        assert approve_reversal(entry_id, by_id="o2", version=asked.version) == done
        assert reverse(entry_id) == done
        for refused in (
            lambda: approve_reversal(entry_id, by_id="o3"),
            lambda: decline_reversal(entry_id, by_id="o2"),
        ):
            with pytest.raises(ReversalDecided):
                refused()
        with pytest.raises(AlreadyReversed):
            reverse(entry_id, by="o3")

    def test_is_not_approved_by_who_asked(self, rewarded, reverse):
        entry_id = rewarded(LARGE)
        reverse(entry_id)
        with pytest.raises(SameOfficer):
            approve_reversal(entry_id, by_id="o1")
        assert balance_of(wallet("p1")) == LARGE

    def test_is_not_approved_where_nobody_asked(self, rewarded):
        entry_id = rewarded(LARGE)
        for verb in (approve_reversal, decline_reversal):
            with pytest.raises(ReversalNotFound):
                verb(entry_id, by_id="o2")

    def test_goes_on_waiting_where_the_book_refuses(self, rewarded, reverse):
        entry_id = rewarded(LARGE, effective_at=last_month() - LATER)
        asked = reverse(entry_id, at=last_month())
        close_month(business_month(last_month()), by_id="o9")
        with pytest.raises(MonthClosed):
            approve_reversal(entry_id, by_id="o2")
        assert reverse(entry_id, at=last_month()) == asked
        decline_reversal(entry_id, by_id="o2")
        reverse(entry_id, at=real_now())
        assert approve_reversal(entry_id, by_id="o2").state == ReversalState.POSTED


class TestADeclinedOne:
    def test_moves_nothing(self, rewarded, reverse):
        entry_id = rewarded(LARGE)
        reverse(entry_id)
        declined = decline_reversal(entry_id, by_id="o2")
        assert (declined.state, declined.decided_by) == (ReversalState.DECLINED, "o2")
        assert decline_reversal(entry_id, by_id="o2") == declined
        assert reverse(entry_id) == declined
        for verb, by in ((decline_reversal, "o3"), (approve_reversal, "o2")):
            with pytest.raises(ReversalDecided):
                verb(entry_id, by_id=by)
        assert balance_of(wallet("p1")) == LARGE

    def test_may_be_ones_own(self, rewarded, reverse):
        entry_id = rewarded(LARGE)
        reverse(entry_id)
        assert decline_reversal(entry_id, by_id="o1").state == ReversalState.DECLINED

    def test_is_asked_for_again_in_other_words_and_keeps_the_earlier_ones(self, rewarded, reverse):
        entry_id = rewarded(LARGE)
        first = reverse(entry_id)
        decline_reversal(entry_id, by_id="o2")
        again = reverse(entry_id, reason=ReasonCode.DUPLICATE)
        assert (again.state, again.decided_by) == (ReversalState.WAITING, None)
        # What comes late about the first one finds that it is no longer what was seen.
        assert reverse(entry_id) == again
        for verb in (approve_reversal, decline_reversal):
            with pytest.raises(ReversalDecided):
                verb(entry_id, by_id="o3", version=first.version)
        done = approve_reversal(entry_id, by_id="o2", version=again.version)
        assert (done.state, done.reason) == (ReversalState.POSTED, ReasonCode.DUPLICATE)
        (kept,) = requests()
        assert [one["reason"] for one in kept["asks"]] == ["fraud", "duplicate"]
        assert kept["version"] == 4


def test_requests_that_wait_are_listed_the_longest_asked_for_first(rewarded, reverse):
    entry_ids = [rewarded(LARGE) for _ in range(5)]
    for entry_id in [*entry_ids[2:], *entry_ids[:2]]:
        reverse(entry_id)
    decline_reversal(entry_ids[3], by_id="o2")
    first = reversals_in(limit=3)
    rest = reversals_in(limit=3, cursor=first.next_cursor)
    seen = [one.entry_id for one in first.items + rest.items]
    assert seen == [entry_ids[number] for number in (2, 4, 0, 1)]
    assert rest.next_cursor is None
    assert [one.entry_id for one in reversals_in(ReversalState.DECLINED).items] == [entry_ids[3]]


def test_an_entry_is_seen_with_its_legs_and_what_reversed_it(rewarded, reverse):
    entry_id = rewarded(5, lasts_months=2)
    month = month_later(business_month(real_now()), 2)
    before = entry_of(entry_id)
    assert sorted((leg.account, leg.amount, leg.lots) for leg in before.legs) == [
        ("task:t1", -5, {}),
        ("wallet:p1", 5, {month: 5}),
    ]
    assert (before.reversed_by, before.reversal, before.unit) == (None, None, "street")
    done = reverse(entry_id)
    after = entry_of(entry_id)
    assert (after.reversed_by, after.reversal) == (done.reversal_id, done)
    assert entry_of(done.reversal_id).reverses == entry_id
