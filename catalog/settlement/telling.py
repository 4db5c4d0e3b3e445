"""Telling: the point's clerks and the officers hear what became of a statement, each thing once.

What is to be told stands in the statement's `untold` since the very write that it is about, and is
taken away when it was told, so that a worker that died in between leaves it to the next run.
"""

from collections.abc import Callable
from typing import Any

from catalog.settlement.amounts import yuan_text
from catalog.settlement.point_statement import PointStatement
from notices import tell_officers, tell_people
from people import Role, Unit, holders_of, unit_of
from shared.database import collection
from shared.sweeping import sweep_each

MOST_PER_RUN = 500


def tell_untold() -> int:
    """Tell what was decided about statements and not told; how many statements."""
    found = collection(PointStatement).find({"untold": {"$gt": ""}}, {"_id": 1})
    return sweep_each([row["_id"] for row in found.limit(MOST_PER_RUN)], _tell_all)


def tell_statement(statement_id: str) -> None:
    """Tell at once what just became of a statement; where that fails, the next run does."""
    sweep_each([statement_id], _tell_all)


def _tell_all(statement_id: str) -> bool:
    statement = PointStatement.objects(id=statement_id).first()
    if statement is None or not statement.untold:
        return False
    point = unit_of(statement.point_id)
    for event in statement.untold:
        name, _, rest = event.partition(":")
        _TELLERS[name](statement, point, rest, f"point-statement:{statement.id}:{event}")
        told = {"$pull": {"untold": event}}
        collection(PointStatement).update_one({"_id": statement.id}, told)
    return True


def _facts(statement: PointStatement, point: Unit) -> dict[str, Any]:
    return {
        "statement_id": statement.id,
        "point": {"en": point.name_en or point.name, "zh": point.name},
        "day": statement.day,
        "yuan": yuan_text(statement.sums.total_fen),
        "reference": statement.payment.reference if statement.payment else "",
    }


def _tell_closed(statement: PointStatement, point: Unit, _rest: str, key: str) -> None:
    facts = {"lines": statement.sums.lines, **_facts(statement, point)}
    tell_people(holders_of(Role.CLERK, at=point), "point_statement_ready", facts, key=key)


def _tell_disputed(statement: PointStatement, point: Unit, rest: str, key: str) -> None:
    facts = {"lines": int(rest.rpartition(":")[2]), **_facts(statement, point)}
    tell_officers(point, "point_statement_disputed", facts, key=key)


def _tell_to_decide(statement: PointStatement, point: Unit, rest: str, key: str) -> None:
    facts = {"lines": int(rest), **_facts(statement, point)}
    tell_officers(point, "point_statement_to_decide", facts, key=key)


def _tell_second(statement: PointStatement, point: Unit, rest: str, key: str) -> None:
    facts = {"number": int(rest.rpartition(":")[2]), **_facts(statement, point)}
    tell_officers(point, "point_statement_second", facts, key=key)


def _tell_refunded(statement: PointStatement, point: Unit, rest: str, key: str) -> None:
    facts = {"number": int(rest), **_facts(statement, point)}
    tell_people(holders_of(Role.CLERK, at=point), "point_statement_refunded", facts, key=key)


def _tell_decided(statement: PointStatement, point: Unit, rest: str, key: str) -> None:
    facts = {"number": int(rest), **_facts(statement, point)}
    tell_people(holders_of(Role.CLERK, at=point), "point_statement_decided", facts, key=key)


def _tell_paid(statement: PointStatement, point: Unit, _rest: str, key: str) -> None:
    facts = _facts(statement, point)
    tell_people(holders_of(Role.CLERK, at=point), "point_statement_paid", facts, key=key)


_TELLERS: dict[str, Callable[[PointStatement, Unit, str, str], None]] = {
    "closed": _tell_closed,
    "disputed": _tell_disputed,
    "to_decide": _tell_to_decide,
    "second": _tell_second,
    "refunded": _tell_refunded,
    "decided": _tell_decided,
    "paid": _tell_paid,
}
