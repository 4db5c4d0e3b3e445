"""Two fingerprints side by side: how near their lines, their times, their shapes are. Pure.

Lines alone prove little (people keep to the same pavements), so a replay is told by its pace:
whoever walks anew is never at each place after the same number of seconds.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from shared.datums import Floats
from tasks.judging.track_rules import Flags
from tasks.suspicion.copy_index import SAME_PACE
from tasks.suspicion.fingerprint import MOMENTS, SAMPLE_M, Fingerprint

Rows = NDArray[np.intp]
Points = NDArray[np.object_]
Place = tuple[Floats, Floats]

# Less in common than this is "another time".
TOGETHER_S = 300.0
TOGETHER_STEP_S, TOGETHER_MOST = 10.0, 2_000
TOGETHER_SHIFTS_S = (0.0, -5.0, 5.0, -10.0, 10.0)
# Companions drift this far apart; beyond, equal times are no reason for equal shapes.
APART_M = 100.0
# A sample of mine is near another track within this; so many in a row may be missing.
NEAR_M, HOLES = 14.0, 3
# Windows of 500 m, a step of 100 m: over 260 to 310 m real strangers agree to 1.9 s.
WINDOW, WINDOW_STEP = round(500 / SAMPLE_M) + 1, round(100 / SAMPLE_M)
SLOPES = (0.4, 2.5)
# Honest pairs differ by 129 s, though few share 500 m; replays by 0.4 s.
RESIDUAL_S, RESIDUAL_SAME_S, SAME_SLOPE = 2.5, 4.0, 0.03
# A piece of one beat now and then fits to 1.9 s by chance (simulated), so a lone piece must fit
# more closely than most of a track.
RESIDUAL_EXACT_S, EXACT_M = 1.5, 500.0
# A track too short for a window is compared whole, and more strictly.
SHORT, RESIDUAL_SHORT_S = 15, 1.0
# Rounds are looked for only where less than this is a replay already.
ENOUGH = 0.70
# Laps: how far from the lag that most samples share the right lap's may lie.
LAP_BIN_S, LAP_S, LAP_SAMPLES = 8.0, 30.0, 2_000
INFINITE = float("inf")


class _Replay(NamedTuple):
    """Which of my samples repeat another's times, which of them very closely; residual in s."""

    covered: Flags
    exact: Flags
    residual_s: float

    def joined(self, more: "_Replay") -> "_Replay":
        return _Replay(
            self.covered | more.covered,
            self.exact | more.exact,
            min(self.residual_s, more.residual_s),
        )


@dataclass(frozen=True)
class Comparison:
    """What two tracks have in common; infinite where it could not be measured.

    `nearest_m`: the symmetric mean distance to the nearest sample; `replayed_share`: how much of
    mine repeats the other's times, `residual_s` how closely, `exact_m` how much very closely;
    `pace`: the correlation of the signatures, `shape` the relative misfit of the best similarity;
    `together_m`: the median distance at the same moments, `overlap_s` of those.
    """

    overlap_s: float
    nearest_m: float = INFINITE
    replayed_share: float = 0.0
    exact_m: float = 0.0
    residual_s: float = INFINITE
    pace: float = 0.0
    shape: float = INFINITE
    together_m: float = INFINITE


def compare(mine: Fingerprint, other: Fingerprint) -> Comparison:
    """Hold my track against another; a track whose positions are gone has only its pace."""
    overlap_s = max(0.0, min(mine.ended_s, other.ended_s) - max(mine.started_s, other.started_s))
    pace = same_pace(mine, other)
    if min(len(mine), len(other)) < 2:
        return Comparison(overlap_s, pace=pace)
    here, there = (mine.frame.to_metres(one.lat, one.lon) for one in (mine, other))
    together_m = _together(mine, here, other, there) if overlap_s >= TOGETHER_S else INFINITE
    shape = INFINITE
    if pace >= SAME_PACE and together_m > APART_M:
        shape = _misfit(mine, here, other, there)
    if _are_apart(here, there):
        return Comparison(overlap_s, pace=pace, shape=shape, together_m=together_m)
    nearest_m, replay = _nearness(mine, here, other, there)
    return Comparison(
        overlap_s,
        nearest_m=nearest_m,
        replayed_share=float(replay.covered.mean()),
        exact_m=max(0.0, float(replay.exact.sum()) - 1) * SAMPLE_M,
        residual_s=replay.residual_s,
        pace=pace,
        shape=shape,
        together_m=together_m,
    )


