"""A statement ready to be answered, and the officer who settles it."""

import pytest
from statement_world import closed, hand_over, value_of_coins

from catalog.settlement.point_statement import PointStatement


@pytest.fixture
def reward_id(offer):
    return offer(price=100, supplied=2_000)


@pytest.fixture
def statement(town, reward_id):
    """Three hand-overs of 100 coins each on 1 March, 10,000 coins being worth ¥200; closed."""
    value_of_coins(town.district, 20_000)
    for minute in range(3):
        hand_over(reward_id, town.point, f"2026-03-01 10:0{minute}")
    assert closed("2026-03-02 00:10") == 1
    return PointStatement.objects.get()
