"""Planning a batch: what fits, in order; lots, debts, reversals; no trace of what does not fit."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import EntryKind, Leg, NewEntry, ReasonCode, budget, owed, task, voucher, wallet
from ledger.outcomes import DatedAhead, InClosedMonth, Overdrawn, Rejected
from ledger.planning import Asked, NotPostable, Plan

PURE = True

NOW = datetime(2026, 11, 15, 4, tzinfo=UTC)
PURSE, ESCROW = wallet("p1"), task("t1")
ORIGINAL = {"_id": "0" * 24, "key": "reward:w1:1", "kind": "reward"}


def plan(closed_through=None, originals=(), **balances):
    """A plan that has read p1's wallet, and whatever else is named, as given."""
    read = {f"{PURSE}|FUB": None} | {f"{name}|FUB": kept for name, kept in balances.items()}
    known = {
        name: original for original in originals for name in (original["_id"], original["key"])
    }
    return Plan(NOW, read, known, closed_through)


def holding(posted=0, **more):
    return plan(**{PURSE: {"posted": posted, "entries": 1, **more}})


def reward(coins=10, **terms):
    legs = [Leg(ESCROW, -coins), Leg(PURSE, coins)]
    return NewEntry("reward:w1:1", EntryKind.REWARD, legs, ("task", "t1"), **terms)


def order(coins=10, key="order:v1"):
    legs = [Leg(PURSE, -coins), Leg(voucher("v1"), coins)]
    return NewEntry(key, EntryKind.ORDER, legs, ("voucher", "v1"))


def cancellation(coins=10):
    legs = [Leg(voucher("v1"), -coins), Leg(PURSE, coins)]
    about = ("voucher", "v1")
    return NewEntry("back:v1", EntryKind.CANCELLATION, legs, about, returns="order:v1")


def reversal(legs):
    about, reason = ("task", "t1"), ReasonCode.FRAUD
    return NewEntry(
        "reversal:x", EntryKind.REVERSAL, legs, about, reverses=ORIGINAL["_id"], reason=reason
    )


def take(planned, *entries):
    for entry in entries:
        planned.take(Asked(entry))
    return planned


def legs_of(planned, number=-1):
    """{account: amount, or (amount, lots)} of an entry as it would be stored."""
    return {
        leg["account"]: (leg["amount"], leg["lots"]) if "lots" in leg else leg["amount"]
        for leg in planned.documents[number]["legs"]
    }


def refused(planned, entry):
    before = repr(planned.standings), list(planned.documents)
    with pytest.raises(NotPostable) as refusal:
        planned.take(Asked(entry))
    for name, standing in planned.standings.items():
        assert f"{name}|" not in before[0] or repr(standing) in before[0]
    assert planned.documents == before[1]
    return refusal.value.outcome


class TestASpend:
    def test_is_refused_beyond_what_is_there_and_leaves_no_trace(self):
        assert refused(holding(9), order(10)) == Overdrawn(PURSE, "FUB", 9, 10)

    def test_may_use_what_came_earlier_in_the_batch(self):
        planned = take(holding(0), reward(10), order(10))
        assert planned.standing(PURSE, "FUB").posted == 0

    def test_may_not_use_what_comes_later_in_it(self):
        assert refused(holding(0), order(10)) == Overdrawn(PURSE, "FUB", 0, 10)

    def test_may_not_use_what_is_held(self):
        assert refused(holding(15, held=6), order(10)) == Overdrawn(PURSE, "FUB", 9, 10)

    def test_draws_the_earliest_lot_first_and_what_never_expires_last(self):
        lots = {"2027-02": 4, "2026-12": 5}
        planned = take(holding(20, lots=lots), order(10))
        assert legs_of(planned)[PURSE] == (-10, {"2026-12": 5, "2027-02": 4})
        assert planned.standing(PURSE, "FUB").lots == {}

    def test_may_not_use_a_lot_whose_month_is_over_though_nobody_moved_it(self):
        lots = {"2026-10": 8, "2026-11": 5}
        planned = holding(20, lots=lots)
        assert refused(planned, order(13)) == Overdrawn(PURSE, "FUB", 12, 13)
        assert legs_of(take(planned, order(12)))[PURSE] == (-12, {"2026-11": 5})

    def test_guards_a_balance_it_did_not_read_in_the_filter_where_it_dips(self):
        drain = NewEntry(
            "k1",
            EntryKind.REDEMPTION,
            [Leg(voucher("v1"), -7), Leg("merchant:m", 7)],
            ("voucher", "v1"),
        )
        fill = order(10)
        planned = take(holding(50), drain, fill)
        statement = planned.standing(voucher("v1"), "FUB").update()
        assert statement["q"] == {"_id": "voucher:v1|FUB", "posted": {"$gte": 7}}
        assert statement["upsert"] is False


