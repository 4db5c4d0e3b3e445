"""Asking: officers see what lies below them, clerks their own point, lists go on where they end."""

import pytest
from catalog_town import staff
from statement_world import at, closed, hand_over, value_of_coins

from catalog import (
    StatementState,
    confirm_statement,
    point_statement,
    point_statements,
    statement_lines,
    stock_days,
    stock_point,
)
from catalog.settlement.point_statement import PointStatement
from catalog.settlement.restating import StatementNotFound
from people import Role
from shared.cursors import BadCursor


@pytest.fixture
def three_days(town, reward_id):
    """Two days of one point and one of another, all closed."""
    value_of_coins(town.city, 20_000)
    stock_point(reward_id, town.far_point.id, supplied=10, by=town.officer)
    for point, when in (
        (town.point, "2026-03-01 10:00"),
        (town.point, "2026-03-02 10:00"),
        (town.far_point, "2026-03-02 11:00"),
    ):
        hand_over(reward_id, point, when)
    closed("2026-03-03 00:10")


def ids(by, **which):
    return [one.statement.id for one in point_statements(by=by, **which).statements]


def test_officers_see_all_points_below_them_the_latest_day_first(town, three_days):
    near, far = town.point.id, town.far_point.id
    later = sorted([f"{near}:2026-03-02", f"{far}:2026-03-02"], reverse=True)
    everything = [*later, f"{near}:2026-03-01"]
    assert ids(town.officer) == ids(staff(Role.AUDITOR, town.city)) == everything
    assert ids(town.officer, day="2026-03-02") == later
    assert ids(town.officer, point_id=far) == [f"{far}:2026-03-02"]
    assert ids(town.officer, unit_id=town.district.id) == everything
    assert ids(town.officer, unit_id=town.other_district.id) == []
    confirm_statement(f"{near}:2026-03-01", by=town.clerk)
    assert ids(town.officer, state=StatementState.CONFIRMED) == [f"{near}:2026-03-01"]


def test_clerks_see_their_own_point_and_others_nothing(town, three_days):
    assert ids(town.far_clerk) == [f"{town.far_point.id}:2026-03-02"]
    assert ids(town.far_clerk, point_id=town.point.id) == []
    stranger = staff(Role.CENTRE_OFFICER, town.other_district)
    assert ids(stranger) == ids(staff(Role.RESIDENT, town.point)) == []
    for by in (stranger, town.far_clerk):
        with pytest.raises(StatementNotFound):
            point_statement(f"{town.point.id}:2026-03-01", by=by)
        with pytest.raises(StatementNotFound):
            statement_lines(f"{town.point.id}:2026-03-01", by=by)


def test_statements_and_lines_page_by_cursor(town, reward_id, three_days, statement):
    pages, cursor = [], None
    while True:
        page = point_statements(by=town.officer, limit=2, cursor=cursor)
        pages += [one.statement.id for one in page.statements]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert pages == ids(town.officer)
    first = statement_lines(statement.id, by=town.clerk, limit=2)
    rest = statement_lines(statement.id, by=town.clerk, limit=2, cursor=first.next_cursor)
    assert [line.number for line in first.lines + rest.lines] == [1, 2, 3]
    assert rest.next_cursor is None
    with pytest.raises(BadCursor):
        point_statements(by=town.officer, cursor="x")


@pytest.fixture
def statement(town, reward_id):
    """Three lines of a later day."""
    for minute in range(3):
        hand_over(reward_id, town.point, f"2026-03-05 10:0{minute}")
    closed("2026-03-06 00:10")
    return PointStatement.objects.order_by("-day").first()


def test_the_days_stock_opens_where_the_day_before_ended(town, reward_id, three_days, statement):
    shown = point_statement(statement.id, by=town.clerk)
    (day,) = stock_days(shown)
    assert (day.title, day.opening, day.handed_over, day.returned) == ("洗衣液", 1_998, 3, 0)
    assert day.closing == 1_995
    first = point_statement(f"{town.point.id}:2026-03-01", by=town.clerk)
    (before,) = stock_days(first)
    assert (before.opening, before.closing) == (2_000, 1_999)
    assert at("2026-03-01 00:00") < shown.statement.closed_at
