"""A payment shared into time and piece by the lines it was agreed with."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.pay_sharing import Tallies, shares_of

PURE = True


def lines(**coins):
    return [{"part": part, "coins": number} for part, number in coins.items()]


@pytest.mark.parametrize(
    ("agreed", "paid", "expected"),
    [
        (lines(time=100), 100, (100, 0, 0)),
        (lines(base=40), 40, (0, 40, 0)),
        (lines(base=20, time=60, distance=20), 100, (60, 40, 0)),
        # An occasion adds to both as they were.
        (lines(base=20, time=60, night=40), 120, (90, 30, 0)),
        # Extras are for the deed; nothing of them is shared.
        (lines(base=20, time=60, extra=20), 100, (60, 40, 0)),
        (lines(time=5, minimum=5), 10, (10, 0, 0)),
        (lines(base=100, time=100, maximum=-50), 150, (75, 75, 0)),
        # Caps cut the payment, not its shares.
        (lines(base=20, time=80), 50, (40, 10, 0)),
        (lines(extra=30), 30, (0, 30, 0)),
        (lines(minimum=10), 10, (0, 10, 0)),
        (lines(base=50, time=50), 0, (0, 0, 0)),
        ([], 100, (0, 0, 100)),
        ([{"coins": 100, "en": "Base", "zh-CN": "基础"}], 100, (0, 0, 100)),
    ],
)
def test_shares(agreed, paid, expected):
    assert tuple(shares_of(agreed, paid)) == expected


PARTS = ("base", "time", "distance", "night", "weekend", "heat", "extra", "minimum")


@given(st.dictionaries(st.sampled_from(PARTS), st.integers(0, 10_000)), st.integers(0, 30_000))
def test_they_sum_to_what_was_paid_and_none_is_negative(agreed, paid):
    shares = shares_of(lines(**agreed), paid)
    assert sum(shares) == paid
    assert min(shares) >= 0


def test_tallies_count_each_payment_in_all_its_kind_and_its_month():
    tallies = Tallies()
    for kind, month in (("patrol", "2026-10"), ("patrol", "2026-11"), ("care_visit", "2026-11")):
        for tally in tallies.of(kind, month):
            tally.add(3_600, 1_000.0, 100, shares_of(lines(base=25, time=75), 100))
    assert (tallies.total.count, tallies.total.coins, tallies.total.time) == (3, 300, 225)
    assert tallies.kinds["patrol"].count == tallies.months["2026-11"].count == 2
    assert tallies.total.time_share == 0.75
    assert Tallies().total.time_share is None
