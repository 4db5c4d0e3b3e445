"""Holds the list in memory against the database: every row, every card, by a plain query."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from nearby_writing import ELSEWHERE, HERE, KINDS, is_open

from shared.database import collection
from tasks import MAX_RADIUS_M, Nearby, OpenTasks, Task, TaskNear, search_database

# More than there are, so that one page holds all.
ALL = 1_000_000
HOUR = timedelta(hours=1)
# Windows begin and end at whole hours, so bounds between them tell every two apart.
STARTS, ENDS = range(-6, 1), range(-3, 6)
CARD_NAMES = ("title", "kind", "unit_id", "place", "place_en", "slots", "slots_left", "coins")


def differences(open_tasks: OpenTasks) -> list[str]:
    """In what the list differs from the database, row by row; nothing where it does not."""
    moment = datetime.now(UTC)
    wanted = open_documents(moment)
    found = (
        [f"{len(open_tasks)} rows, {len(wanted)} tasks"] if len(open_tasks) < len(wanted) else []
    )
    rows = {row.id: row for centre in (HERE, ELSEWHERE) for row in rows_of(open_tasks, centre)}
    found += [f"{task_id} is missing" for task_id in wanted.keys() - rows.keys()]
    found += [f"{task_id} is not open" for task_id in rows.keys() - wanted.keys()]
    for task_id in wanted.keys() & rows.keys():
        found += row_flaws(rows[task_id], wanted[task_id])
    found += filter_flaws(open_tasks, wanted)
    return found + source_flaws(open_tasks, moment)


def open_documents(moment: datetime) -> dict[str, dict[str, Any]]:
    """Every open task of the database, by its id."""
    documents = list(collection(Task).find())
    return {one["_id"]: one for one in documents if is_open(one, moment)}


def rows_of(open_tasks: OpenTasks, centre: tuple[float, float], **filters: Any) -> list[TaskNear]:
    """All rows of one half of the world; both halves together are all there are."""
    asked = Nearby(*centre, MAX_RADIUS_M, ALL, **filters)
    return open_tasks.near(asked, int(datetime.now(UTC).timestamp() * 1_000))


def row_flaws(row: TaskNear, document: dict[str, Any]) -> list[str]:
    """What a row and its card say otherwise than the document."""
    lon, lat = document["location"]["coordinates"]
    card = orjson.loads(row.card)
    address = "place" if document.get("has_private_place") else "address"
    said = {
        "position": ((row.lat, row.lon), (lat, lon)),
        "address": (card["address"], document[address]),
        **{name: (card.get(name), document.get(name)) for name in CARD_NAMES},
    }
    for name in ("starts_at", "ends_at"):
        said[name] = (datetime.fromisoformat(card[name]), document[name])
    return [
        f"{row.id}: {name} {ours} != {theirs}"
        for name, (ours, theirs) in said.items()
        if ours != theirs
    ]


def filter_flaws(open_tasks: OpenTasks, wanted: dict[str, dict[str, Any]]) -> list[str]:
    """Which kinds and windows the rows are found by, where they are others than their tasks'."""
    zero = datetime.now(UTC).replace(minute=30, second=0, microsecond=0)
    asked = [{"kinds": (kind,)} for kind in KINDS]
    asked += [{"starts_before": zero + hours * HOUR} for hours in STARTS]
    asked += [{"ends_after": zero + hours * HOUR} for hours in ENDS]
    found = []
    for filters in asked:
        ours = {row.id for at in (HERE, ELSEWHERE) for row in rows_of(open_tasks, at, **filters)}
        theirs = {task_id for task_id, task in wanted.items() if passes(task, **filters)}
        if ours != theirs:
            found.append(f"{filters}: {sorted(ours ^ theirs)[:5]} differ")
    return found


def passes(
    task: dict[str, Any],
    kinds: tuple[str, ...] = (),
    starts_before: datetime | None = None,
    ends_after: datetime | None = None,
) -> bool:
    """Whether a task is one of those asked for."""
    if kinds and task["kind"] not in kinds:
        return False
    if starts_before and task["starts_at"] >= starts_before:
        return False
    return not ends_after or task["ends_at"] > ends_after


def source_flaws(open_tasks: OpenTasks, moment: datetime) -> list[str]:
    """Where both sources answer one question otherwise: in order, distance, place or card."""
    found = []
    for radius_m in (500, MAX_RADIUS_M):
        asked = Nearby(*HERE, radius_m, 500)
        ours = open_tasks.near(asked, int(moment.timestamp() * 1_000))
        theirs = search_database(asked)
        if list(ours) != list(theirs):
            pairs = zip(ours, theirs, strict=False)
            first = next((pair for pair in pairs if pair[0] != pair[1]), (len(ours), len(theirs)))
            found.append(f"the sources differ within {radius_m} m: {first}")
    return found