class TestAReward:
    def test_comes_in_a_lot_where_coins_expire(self):
        planned = take(plan(), reward(10, lasts_months=12))
        assert legs_of(planned)[PURSE] == (10, {"2027-11": 10})

    def test_counts_the_months_from_when_it_counts_itself(self):
        earned = datetime(2026, 6, 30, 17, tzinfo=UTC)  # July has begun in Shanghai
        planned = take(plan(), reward(10, lasts_months=12, effective_at=earned))
        assert legs_of(planned)[PURSE] == (10, {"2027-07": 10})

    def test_that_comes_after_its_lot_is_over_is_given_30_days(self):
        long_ago = datetime(2025, 1, 1, tzinfo=UTC)
        planned = take(plan(), reward(10, lasts_months=1, effective_at=long_ago))
        assert legs_of(planned)[PURSE] == (10, {"2026-12": 10})

    def test_pays_first_what_is_owed(self):
        planned = take(holding(0, owes=6), reward(10))
        assert legs_of(planned) == {ESCROW: -10, owed("p1"): 6, PURSE: 4}
        assert planned.standing(PURSE, "FUB").owes == 0

    def test_goes_whole_into_a_greater_debt(self):
        planned = take(holding(0, owes=60), reward(10))
        assert legs_of(planned) == {ESCROW: -10, owed("p1"): 10}


class TestAReturn:
    def test_gives_back_the_lots_that_were_drawn(self):
        drawn = {
            "legs": [{"account": PURSE, "currency": "FUB", "amount": -10, "lots": {"2027-01": 4}}]
        }
        original = ORIGINAL | drawn | {"key": "order:v1"}
        planned = take(plan(originals=[original]), cancellation())
        assert legs_of(planned)[PURSE] == (10, {"2027-01": 4})
        assert planned.documents[0]["returns"] == ORIGINAL["_id"]

    def test_gives_30_days_to_a_lot_whose_month_is_over(self):
        drawn = {
            "legs": [{"account": PURSE, "currency": "FUB", "amount": -10, "lots": {"2026-10": 4}}]
        }
        original = ORIGINAL | drawn | {"key": "order:v1"}
        planned = take(plan(originals=[original]), cancellation())
        assert legs_of(planned)[PURSE] == (10, {"2026-12": 4})

    def test_of_an_entry_that_is_not_there_is_refused(self):
        assert isinstance(refused(plan(), cancellation()), Rejected)


