"""Work that was done and verified, as statistics, simulations and honours read it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from shared.database import collection
from tasks.participation import Participation, ParticipationState
from tasks.task import Task

_BATCH = 5_000
_SEEN = {
    "task_id": 1,
    "person_id": 1,
    "unit_id": 1,
    "kind": 1,
    "starts_at": 1,
    "ends_at": 1,
    "worked_s": 1,
    "worked_m": 1,
    "paid_coins": 1,
    "on_duty": 1,
}


class PastWork(NamedTuple):
    """One verified and settled participation: when it was wanted, what was done, what was paid."""

    participation_id: str
    task_id: str
    person_id: str
    unit_id: str
    kind: str
    starts_at: datetime
    ends_at: datetime
    worked_s: int
    worked_m: float
    coins: int
    on_duty: bool


class PastTask(NamedTuple):
    """What a published task was priced by; `location` is (lat, lon) in WGS-84."""

    task_id: str
    unit_id: str
    kind: str
    starts_at: datetime
    ends_at: datetime
    distance_m: float
    location: tuple[float, float]
    coins: int
    breakdown: list[dict[str, Any]]
    published_by: str
    caps: list[dict[str, Any]]


def verified_work(
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    unit_ids: Sequence[str] | None = None,
    person_id: str | None = None,
    person_ids: Sequence[str] | None = None,
) -> Iterator[PastWork]:
    """The verified work whose hours began in [since, until), in the order they began.

    Of tasks of these units, of this person or of these, where said. What a withdrawal refused is
    not among it.
    """
    wanted = _wanted(since, until, unit_ids, person_id)
    if person_ids is not None:
        wanted["person_id"] = {"$in": list(person_ids)}
    found = collection(Participation).find(wanted, _SEEN, batch_size=_BATCH)
    if person_ids is not None:
        # Else the server goes through everybody's work of the span, to be spared the sorting.
        found = found.hint("of_person")
    for row in found.sort([("starts_at", 1), ("_id", 1)]):
        yield _work(row)


def count_verified_work(
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    unit_ids: Sequence[str] | None = None,
    person_id: str | None = None,
    limit: int | None = None,
) -> int:
    """How many of them there are; `limit` where there are more, which need not be counted."""
    wanted = _wanted(since, until, unit_ids, person_id)
    most: dict[str, Any] = {} if limit is None else {"limit": limit}
    return collection(Participation).count_documents(wanted, **most)


def people_with_work(*, since: datetime, until: datetime, unit_ids: Sequence[str]) -> list[str]:
    """Who did verified work at these units that began in [since, until)."""
    wanted = _wanted(since, until, unit_ids, None)
    steps = [{"$match": wanted}, {"$group": {"_id": "$person_id"}}]
    return sorted(row["_id"] for row in collection(Participation).aggregate(steps))


def people_settled_between(after: datetime, until: datetime) -> list[str]:
    """The people whose work was verified, refused or withdrawn in (after, until], true time.

    Read from an index alone, and as a cursor: one answer of the server ends at 16 MB.
    """
    found = collection(Participation).aggregate(settled_between(after, until))
    return [row["_id"] for row in found]


def settled_between(after: datetime, until: datetime) -> list[dict[str, Any]]:
    """The steps that find them. The type is said too: the index holds dates alone."""
    lately = {"settled_at": {"$type": "date", "$gt": after, "$lte": until}}
    return [{"$match": lately}, {"$group": {"_id": "$person_id"}}]


def past_tasks(task_ids: Sequence[str]) -> dict[str, PastTask]:
    """The tasks with these ids, by id, in one query."""
    seen = dict.fromkeys(PastTask._fields, 1)
    found = collection(Task).find({"_id": {"$in": list(task_ids)}}, seen, batch_size=_BATCH)
    return {row["_id"]: _task(row) for row in found}


def _wanted(
    since: datetime | None,
    until: datetime | None,
    unit_ids: Sequence[str] | None,
    person_id: str | None,
) -> dict[str, Any]:
    wanted: dict[str, Any] = {"state": ParticipationState.VERIFIED.value, "settled": True}
    if person_id is not None:
        wanted["person_id"] = person_id
    if unit_ids is not None:
        wanted["unit_id"] = {"$in": list(unit_ids)}
    span = {"$gte": since, "$lt": until}
    span = {sign: moment for sign, moment in span.items() if moment is not None}
    if span:
        wanted["starts_at"] = span
    return wanted


def _work(row: dict[str, Any]) -> PastWork:
    return PastWork(
        row["_id"],
        row["task_id"],
        row["person_id"],
        row["unit_id"],
        row.get("kind") or "",
        row["starts_at"],
        row["ends_at"],
        row.get("worked_s") or 0,
        row.get("worked_m") or 0.0,
        row.get("paid_coins") or 0,
        bool(row.get("on_duty")),
    )


def _task(row: dict[str, Any]) -> PastTask:
    lon, lat = row["location"]["coordinates"]
    return PastTask(
        row["_id"],
        row["unit_id"],
        row["kind"],
        row["starts_at"],
        row["ends_at"],
        row.get("distance_m") or 0.0,
        (lat, lon),
        row.get("coins") or 0,
        row.get("breakdown") or [],
        row.get("published_by") or "",
        row.get("caps") or [],
    )
