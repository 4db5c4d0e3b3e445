"""Closing: what a point handed over on a day that is over becomes its statement, once."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from pymongo import DESCENDING
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from catalog.settlement.amounts import totals_of
from catalog.settlement.days import day_ends, day_of, day_to_close, last_closable_day
from catalog.settlement.gathering import (
    HandedOver,
    assign,
    gathered,
    lines_of,
    points_with_unstated,
)
from catalog.settlement.point_statement import PointStatement, StatementState
from catalog.settlement.restating import sums_stored
from catalog.settlement.statement_line import StatementLine
from catalog.settlement.telling import tell_statement
from people import Unit, unit_of
from rates import CoinValues, coin_values
from settings import settings
from shared.clock import now
from shared.database import collection, in_transaction
from shared.sweeping import sweep_each

# What one transaction can write in good time; the rest of the day makes a further statement.
MOST_LINES = 500
# A point that was left for long catches up over several runs, so that it holds up nobody.
MOST_STATEMENTS_PER_RUN = 40


def close_days() -> int:
    """Close every day that ended at least ten minutes ago and still has something unstated.

    How many points got statements. Safe to repeat and to race: a statement's id follows from its
    point and day, and what it holds is assigned in the transaction that makes it.
    """
    zone = business_zone()
    last_day = last_closable_day(now(), zone)
    return sweep_each(points_with_unstated(day_ends(last_day, zone)), close_point)


def business_zone() -> ZoneInfo:
    """The time zone whose days are closed."""
    return ZoneInfo(settings().business_time_zone)


def close_point(point_id: str) -> bool:
    """Close the days of one point that are over, oldest first; False where nothing was to close."""
    point, moment = unit_of(point_id), now()
    # Cards come into force ahead only: what is read here holds for days that are over.
    values = coin_values(point, moment)
    made = 0
    while made < MOST_STATEMENTS_PER_RUN:
        statement_id = _next_statement(point, values, moment)
        if statement_id is None:
            break
        made += 1
        tell_statement(statement_id)
    return made > 0


def _next_statement(point: Unit, values: CoinValues, moment: datetime) -> str | None:
    """The id of the statement made; None where there was nothing to make."""
    while True:
        try:
            return in_transaction(lambda session: _make(point, values, moment, session))
        except DuplicateKeyError:
            continue  # another worker made this very one: the next try sees it


def _make(point: Unit, values: CoinValues, moment: datetime, session: ClientSession) -> str | None:
    zone = business_zone()
    last_day = last_closable_day(moment, zone)
    at = _where(point.id, zone, last_day, session)
    if at is None:
        return None
    day, number = at
    found = gathered(point.id, day_ends(day, zone), MOST_LINES + 1, session)
    taken = found[:MOST_LINES]
    statement_id = f"{point.id}:{day}" + (f":{number}" if number > 1 else "")
    assign(statement_id, taken, session)
    lines = lines_of(statement_id, taken, values, moment, session)
    sums = totals_of(lines)
    waiting = [f"to_decide:{sums.open_disputes}"] if sums.open_disputes else []
    statement = PointStatement(
        id=statement_id,
        point_id=point.id,
        lineage=list(point.lineage),
        day=day.isoformat(),
        number=number,
        state=StatementState.CLOSED,
        sums=sums_stored(sums),
        goes_on=len(found) > len(taken),
        closed_at=moment,
        untold=["closed", *waiting],
        version=1,
    )
    _write(statement, lines, session)
    return statement_id


def _where(
    point_id: str, zone: ZoneInfo, last_day: date, session: ClientSession
) -> tuple[date, int] | None:
    """The day and number of the point's next statement; None where no day of it is over."""
    oldest: list[HandedOver] = gathered(point_id, day_ends(last_day, zone), 1, session)
    if not oldest:
        return None
    by_day = [("day", DESCENDING), ("number", DESCENDING)]
    last = collection(PointStatement).find_one({"point_id": point_id}, sort=by_day, session=session)
    goes_on = bool(last and last["goes_on"])
    before = date.fromisoformat(last["day"]) if last else None
    day = day_to_close(day_of(oldest[0].at, zone), before, goes_on=goes_on)
    if day > last_day:
        return None
    return day, last["number"] + 1 if last and day == before else 1


def _write(statement: PointStatement, lines: list[StatementLine], session: ClientSession) -> None:
    for document in (statement, *lines):
        document.validate()
    rows = [line.to_mongo() for line in lines]
    collection(StatementLine).insert_many(rows, session=session)
    collection(PointStatement).insert_one(statement.to_mongo(), session=session)
