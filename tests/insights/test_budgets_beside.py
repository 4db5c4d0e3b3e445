"""What is left beside a replay: of this quarter and those to come, one query for each unit."""

from datetime import UTC, datetime, timedelta

import pytest
from replayed_work import MONDAY, Did, replayed

from fixtures.factories import funded
from insights.budgets_beside import budget_beside
from insights.replaying_rates import Priced
from ledger import EntryKind, Leg, NewEntry, accounts, post_one
from shared.ids import new_id

YEAR = 2026


@pytest.fixture
def quarters(town):
    """A hundred coins in the street's budget of the year, and a power of two in each quarter's."""
    funded(town.street, 115, year=YEAR)
    source = accounts.budget(town.street.id, YEAR)
    for quarter in (1, 2, 3, 4):
        target = accounts.budget(town.street.id, YEAR, quarter=quarter)
        coins = 2 ** (quarter - 1)
        legs = [Leg(source, -coins), Leg(target, coins)]
        about = ("unit", town.street.id)
        post_one(NewEntry(f"sample:{new_id()}", EntryKind.REBALANCING, legs, about))


@pytest.mark.parametrize(("month", "left"), [(2, 115), (5, 114), (8, 112), (11, 108)])
def test_quarters_that_are_over_are_not_counted(town, quarters, month, left):
    told = []
    sums = replayed([Did(unit_id=town.street.id)], {"t": Priced(50)}, among=(town.street.id,))
    beside = budget_beside(
        town.street,
        sums,
        since=MONDAY,
        until=MONDAY + timedelta(days=10),
        priced_at=datetime(YEAR, month, 15, tzinfo=UTC),
        tell=lambda: told.append(1),
    )
    assert beside["of_units"] == {town.street.id: left}
    assert beside["drafted_lasts_days"] == round(left * 10 / 50, 1)
    assert told == [1]
