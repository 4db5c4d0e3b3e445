"""The open tasks in memory, found by place: one thread writes, any number read without a lock.

Rows lie sorted by cell, newer ones unsorted behind them until there are too many. What is asked of
a row never changes, it is only closed and opened again: nobody reads half a change.
"""

import math
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tasks.nearby.distances import Floats, distances_mm, earth_centred
from tasks.nearby.question import Nearby, OpenTask, TaskNear, milliseconds

# Rows that lie unsorted, and that every question reads, before they are sorted in.
TAIL = 1_024
# Where a circle's cells hold more, a circle of a quarter of its radius is tried first, unless it
# would reach as many cells.
DENSE, LEAST_RADIUS_M = 2_000, 1_000
CELLS_A_DEGREE = 100
CELLS_A_LINE = 360 * CELLS_A_DEGREE
# Metres to a degree of latitude, and of longitude at the equator: no fewer anywhere.
DEGREE_NORTH_M, DEGREE_EAST_M = 110_574.0, 111_319.0
# Beyond these a circle may reach around a pole or over the end of the degrees.
COVERED_LAT, COVERED_LON = 70.0, 179.0
SPARE_M = 1.0
# The columns of a row after x, y, z. The end of a closed one is negative: over at any moment.
LAT, LON, STARTS, KIND, ENDS, ROW = 3, 4, 5, 6, 7, 8

Rows = NDArray[np.int64]


def covers(asked: Nearby) -> bool:
    """Whether the cells reach around all of the circle asked for."""
    return abs(asked.lat) <= COVERED_LAT and abs(asked.lon) <= COVERED_LON


class OpenTasks:
    """The open tasks by id and by place; `put` and `drop` by one thread, `near` by any."""

    def __init__(self, tasks: Iterable[OpenTask] = ()) -> None:
        self._kinds: dict[str, int] = {}
        ids, cards, rows = [], [], array("d")
        for task in tasks:
            ids.append(task.id)
            cards.append(task.card)
            rows.extend(self._row(task))
        self._table = _Table(ids, cards, np.array(rows).reshape(-1, ROW))

    def __len__(self) -> int:
        return int(np.count_nonzero(self._table.rows[:, ENDS] > 0))

    def put(self, task: OpenTask) -> None:
        """Have the task there as given, whatever was known of it."""
        row, number = self._row(task), self._table.number_of.get(task.id)
        if number is not None:
            held = self._table.rows[number, :ROW].tolist()
            if held[:ENDS] == row[:ENDS] and abs(held[ENDS]) == row[ENDS]:
                self._table.cards[number] = task.card
                self._table.rows[number, ENDS] = row[ENDS]
                return
        if len(self._table.ids) == len(self._table.rows):
            self._table = self._table.sorted_in()
        self._table.append(task.id, task.card, row)

    def drop(self, task_id: str) -> None:
        """Have the task there no more; harmless where it was not."""
        number = self._table.number_of.get(task_id)
        if number is not None:
            self._table.close(number)

    def near(self, asked: Nearby, moment_ms: int) -> list[TaskNear]:
        """At most `limit` tasks not over at the moment, ordered by distance, then id."""
        table, after_mm = self._table, asked.after[0] if asked.after else -1
        spans = table.spans(asked.lat, asked.lon, asked.radius_m + SPARE_M)
        is_dense = asked.radius_m > LEAST_RADIUS_M and sum(b - a for a, b in spans) > DENSE
        if is_dense and after_mm < asked.radius_m * 250:
            nearer = self.near(replace(asked, radius_m=asked.radius_m / 4), moment_ms)
            if len(nearer) == asked.limit:
                return nearer
        rows = table.copied(spans)
        mm = distances_mm(earth_centred(asked.lat, asked.lon), rows)
        are_wanted = self._are_wanted(rows, asked, moment_ms)
        are_wanted &= (mm <= asked.radius_m * 1000) & (mm >= after_mm)
        wanted = np.flatnonzero(are_wanted)
        return table.page(rows, wanted, mm[wanted], asked)

    def _are_wanted(self, rows: Floats, asked: Nearby, moment_ms: int) -> NDArray[np.bool_]:
        ends_after_ms = milliseconds(asked.ends_after) if asked.ends_after else moment_ms
        wanted: NDArray[np.bool_] = rows[:, ENDS] > max(moment_ms, ends_after_ms)
        if asked.starts_before:
            wanted &= rows[:, STARTS] < milliseconds(asked.starts_before)
        if asked.kinds:
            wanted &= np.isin(rows[:, KIND], [self._kinds.get(kind, -1) for kind in asked.kinds])
        return wanted

    def _row(self, task: OpenTask) -> list[float]:
        """The columns of a row but its number."""
        kind = self._kinds.setdefault(task.kind, len(self._kinds))
        where = *earth_centred(task.lat, task.lon), task.lat, task.lon
        return [*where, float(task.starts_ms), float(kind), float(task.ends_ms)]


