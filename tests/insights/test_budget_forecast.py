"""The burn-down of a unit's budgets out of the ledger: what counts, and for which period."""

from datetime import UTC, datetime, timedelta

import pytest
from drawn_budgets import draw, give_back

from fixtures.factories import funded, staff
from insights import budget_forecasts
from ledger import accounts, first_drawn_at, net_drawn
from people import Role, UnitNotFound
from rates import put_envelope, quarter_ends_at
from shared.clock import pretending
from shared.errors import NotAllowed
from shared.ids import new_id

YEAR = 2026
NOW = datetime(YEAR, 11, 20, 4, tzinfo=UTC)
WEEK = timedelta(days=7)
DAY = timedelta(days=1)


@pytest.fixture
def keeper(town):
    return staff(Role.RATE_ADMIN, at=town.district)


@pytest.fixture
def drawn(town, keeper):
    """Draws (weeks ago, coins) from the district's 10,000 coins; below zero gives back."""

    def make(*moves, quarter=None):
        with pretending(NOW - 12 * WEEK):
            funded(town.district, 10_000, by=keeper)
        return town.district, list(moves) and [_move(town, *one, quarter) for one in moves]

    return make


def _move(town, weeks_ago, coins, quarter):
    with pretending(NOW - WEEK * weeks_ago):
        if coins < 0:
            give_back(town.district, -coins)
        else:
            draw(town.district, coins, quarter=quarter)


def seen(town, by, *, at=NOW, **more):
    with pretending(at):
        return budget_forecasts(town.district.id, by=by, **more)


def test_weeks_are_counted_back_from_now_and_returns_taken_off(town, keeper, drawn):
    drawn((3.01, 300), (2.5, 100), (1.5, 200), (1.2, -50), (0.5, 100))
    (one,) = seen(town, keeper).budgets
    assert (one.fund, one.quarter, one.left) == ("general", None, 9_350)
    assert one.weekly == (100, 150, 100)
    assert one.forecast.per_week == pytest.approx(350 / 3)
    assert one.forecast.used_up_at == NOW + WEEK * (9_350 / (350 / 3))
    assert one.ends_at == datetime(YEAR, 12, 31, 16, tzinfo=UTC)
    assert one.forecast.lasts is True


def test_never_more_than_eight_weeks(town, keeper, drawn):
    drawn((10.5, 5_000), *((number + 0.5, 100) for number in range(8)))
    (one,) = seen(town, keeper).budgets
    assert one.weekly == (100,) * 8


def test_grants_and_what_is_set_aside_are_no_draws(town, keeper, drawn):
    drawn((2.5, 100), (1.5, 100), (0.5, 100))
    with pretending(NOW - DAY):
        funded(town.district, 5_000, by=keeper)
        put_envelope(town.district.id, YEAR, 4, 2_000, why="四季度", key="env-0001", by=keeper)
    whole, quarter = seen(town, keeper).budgets
    assert (whole.quarter, whole.left, whole.weekly) == (None, 14_700, (100, 100))
    assert (quarter.quarter, quarter.left, quarter.weekly) == (4, 2_000, ())
    assert quarter.forecast.used_up_at is None
    assert quarter.ends_at == quarter_ends_at(YEAR, 4)


def test_a_quarter_burns_down_by_itself_and_counts_in_the_year(town, keeper, drawn):
    drawn()
    with pretending(NOW - 4 * WEEK):
        put_envelope(town.district.id, YEAR, 4, 1_000, why="四季度", key="env-0001", by=keeper)
    for weeks_ago in (2.5, 1.5, 0.5):
        _move(town, weeks_ago, 200, 4)
    whole, quarter = seen(town, keeper).budgets
    assert quarter.weekly == whole.weekly == (200, 200)
    assert (quarter.left, whole.left) == (400, 9_400)
    assert quarter.forecast.used_up_at == NOW + 2 * WEEK
    assert (quarter.forecast.lasts, whole.forecast.lasts) == (False, True)


def test_what_was_drawn_for_less_than_a_week_forecasts_nothing(town, keeper, drawn):
    drawn((0.5, 100))
    (one,) = seen(town, keeper).budgets
    assert (one.weekly, one.forecast.per_week, one.forecast.lasts) == ((), None, None)


def test_a_year_that_is_over_is_not_forecast(town, keeper, drawn):
    drawn((2.5, 100), (0.5, 100))
    (one,) = seen(town, keeper, at=NOW + 60 * DAY, year=YEAR).budgets
    assert (one.left, one.forecast.weeks) == (9_800, 0)
    assert seen(town, keeper, at=NOW + 60 * DAY).budgets == ()


def test_is_for_who_has_to_do_with_budgets(town):
    outsiders = [staff(Role.CLERK, at=town.point), staff(Role.CENTRE_OFFICER, at=town.street)]
    for by in outsiders:
        with pytest.raises(NotAllowed):
            seen(town, by)
    auditor = staff(Role.AUDITOR, at=town.city)
    assert seen(town, auditor).budgets == ()
    with pytest.raises(UnitNotFound):
        budget_forecasts(new_id(), by=auditor)


def test_the_ledger_counts_each_entry_in_one_span(town, keeper, drawn):
    drawn((2, 100), (1, 10), (0.5, 1))
    names = [accounts.budget(town.district.id, YEAR)]
    edges = [NOW - 2 * WEEK, NOW - WEEK, NOW]
    assert net_drawn(names, edges) == [100, 11]
    assert first_drawn_at(names) == NOW - 2 * WEEK
    assert first_drawn_at([accounts.budget(town.street.id, YEAR)]) is None