def same_pace(mine: Fingerprint, other: Fingerprint) -> float:
    """The correlation of the two paces, forwards or backwards, whichever is larger."""
    return max(
        float(mine.signature @ other.signature), float(mine.signature @ other.signature[::-1])
    )


def _are_apart(here: Place, there: Place) -> bool:
    return any(
        a.min() > b.max() + NEAR_M or b.min() > a.max() + NEAR_M
        for a, b in zip(here, there, strict=True)
    )


def _together(mine: Fingerprint, here: Place, other: Fingerprint, there: Place) -> float:
    """The median distance at the same moments, at the best of five small shifts of the clocks."""
    begin = max(mine.started_s, other.started_s)
    end = min(mine.ended_s, other.ended_s)
    count = min(int((end - begin) / TOGETHER_STEP_S) + 1, TOGETHER_MOST)
    moments = np.linspace(begin, end, count)
    x, y = (np.interp(moments, mine.t, column) for column in here)
    medians = []
    for shift_s in TOGETHER_SHIFTS_S:
        u, v = (np.interp(moments + shift_s, other.t, column) for column in there)
        medians.append(float(np.median(np.hypot(x - u, y - v))))
    return min(medians)


def _misfit(mine: Fingerprint, here: Place, other: Fingerprint, there: Place) -> float:
    """How badly the other's way fits mine when moved, turned, scaled and mirrored at best.

    The root mean square distance at equal shares of the time, by the spread of mine (0 to 1).
    """
    p = _at_equal_times(mine.t, here)
    forwards = _at_equal_times(other.t, there)
    fits = []
    for q in (forwards, forwards[::-1]):
        for turned in (q, q.conj()):
            likeness = abs(np.vdot(turned, p)) ** 2
            size = float((np.abs(p) ** 2).sum() * (np.abs(turned) ** 2).sum())
            fits.append(1.0 - likeness / size if size > 0 else 1.0)
    return float(np.sqrt(max(0.0, min(fits))))


def _at_equal_times(t: Floats, place: Place) -> NDArray[np.complex128]:
    moments = np.linspace(t[0], t[-1], MOMENTS + 1)
    line = np.interp(moments, t, place[0]) + 1j * np.interp(moments, t, place[1])
    centred: NDArray[np.complex128] = line - line.mean()
    return centred


def _nearness(
    mine: Fingerprint, here: Place, other: Fingerprint, there: Place
) -> tuple[float, _Replay]:
    """The symmetric distance, and what of mine replays the other."""
    my_points, their_points = _points(here), _points(there)
    their_tree = shapely.STRtree(their_points)
    nearest = _nearest(their_tree, my_points)
    away_m = _distances(here, there, nearest)
    back_m = _distances(there, here, _nearest(shapely.STRtree(my_points), their_points))
    symmetric_m = float(max(away_m.mean(), back_m.mean()))
    near = away_m <= NEAR_M
    replay = _replayed(mine.t, other.t[nearest], near)
    in_rounds = near.sum() >= min(WINDOW, len(mine)) and replay.covered.mean() < ENOUGH
    if not in_rounds or max(len(mine), len(other)) > LAP_SAMPLES:
        return symmetric_m, replay
    # Whoever walks in rounds passes each place many times: find the round, then look again.
    rows, columns = their_tree.query(my_points, predicate="dwithin", distance=NEAR_M)
    pairs_m = np.hypot(here[0][rows] - there[0][columns], here[1][rows] - there[1][columns])
    for sign in (1.0, -1.0):
        lags = mine.t[rows] - sign * other.t[columns]
        at, partners = _of_one_round(rows, columns, lags, pairs_m)
        near = np.zeros(len(mine), np.bool_)
        near[at] = True
        matched = nearest.copy()
        matched[at] = partners
        replay = replay.joined(_replayed(mine.t, other.t[matched], near))
    return symmetric_m, replay


