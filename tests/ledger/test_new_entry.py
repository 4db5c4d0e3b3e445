"""What can be asked of the book: balanced, whole, named; and what the request hash covers."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import EntryKind, Leg, NewEntry, UnsoundEntry, issued, wallet
from ledger.entry import MAX_AMOUNT, MAX_LEGS

PURE = True

TWO = (Leg(issued("350102", 2026), -5), Leg(wallet("p1"), 5))
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def entry(legs=TWO, key="k", kind=EntryKind.REWARD, about=("task", "t1"), effective_at=None):
    return NewEntry(key, kind, legs, about, effective_at)


@pytest.mark.parametrize(
    "legs",
    [
        (),
        (Leg(wallet("p1"), 5),),
        (Leg(wallet("p1"), 5), Leg(wallet("p2"), -4)),
        (Leg(wallet("p1"), 0), Leg(wallet("p2"), 0)),
        (Leg(wallet("p1"), 5, "FUB"), Leg(wallet("p2"), -5, "CNY")),
        (Leg(wallet("p1"), 5, "USD"), Leg(wallet("p2"), -5, "USD")),
        (Leg(wallet("p1"), 0.5), Leg(wallet("p2"), -0.5)),
        (Leg(wallet("p1"), True), Leg(wallet("p2"), -1)),
        (Leg(wallet("p1"), MAX_AMOUNT + 1), Leg(wallet("p2"), -MAX_AMOUNT - 1)),
        (Leg("purse:p1", 5), Leg(wallet("p2"), -5)),
        TWO * (MAX_LEGS // 2 + 1),
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
    ],
)
def test_words_that_could_never_be_posted_are_refused_at_once(words):
    with pytest.raises(UnsoundEntry):
        entry(**words)


class TestTheRequestHash:
    def test_is_the_same_for_the_same_request_in_another_order_or_time_zone(self):
        shifted = NOON.astimezone(ZoneInfo("Asia/Shanghai"))
        first = entry(TWO, effective_at=NOON)
        assert entry(TWO[::-1], effective_at=shifted).request_hash == first.request_hash

    @pytest.mark.parametrize(
        "other",
        [
            {"legs": (Leg(issued("350102", 2026), -6), Leg(wallet("p1"), 6))},
            {"legs": (Leg(issued("350102", 2026), -5), Leg(wallet("p2"), 5))},
            {"legs": tuple(Leg(leg.account, leg.amount, "CNY") for leg in TWO)},
            {"kind": EntryKind.ORDER},
            {"about": ("task", "t2")},
            {"effective_at": NOON},
            {"effective_at": NOON + timedelta(seconds=1)},
        ],
    )
    def test_differs_where_anything_supplied_differs(self, other):
        assert entry(**other).request_hash != entry().request_hash

    def test_leaves_the_key_out(self):
        assert entry(key="a").request_hash == entry(key="b").request_hash


AMOUNTS = st.lists(st.integers(-1000, 1000).filter(bool), min_size=1, max_size=8)


@given(AMOUNTS)
def test_guarded_changes_are_the_net_of_all_legs_in_order_of_name(amounts):
    legs = [Leg(wallet(f"p{number % 3}"), amount) for number, amount in enumerate(amounts)]
    legs += [Leg(issued("350102", 2026), -amount) for amount in amounts]
    changes = entry(legs).guarded_changes()
    assert sum(net for _, _, net in changes) == sum(amounts)
    assert changes == sorted(changes)
    assert all(net and account.startswith("wallet:") for account, _, net in changes)
