"""The city that every killed verb acts in, and the zygote whose children are killed."""

from datetime import timedelta

import pytest
from killed_verbs import Zygote

from fixtures.factories import put_card
from people import Role
from shared.clock import now, pretending
from tests.tasks.street import add_unit, staff


@pytest.fixture(scope="module")
def zygote(app):
    made = Zygote()
    yield made
    made.close()


@pytest.fixture
def city():
    """A city whose rates are in force: two hours of patrol are 100 coins, 10,000 coins ¥200."""
    made = add_unit("福州市", "")
    with pretending(now() - timedelta(days=60)):
        lines = [{"kind": "patrol", "base": 0, "per_hour": 50, "minimum": 1}]
        moment, by = now() + timedelta(minutes=1), staff(Role.RATE_ADMIN, made)
        put_card(made.id, moment, lines, fen_per_10000_coins=20_000, by=by)
    return made