def _points(place: Place) -> Points:
    return np.asarray(shapely.points(*place), np.object_)


def _nearest(tree: shapely.STRtree, points: Points) -> Rows:
    return np.asarray(tree.nearest(points), np.intp)


def _distances(here: Place, there: Place, index: Rows) -> Floats:
    return np.hypot(here[0] - there[0][index], here[1] - there[1][index])


def _of_one_round(rows: Rows, columns: Rows, lags: Floats, away_m: Floats) -> tuple[Rows, Rows]:
    """For each of my samples the nearest of the other's at about the lag most pairs share."""
    if not len(lags):
        return rows, columns
    bins, counts = np.unique(np.floor(lags / LAP_BIN_S), return_counts=True)
    lag_s = (bins[np.argmax(counts)] + 0.5) * LAP_BIN_S
    fits = np.flatnonzero(np.abs(lags - lag_s) <= LAP_S)
    fits = fits[np.lexsort((away_m[fits], rows[fits]))]
    rows, columns = rows[fits], columns[fits]
    first = np.concatenate(([True], np.diff(rows) > 0))[: len(rows)]
    return rows[first], columns[first]


def _replayed(t: Floats, partner_t: Floats, near: Flags) -> _Replay:
    """Which of my samples lie in windows whose times repeat the partners', and how closely."""
    covered, exact = np.zeros(len(t), np.bool_), np.zeros(len(t), np.bool_)
    residuals: list[float] = []
    width = min(WINDOW, len(t))
    for begin, end in _runs(near) if width >= SHORT else []:
        last = end - begin - width
        if last < 0:
            continue
        starts = np.unique(np.append(np.arange(0, last, WINDOW_STEP), last))
        rows = begin + starts[:, None] + np.arange(width)
        residual_s, limit_s = _residuals(t[rows], partner_t[rows])
        repeats, closely = residual_s <= limit_s, residual_s <= RESIDUAL_EXACT_S
        covered[rows[repeats]] = True
        exact[rows[repeats & closely]] = True
        residuals += residual_s[repeats].tolist()
    return _Replay(covered, exact, float(np.median(residuals)) if residuals else INFINITE)


def _residuals(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """How far (s) the times in each row of `a` are from those of `b`, stretched and shifted.

    And how far they may be. Times that differ by less than five minutes are of people who walk
    together, not of a replay.
    """
    third = a.shape[1] // 3
    rise_a = np.median(a[:, -third:], axis=1) - np.median(a[:, :third], axis=1)
    rise_b = np.median(b[:, -third:], axis=1) - np.median(b[:, :third], axis=1)
    slope = rise_a / np.where(rise_b == 0, np.nan, rise_b)
    rest = a - slope[:, None] * b
    residual_s = np.median(np.abs(rest - np.median(rest, axis=1)[:, None]), axis=1)
    possible = (np.abs(slope) > SLOPES[0]) & (np.abs(slope) < SLOPES[1])
    elsewhen = np.abs(np.median(a - b, axis=1)) >= TOGETHER_S
    same = np.abs(np.abs(slope) - 1.0) <= SAME_SLOPE
    limit_s = np.where(same, RESIDUAL_SAME_S, RESIDUAL_S)
    if a.shape[1] < WINDOW:
        limit_s = np.full(len(a), RESIDUAL_SHORT_S)
    return np.where(possible & elsewhen, residual_s, INFINITE), limit_s


def _runs(near: Flags) -> list[tuple[int, int]]:
    """Stretches of near samples, holes of up to three bridged, as [begin, end)."""
    at = np.flatnonzero(near)
    if not len(at):
        return []
    cuts = np.flatnonzero(np.diff(at) > HOLES + 1)
    begins = at[np.concatenate(([0], cuts + 1))]
    ends = at[np.concatenate((cuts, [len(at) - 1]))] + 1
    return list(zip(begins.tolist(), ends.tolist(), strict=True))
