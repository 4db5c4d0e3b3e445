"""A catalogue with something of everything in it, sound to begin with."""

import pytest
from proof_world import build_world, take_away

from catalog.proof import proving


@pytest.fixture
def world(town, offer):
    """Vouchers in every state, tickets, top-ups, an award, statements; see build_world."""
    return build_world(town, offer)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    """Nothing heals by itself in these tests: the second look follows at once."""
    monkeypatch.setattr(proving, "LOOK_AGAIN_S", 0)


@pytest.fixture
def spoilt():
    """Takes the catalogue and the book away after a test that leaves them spoilt."""
    yield
    take_away()