class _Table:
    """The rows: those sorted by cell, then room for TAIL newer ones."""

    def __init__(self, ids: list[str], cards: list[bytes], rows: Floats) -> None:
        lines = np.floor((rows[:, LAT] + 90.0) * CELLS_A_DEGREE)
        cells = lines * CELLS_A_LINE + np.floor((rows[:, LON] + 180.0) * CELLS_A_DEGREE)
        order = np.argsort(cells, kind="stable")
        self.cells = array("q", cells[order].astype(np.int64).tobytes())
        self.ids, self.cards = [ids[one] for one in order], [cards[one] for one in order]
        self.rows = np.zeros((len(order) + TAIL, ROW + 1))
        self.rows[: len(order), :ROW] = rows[order]
        self.rows[:, ROW] = np.arange(len(self.rows))
        self.number_of = {task_id: number for number, task_id in enumerate(self.ids)}
        self.moves = 0
        # What changed while it was loaded may have come twice: one of them is enough.
        twice = set(range(len(order))) - set(self.number_of.values())
        self.rows[sorted(twice), ENDS] *= -1

    def append(self, task_id: str, card: bytes, row: list[float]) -> None:
        number, before = len(self.ids), self.number_of.get(task_id)
        self.ids.append(task_id)
        self.cards.append(card)
        self.number_of[task_id] = number
        # Its end last: until then it is closed, and nobody looks at the rest.
        self.rows[number, :ENDS] = row[:ENDS]
        self.rows[number, ENDS] = row[ENDS]
        # Only now: found twice in between, it is shown once; found never, it would be missed.
        if before is not None:
            self.moves += 1
            self.close(before)

    def close(self, number: int) -> None:
        self.rows[number, ENDS] = -abs(self.rows[number, ENDS])

    def sorted_in(self) -> "_Table":
        """The open rows as a table whose tail is empty."""
        are_open = np.flatnonzero(self.rows[:, ENDS] > 0)
        ids, cards = ([held[one] for one in are_open] for held in (self.ids, self.cards))
        return _Table(ids, cards, self.rows[are_open, :ROW])

    def spans(self, lat: float, lon: float, radius_m: float) -> list[tuple[int, int]]:
        """Of each line of cells, from which sorted row to before which the circle may reach."""
        up = radius_m / DEGREE_NORTH_M
        right = radius_m / (DEGREE_EAST_M * math.cos(math.radians(abs(lat) + up)))
        sides = (-1, 1)
        south, north = (math.floor((lat + side * up + 90.0) * CELLS_A_DEGREE) for side in sides)
        west, east = (math.floor((lon + side * right + 180.0) * CELLS_A_DEGREE) for side in sides)
        spans = []
        for line in range(south, north + 1):
            first = bisect_left(self.cells, line * CELLS_A_LINE + west)
            spans.append((first, bisect_right(self.cells, line * CELLS_A_LINE + east, first)))
        return spans

    def copied(self, spans: list[tuple[int, int]]) -> Floats:
        """Copies of these rows and of the tail's."""
        views = [self.rows[first:last] for first, last in spans]
        while True:
            moves = self.moves
            rows = np.concatenate((*views, self.rows[len(self.cells) : len(self.ids)]))
            # A task that moved meanwhile may be missing where it was and where it is.
            if moves == self.moves:
                return rows

    def page(self, rows: Floats, wanted: Rows, mm: Rows, asked: Nearby) -> list[TaskNear]:
        """The nearest of the wanted among these rows, behind the last one shown."""
        # One more than the page: a task that moves may be there twice.
        most = asked.limit + 1
        if asked.after:  # and those as far as the last one shown, which may stand before it
            most += int(np.count_nonzero(mm == asked.after[0]))
        if len(mm) > most:
            are_near = mm <= np.partition(mm, most - 1)[most - 1]
            wanted, mm = wanted[are_near], mm[are_near]
        found = {}
        places = zip(mm.tolist(), rows[wanted, LAT:].tolist(), strict=True)
        for distance_mm, (lat, lon, *_, number) in places:
            row = int(number)
            task_id = self.ids[row]
            found[task_id] = TaskNear(distance_mm, task_id, lat, lon, self.cards[row])
        nearest = sorted(found.values())
        if asked.after:
            nearest = [task for task in nearest if task[:2] > asked.after]
        return nearest[: asked.limit]
