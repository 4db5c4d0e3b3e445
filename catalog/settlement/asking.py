"""Questions about statements: lists for officers and clerks, one of them, its lines."""

from dataclasses import dataclass
from typing import Any

from pymongo import DESCENDING

from catalog.offering import OFFICERS
from catalog.settlement.point_statement import PointStatement, StatementState
from catalog.settlement.restating import StatementNotFound, statement_with_id
from catalog.settlement.statement_line import StatementLine
from people import Actor, Role, Unit, unit_of, units_of
from shared.cursors import from_cursor, to_cursor
from shared.database import collection

MOST_ON_A_PAGE = 100
# Who may look: officers and auditors reaching the point, and its clerks.
READERS = (*OFFICERS, Role.AUDITOR, Role.CLERK)


@dataclass(frozen=True)
class StatementAtPoint:
    """A statement with its point."""

    statement: PointStatement
    point: Unit


@dataclass(frozen=True)
class StatementPage:
    """Statements, the latest day first; `next_cursor` is None on the last page."""

    statements: list[StatementAtPoint]
    next_cursor: str | None


@dataclass(frozen=True)
class LinePage:
    """Lines of a statement in their order; `next_cursor` is None on the last page."""

    lines: list[StatementLine]
    next_cursor: str | None


def point_statements(
    *,
    by: Actor,
    unit_id: str | None = None,
    point_id: str | None = None,
    state: StatementState | None = None,
    day: str | None = None,
    limit: int = 20,
    cursor: str | None = None,
) -> StatementPage:
    """The statements that the caller may see, of one point, or of all below a unit.

    `day` is as "2026-02-16". Raises BadCursor.
    """
    wanted: list[dict[str, Any]] = [{"lineage": {"$in": by.units_of(*READERS)}}]
    wanted += [{"lineage": unit_id} for unit_id in (unit_id, point_id) if unit_id is not None]
    wanted += [] if state is None else [{"state": state.value}]
    wanted += [] if day is None else [{"day": day}]
    if cursor:
        last_day, last_id = from_cursor(cursor, str, str)
        older = [{"day": {"$lt": last_day}}, {"day": last_day, "_id": {"$lt": last_id}}]
        wanted.append({"$or": older})
    most = max(1, min(limit, MOST_ON_A_PAGE))
    newest = [("day", DESCENDING), ("_id", DESCENDING)]
    rows = list(collection(PointStatement).find({"$and": wanted}).sort(newest).limit(most + 1))
    found = [PointStatement._from_son(row) for row in rows[:most]]
    points = units_of([statement.point_id for statement in found])
    shown = [StatementAtPoint(one, points[one.point_id]) for one in found]
    last = found[-1] if len(rows) > most else None
    return StatementPage(shown, to_cursor(last.day, last.id) if last else None)


def point_statement(statement_id: str, *, by: Actor) -> StatementAtPoint:
    """One statement with its point. Raises StatementNotFound, for those of others too."""
    statement = statement_with_id(statement_id)
    point = unit_of(statement.point_id)
    if not by.holds(*READERS, at=point):
        raise StatementNotFound
    return StatementAtPoint(statement, point)


def statement_at_point(statement: PointStatement) -> StatementAtPoint:
    """The statement with its point, for who has just changed it."""
    return StatementAtPoint(statement, unit_of(statement.point_id))


def statement_lines(
    statement_id: str, *, by: Actor, limit: int = 20, cursor: str | None = None
) -> LinePage:
    """The lines of a statement, from 1 on. Raises StatementNotFound, BadCursor."""
    point_statement(statement_id, by=by)
    after = from_cursor(cursor, int)[0] if cursor else 0
    most = max(1, min(limit, MOST_ON_A_PAGE))
    wanted = {"statement_id": statement_id, "number": {"$gt": after}}
    rows = list(collection(StatementLine).find(wanted).sort("number", 1).limit(most + 1))
    lines = [StatementLine._from_son(row) for row in rows[:most]]
    return LinePage(lines, to_cursor(lines[-1].number) if len(rows) > most else None)
