"""Which stored tracks a new one should be compared with: those that share cells, or the pace.

Pure, in memory: an inverted index as two sorted arrays (cell, row), and a matrix of signatures.
Positions are not kept here.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasks.suspicion.fingerprint import MOMENTS, Cells, Fingerprint

Rows = NDArray[np.int64]

# A candidate shares a third of the smaller set's cells, and half of them up to four (a walk in a
# yard has no more than three); or so many that a piece of 500 m may be in common.
SHARED_SHARE, SHARED_LEAST, SHARED_MOST, SHARED_PIECE = 0.35, 2, 4, 8
# Honest pairs reach 0.58; moved, turned and mirrored copies begin here.
SAME_PACE = 0.85
# Where many walk one beat, those who walked it at the same time are looked at before most.
TOGETHER_LIKENESS = 0.5
# The newest so many tracks are held: about 0.7 kB each.
MAX_TRACKS = 100_000
# A short sorted array beside the long one takes what is new, so that adding one stays cheap.
MAX_FRESH = 20_000


class _Inverted(NamedTuple):
    """The rows in each cell, sorted by cell."""

    cells: Cells
    rows: Rows

    @classmethod
    def of(cls, cells: Cells, rows: Rows) -> "_Inverted":
        order = np.argsort(cells, kind="stable")
        return cls(cells[order], rows[order])

    def rows_in(self, cells: Cells) -> Rows:
        """The rows of all these cells, as often as they share one."""
        begin = np.searchsorted(self.cells, cells)
        counts = np.searchsorted(self.cells, cells, side="right") - begin
        total = int(counts.sum())
        skipped = np.repeat(begin - (np.cumsum(counts) - counts), counts)
        found: Rows = self.rows[skipped + np.arange(total)]
        return found


_NOTHING = _Inverted(np.zeros(0, np.int64), np.zeros(0, np.int64))


class CopyIndex:
    """Stored fingerprints by cell and pace; at most `most`, the oldest added go first."""

    def __init__(self, fingerprints: Iterable[Fingerprint] = (), *, most: int = MAX_TRACKS) -> None:
        self._most = most
        self._ids: list[str] = []
        self._row_of: dict[str, int] = {}
        self._sizes = np.zeros(0, np.int64)
        self._times = np.zeros((0, 2))
        self._held = np.zeros(0, np.bool_)
        self._signatures = np.zeros((0, MOMENTS), np.float32)
        self._sorted, self._fresh = _NOTHING, _NOTHING
        self.add(list(fingerprints))

    def __len__(self) -> int:
        return len(self._row_of)

    def __contains__(self, participation_id: str) -> bool:
        return participation_id in self._row_of

    def add(self, fingerprints: Sequence[Fingerprint]) -> None:
        """Take fingerprints in; one that is here already is replaced."""
        if not fingerprints:
            return
        first = len(self._ids)
        self._make_room(first + len(fingerprints))
        for row, one in enumerate(fingerprints, first):
            self.drop(one.participation_id)
            self._ids.append(one.participation_id)
            self._row_of[one.participation_id] = row
            self._sizes[row], self._held[row] = len(one.cells), True
            self._signatures[row] = one.signature
            self._times[row] = one.started_s, one.ended_s
        cells = np.concatenate([one.cells for one in fingerprints])
        counts = [len(one.cells) for one in fingerprints]
        rows = np.repeat(np.arange(first, first + len(fingerprints)), counts)
        self._fresh = _joined(self._fresh, _Inverted(cells, rows))
        if len(self._fresh.cells) > MAX_FRESH:
            self._sorted, self._fresh = _joined(self._sorted, self._fresh), _NOTHING
            self._let_go()

    def drop(self, participation_id: str) -> None:
        """Forget one, if it is here."""
        row = self._row_of.pop(participation_id, None)
        if row is not None:
            self._held[row] = False
            self._signatures[row] = 0.0

    def candidates(self, mine: Fingerprint) -> list[str]:
        """Ids of tracks that may be copies of `mine` or its source, the likeliest first.

        Never `mine` itself. Likeliest: by the cells in common, the pace, and the time.
        """
        count = len(self._ids)
        if not count:
            return []
        pace = self._pace(mine, count)
        found = np.concatenate((self._fresh.rows_in(mine.cells), self._sorted.rows_in(mine.cells)))
        shared = np.bincount(found, minlength=count)
        near = np.flatnonzero(shared >= SHARED_LEAST)
        smaller = np.minimum(self._sizes[near], len(mine.cells))
        least = np.clip(np.ceil(smaller / 2), SHARED_LEAST, SHARED_MOST)
        enough = (shared[near] >= least) & (shared[near] >= SHARED_SHARE * smaller)
        near = near[enough | (shared[near] >= SHARED_PIECE)]
        rows = np.union1d(near, np.flatnonzero(pace >= SAME_PACE))
        rows = rows[self._held[rows]]
        smaller = np.minimum(self._sizes[rows], len(mine.cells)).clip(min=1)
        together = np.minimum(self._times[rows, 1], mine.ended_s) > np.maximum(
            self._times[rows, 0], mine.started_s
        )
        likeness = shared[rows] / smaller + pace[rows].clip(min=0.0) + TOGETHER_LIKENESS * together
        ranked = [self._ids[row] for row in rows[np.argsort(-likeness, kind="stable")].tolist()]
        return [one for one in ranked if one != mine.participation_id]

    def _pace(self, mine: Fingerprint, count: int) -> NDArray[np.float32]:
        """The correlation with each stored pace, forwards or backwards, whichever is larger."""
        stored = self._signatures[:count]
        if not mine.has_pace:
            return np.zeros(count, np.float32)
        # Two products with a vector: one with a matrix of two columns takes eight times as long,
        # and its threads wait for each other wherever the cores are busy.
        backwards = mine.signature[::-1].copy()
        pace: NDArray[np.float32] = np.maximum(stored @ mine.signature, stored @ backwards)
        return pace

    def _make_room(self, needed: int) -> None:
        if needed <= len(self._held):
            return
        more = max(needed, 2 * len(self._held), 64) - len(self._held)
        self._sizes = np.concatenate((self._sizes, np.zeros(more, np.int64)))
        self._times = np.concatenate((self._times, np.zeros((more, 2))))
        self._held = np.concatenate((self._held, np.zeros(more, np.bool_)))
        self._signatures = np.concatenate((self._signatures, np.zeros((more, MOMENTS), np.float32)))

    def _let_go(self) -> None:
        """Drop the oldest beyond the most, and close the gaps that dropped ones left."""
        kept = np.flatnonzero(self._held[: len(self._ids)])[-self._most :]
        if len(kept) > 0.9 * len(self._ids):
            return
        new_row = np.full(len(self._ids), -1)
        new_row[kept] = np.arange(len(kept))
        stays = new_row[self._sorted.rows] >= 0
        self._sorted = _Inverted(
            self._sorted.cells[stays], new_row[self._sorted.rows[stays]].astype(np.int64)
        )
        self._ids = [self._ids[row] for row in kept.tolist()]
        self._row_of = {one: row for row, one in enumerate(self._ids)}
        self._sizes, self._held = self._sizes[kept], self._held[kept]
        self._signatures, self._times = self._signatures[kept], self._times[kept]


def _joined(one: _Inverted, other: _Inverted) -> _Inverted:
    cells = np.concatenate((one.cells, other.cells))
    return _Inverted.of(cells, np.concatenate((one.rows, other.rows)))