class TestAReversal:
    REWARDED = ORIGINAL | {
        "legs": [
            {"account": ESCROW, "currency": "FUB", "amount": -10},
            {"account": PURSE, "currency": "FUB", "amount": 10, "lots": {"2027-05": 10}},
        ]
    }
    UNDOING = (Leg(ESCROW, 10), Leg(PURSE, -10))

    def undone(self, posted, **more):
        planned = plan(originals=[self.REWARDED], **{PURSE: {"posted": posted, **more}})
        return take(planned, reversal(self.UNDOING))

    def test_takes_the_entrys_own_lots_first(self):
        lots = {"2027-01": 20, "2027-05": 8}
        assert legs_of(self.undone(30, lots=lots)) == {
            PURSE: (-10, {"2027-01": 2, "2027-05": 8}),
            ESCROW: 10,
        }

    def test_takes_what_is_free_and_leaves_the_rest_owed(self):
        planned = self.undone(13, held=10)
        assert legs_of(planned) == {PURSE: -3, owed("p1"): -7, ESCROW: 10}
        assert planned.standing(PURSE, "FUB").owes == 7

    def test_of_coins_all_spent_is_owed_whole(self):
        assert legs_of(self.undone(0)) == {owed("p1"): -10, ESCROW: 10}

    def test_of_an_expiry_gives_the_lots_back(self):
        legs = [
            {"account": PURSE, "currency": "FUB", "amount": -10, "lots": {"2027-05": 6}},
            {"account": "expired", "currency": "FUB", "amount": 10},
        ]
        original = ORIGINAL | {"kind": "lot_expiry", "legs": legs}
        planned = plan(originals=[original], **{"expired": {"posted": 10}})
        take(planned, reversal([Leg("expired", -10), Leg(PURSE, 10)]))
        assert legs_of(planned)[PURSE] == (10, {"2027-05": 6})

    @pytest.mark.parametrize(
        "legs",
        [
            (Leg("issued:350102:2026", -10), Leg(PURSE, 10)),
            (Leg(ESCROW, 9), Leg(PURSE, -9)),
            (Leg(ESCROW, 10), Leg(wallet("p2"), -10)),
        ],
    )
    def test_that_does_not_undo_its_entry_is_refused(self, legs):
        planned = plan(originals=[self.REWARDED], **{PURSE: {"posted": 10}})
        assert isinstance(refused(planned, reversal(legs)), Rejected)

    def test_of_what_another_room_must_undo_is_refused(self):
        original = self.REWARDED | {"kind": "publication"}
        planned = plan(originals=[original], **{PURSE: {"posted": 10}})
        assert isinstance(refused(planned, reversal(self.UNDOING)), Rejected)


class TestTheExpiryOfALot:
    def expiry(self, month):
        legs = [Leg(PURSE, -5), Leg("expired", 5)]
        return NewEntry("x", EntryKind.LOT_EXPIRY, legs, ("lot", month))

    def test_takes_that_lot_and_no_other(self):
        planned = take(holding(20, lots={"2026-09": 5, "2026-10": 5}), self.expiry("2026-10"))
        assert planned.standing(PURSE, "FUB").lots == {"2026-09": 5}

    def test_is_refused_while_it_can_be_spent(self):
        assert isinstance(
            refused(holding(20, lots={"2026-11": 5}), self.expiry("2026-11")), Rejected
        )

    def test_is_refused_beyond_what_it_holds(self):
        outcome = refused(holding(20, lots={"2026-10": 4}), self.expiry("2026-10"))
        assert outcome == Overdrawn(PURSE, "FUB", 4, 5)


