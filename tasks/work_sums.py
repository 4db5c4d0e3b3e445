"""Sums of verified work that is nobody's paid duty, added up by the server, not read one by one."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import pymongo

from shared.database import collection
from tasks.participation import Participation, ParticipationState

# How long the server may add; a job that asks must last longer.
ADDING_S = 90
_BATCH = 2_000
_VERIFIED = {
    "state": ParticipationState.VERIFIED.value,
    "settled": True,
    "on_duty": {"$ne": True},
}
# Whole numbers, so that sums do not depend on the order of adding.
_AMOUNTS: dict[str, Any] = {
    "hours": {"$ifNull": ["$worked_s", 0]},
    "participations": 1,
    "kilometres": {"$toLong": {"$round": [{"$ifNull": ["$worked_m", 0.0]}, 0]}},
}


class UnitSum(NamedTuple):
    """What one person did of a kind at a unit in a month ("2026-11", "" for others): sums."""

    unit_id: str
    kind: str
    month: str
    person_id: str
    times: int
    seconds: int
    metres: float


def amounts_between(since: datetime, until: datetime, measure: str) -> Iterator[tuple[str, int]]:
    """(person id, seconds, metres or participations above 0) of work begun in [since, until).

    `measure` is hours, kilometres or participations.
    """
    steps: list[dict[str, Any]] = [
        {"$match": {**_VERIFIED, "starts_at": {"$gte": since, "$lt": until}}},
        {"$group": {"_id": "$person_id", "amount": {"$sum": _AMOUNTS[measure]}}},
        {"$match": {"amount": {"$gt": 0}}},
    ]
    for row in _added(steps):
        yield row["_id"], int(row["amount"])


def sums_at(unit_ids: Sequence[str], months: Sequence[str], zone: str) -> Iterator[UnitSum]:
    """The work at these units of all time by unit, kind, month (of these, in `zone`) and person."""
    month = {"$dateToString": {"date": "$starts_at", "format": "%Y-%m", "timezone": zone}}
    group = {
        "unit_id": "$unit_id",
        "kind": {"$ifNull": ["$kind", ""]},
        "month": {"$cond": [{"$in": [month, list(months)]}, month, ""]},
        "person_id": "$person_id",
    }
    added = {
        "times": {"$sum": 1},
        "seconds": {"$sum": {"$ifNull": ["$worked_s", 0]}},
        "metres": {"$sum": {"$ifNull": ["$worked_m", 0.0]}},
    }
    wanted = {**_VERIFIED, "unit_id": {"$in": list(unit_ids)}}
    for row in _added([{"$match": wanted}, {"$group": {"_id": group, **added}}]):
        yield UnitSum(**row.pop("_id"), **row)


def _added(steps: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    with pymongo.timeout(ADDING_S):
        yield from collection(Participation).aggregate(steps, allowDiskUse=True, batchSize=_BATCH)
