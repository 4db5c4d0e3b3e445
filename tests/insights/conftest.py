"""A district with rates in force, somebody who may try other rates, and work to try them on."""

from datetime import UTC, datetime, timedelta

import pytest
from replayed_work import LINES

from fixtures.factories import CARD_TITLE, SAMPLE_WHY, a_town, a_unit, put_card, staff
from people import Role, UnitKind
from rates import draft_card
from shared.clock import now


@pytest.fixture
def town():
    return a_town()


@pytest.fixture
def rate_admin(town):
    return staff(Role.RATE_ADMIN, at=town.city)


@pytest.fixture
def in_force(town, rate_admin):
    """The city's card, in force since 2020."""
    since = datetime(2020, 1, 1, tzinfo=UTC)
    return put_card(town.city.id, since, LINES, fen_per_10000_coins=20_000, by=rate_admin)


@pytest.fixture
def drafted(town, rate_admin):
    """A draft of the district for tomorrow, of these lines and more."""

    def make(lines=(), *, unit=None, key="draft-0001", by=None, **more):
        content = {
            "title": CARD_TITLE,
            "in_force_from": now() + timedelta(days=1),
            "lines": list(lines),
            "fen_per_10000_coins": 20_000,
            **more,
        }
        whose = unit or town.district
        return draft_card(whose.id, content, why=SAMPLE_WHY, key=key, by=by or rate_admin)

    return make


@pytest.fixture
def another_street(town):
    return a_unit(UnitKind.CIVIL, town.district, code="350102003", level="street", name="东街街道")