class TestAHold:
    HOLD = {"_id": "h1", "account": PURSE, "currency": "FUB", "amount": 10}

    def delivery(self, coins):
        legs = [Leg(PURSE, -coins), Leg("merchant:m", coins)]
        return NewEntry("hold:h1", EntryKind.DELIVERY, legs, ("voucher", "v1"))

    def test_takes_the_earliest_lots_out_of_what_is_free(self):
        planned = holding(20, lots={"2027-01": 4, "2026-12": 3})
        assert planned.hold(PURSE, "FUB", 5) == {"2026-12": 3, "2027-01": 2}
        assert planned.standing(PURSE, "FUB").lots == {"2027-01": 2}

    def test_beyond_what_is_free_is_refused(self):
        with pytest.raises(NotPostable):
            holding(20, held=11).hold(PURSE, "FUB", 10)

    def test_settled_in_part_draws_its_own_lots_and_gives_the_rest_back(self):
        planned = holding(30, held=10, lots={"2026-11": 20})
        hold = self.HOLD | {"lots": {"2027-01": 4, "2027-02": 6}}
        planned.end_hold(hold, pays=self.delivery(7), settled=7)
        assert legs_of(planned)[PURSE] == (-7, {"2027-01": 4, "2027-02": 3})
        standing = planned.standing(PURSE, "FUB")
        assert (standing.posted, standing.held) == (23, 0)
        assert standing.lots == {"2026-11": 20, "2027-02": 3}

    def test_released_pays_first_what_is_owed(self):
        planned = holding(10, held=10, owes=4)
        planned.end_hold(self.HOLD)
        assert legs_of(planned) == {PURSE: -4, owed("p1"): 4}
        assert planned.documents[0]["key"] == "debt-payment:h1"


def test_no_more_is_paid_of_a_debt_than_there_is():
    legs = [Leg(ESCROW, -10), Leg(owed("p1"), 10)]
    entry = NewEntry("k", EntryKind.REWARD, legs, ("task", "t1"))
    assert refused(holding(0, owes=9), entry) == Overdrawn(owed("p1"), "FUB", 9, 10)


class TestDates:
    def test_an_entry_counts_from_the_moment_of_posting(self):
        assert take(plan(), reward()).documents[0]["effective_at"] == NOW

    def test_one_of_a_replayed_request_counts_from_what_the_request_takes_for_now(self):
        planned, then = plan(), datetime(2017, 12, 4, tzinfo=UTC)
        planned.take(Asked(reward(), then))
        assert planned.documents[0]["effective_at"] == then
        assert planned.back_dated == ["2017-12"]

    def test_none_counts_from_the_future(self):
        ahead = NOW + timedelta(minutes=2)
        assert refused(plan(), reward(effective_at=ahead)) == DatedAhead(ahead)

    def test_a_clock_a_little_ahead_is_the_moment_of_posting(self):
        planned = take(plan(), reward(effective_at=NOW + timedelta(seconds=30)))
        assert planned.documents[0]["effective_at"] == NOW

    def test_none_counts_in_a_closed_month(self):
        then = datetime(2026, 10, 31, 15, 59, tzinfo=UTC)  # the last minute of October there
        outcome = refused(plan(closed_through="2026-10"), reward(effective_at=then))
        assert outcome == InClosedMonth("2026-10")


MOVES = st.lists(st.tuples(st.sampled_from(["in", "out", "hold"]), st.integers(1, 30)), max_size=30)


@given(MOVES)
def test_whatever_is_asked_every_entry_balances_and_nothing_is_below_zero(moves):
    planned = holding(20, lots={"2026-12": 5, "2027-03": 5})
    for number, (what, coins) in enumerate(moves):
        try:
            if what == "hold":
                planned.hold(PURSE, "FUB", coins)
            else:
                entry = (
                    reward(coins, lasts_months=3) if what == "in" else order(coins, f"o:{number}")
                )
                planned.take(Asked(entry))
        except NotPostable:
            continue
    standing = planned.standing(PURSE, "FUB")
    assert 0 <= standing.held <= standing.posted
    assert sum(standing.lots.values()) <= standing.free
    assert min(standing.lots.values(), default=1) > 0
    for document in planned.documents:
        assert sum(leg["amount"] for leg in document["legs"]) == 0


def test_a_budget_that_was_read_is_not_overdrawn():
    source = budget("u1", 2026)
    planned = plan(**{source: {"posted": 5}})
    legs = [Leg(source, -6), Leg(ESCROW, 6)]
    entry = NewEntry("p", EntryKind.PUBLICATION, legs, ("task", "t1"))
    assert refused(planned, entry) == Overdrawn(source, "FUB", 5, 6)
