"""What can be asked of the book: balanced, whole, named; and what the request hash covers."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ledger import EntryKind, Leg, NewEntry, ReasonCode, UnsoundEntry, task, voucher, wallet
from ledger.entry import MAX_AMOUNT
from ledger.entry_kinds import MOVEMENTS
from ledger.new_entry import MAX_NEW_LEGS
from shared.ids import new_id

PURE = True

TWO = (Leg(task("t1"), -5), Leg(wallet("p1"), 5))
BACK = (Leg(voucher("v1"), -5), Leg(wallet("p1"), 5))
MANY = [Leg(task(f"t{number}"), -1) for number in range(MAX_NEW_LEGS)]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def entry(legs=TWO, key="k", kind=EntryKind.REWARD, about=("task", "t1"), **terms):
    return NewEntry(key, kind, legs, about, **terms)


@pytest.mark.parametrize(
    "legs",
    [
        (),
        (Leg(wallet("p1"), 5),),
        (Leg(wallet("p1"), 5), Leg(task("t1"), -4)),
        (Leg(wallet("p1"), 0), Leg(task("t1"), 0)),
        (Leg(wallet("p1"), 5, "FUB"), Leg(task("t1"), -5, "CNY")),
        (Leg(wallet("p1"), 5, "USD"), Leg(task("t1"), -5, "USD")),
        (Leg(wallet("p1"), 0.5), Leg(task("t1"), -0.5)),
        (Leg(wallet("p1"), True), Leg(task("t1"), -1)),
        (Leg(wallet("p1"), MAX_AMOUNT + 1), Leg(task("t1"), -MAX_AMOUNT - 1)),
        (Leg("purse:p1", 5), Leg(task("t1"), -5)),
        (Leg(wallet("p1"), 5), Leg(wallet("p1"), 5), Leg(task("t1"), -10)),
        (*MANY, Leg(wallet("p1"), MAX_NEW_LEGS)),
    ],
)
def test_legs_that_could_never_be_posted_are_refused_at_once(legs):
    with pytest.raises(ValueError):
        entry(legs)


@pytest.mark.parametrize(
    "words",
    [
        {"key": ""},
        {"key": "with space"},
        {"key": "k" * 201},
        {"kind": "gift"},
        {"about": ("Task", "t1")},
        {"about": ("task", "")},
        {"about": ("task", "福")},
        {"effective_at": datetime(2026, 3, 1)},  # noqa: DTZ001
        {"unit": "鼓楼"},
        {"lasts_months": 0},
        {"lasts_months": 121},
        {"lasts_months": True},
        {"returns": "with space"},
        {"returns": "order:v1"},
        {"reason": ReasonCode.FRAUD},
        {"reverses": new_id()},
        {"kind": EntryKind.REVERSAL},
        {"kind": EntryKind.REVERSAL, "reverses": "x", "reason": ReasonCode.FRAUD},
    ],
)
def test_words_that_could_never_be_posted_are_refused_at_once(words):
    with pytest.raises(UnsoundEntry):
        entry(**words)


@pytest.mark.parametrize("kind", sorted(set(EntryKind) - {EntryKind.REWARD, EntryKind.REVERSAL}))
def test_a_kind_that_does_not_move_coins_between_these_accounts_is_refused(kind):
    with pytest.raises(UnsoundEntry, match="moves nothing"):
        entry(kind=kind)


def test_every_kind_of_entry_says_what_it_moves():
    assert set(MOVEMENTS) == set(EntryKind)


class TestTheRequestHash:
    def test_is_the_same_for_the_same_request_in_another_order_or_time_zone(self):
        shifted = NOON.astimezone(ZoneInfo("Asia/Shanghai"))
        first = entry(TWO, effective_at=NOON)
        assert entry(TWO[::-1], effective_at=shifted).request_hash == first.request_hash

    @pytest.mark.parametrize(
        "other",
        [
            {"legs": (Leg(task("t1"), -6), Leg(wallet("p1"), 6))},
            {"legs": (Leg(task("t1"), -5), Leg(wallet("p2"), 5))},
            {"legs": tuple(Leg(leg.account, leg.amount, "CNY") for leg in TWO)},
            {"kind": EntryKind.ORDER, "legs": (Leg(wallet("p1"), -5), Leg(voucher("v1"), 5))},
            {"unit": "u1"},
            {"lasts_months": 12},
            {"kind": EntryKind.CANCELLATION, "legs": BACK, "returns": "order:v1"},
            {"about": ("task", "t2")},
            {"effective_at": NOON},
            {"effective_at": NOON + timedelta(seconds=1)},
        ],
    )
    def test_differs_where_anything_supplied_differs(self, other):
        assert entry(**other).request_hash != entry().request_hash

    def test_leaves_the_key_out(self):
        assert entry(key="a").request_hash == entry(key="b").request_hash
