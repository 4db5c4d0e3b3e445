"""From a write's acknowledgement until its task lies changed in the index of another process."""

import bisect
from typing import Any

from bench.parts.commanded import Commanded

# The reader listens longer than the writer writes.
SPARE_S = 0.5


def lag_figures(
    reader: Commanded, writer: Commanded, seconds: float, updates_per_s: int
) -> dict[str, Any]:
    """p50, p99 and the most, in ms, and the same while a thread of the reader asks without pause.

    Updates that were never seen count as `lost`.
    """
    quiet = _measured(reader, writer, seconds, updates_per_s, asking=False)
    asked = _measured(reader, writer, seconds, updates_per_s, asking=True)
    return quiet | {f"while_asked_{name}": value for name, value in asked.items()}


def _measured(
    reader: Commanded, writer: Commanded, seconds: float, updates_per_s: int, asking: bool
) -> dict[str, Any]:
    # Above every number written before.
    first = 10_000_000 if asking else 1_000_000
    reader.tell(do="watch", seconds=seconds + SPARE_S, asking=asking)
    told = writer.ask(do="write", seconds=seconds, rate_per_s=updates_per_s, first=first)
    seen = reader.hear()["seen"]
    lags_s, lost = lags(told["written"], seen)
    return {
        "p50_ms": round(_share(lags_s, 0.5) * 1000, 2),
        "p99_ms": round(_share(lags_s, 0.99) * 1000, 2),
        "max_ms": round(lags_s[-1] * 1000, 2),
        "lost": lost,
        "updates_per_s": round(len(told["written"]) / told["spent_s"], 1),
    }


def lags(
    written: list[tuple[str, int, float]], seen: list[tuple[float, str, int]]
) -> tuple[list[float], int]:
    """The lag of each update in seconds, rising, and how many were never seen.

    An update is seen where its task is in the index with its number or a later one: of two in
    quick succession the stream may tell the second twice. What is there before the writer hears
    of it has no lag.
    """
    by_task: dict[str, list[tuple[int, float]]] = {}
    for at, task_id, number in seen:
        newest = by_task.setdefault(task_id, [])
        if not newest or number > newest[-1][0]:
            newest.append((number, at))
    found, lost = [], 0
    for task_id, number, acknowledged_at in written:
        numbers = by_task.get(task_id, [])
        place = bisect.bisect_left(numbers, (number, 0.0))
        if place == len(numbers):
            lost += 1
        else:
            found.append(max(0.0, numbers[place][1] - acknowledged_at))
    return sorted(found), lost


def _share(rising: list[float], share: float) -> float:
    return rising[min(len(rising) - 1, int(len(rising) * share))]
