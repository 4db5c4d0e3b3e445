"""Every signal of one walk by itself, in one call; copies and companions are in copy_signals.

Pure: a cleaned walk, its raw fixes and its arrivals in, what a person should look at out.
"""

from collections.abc import Sequence

from tasks.judging.checks import REVIEW_SCORE
from tasks.judging.track_rules import FAST_MPS, Walk
from tasks.suspicion import arrival_signals, place_signals, step_signals
from tasks.suspicion.signal import Arrival, Signal, score_of
from tasks.tracks.track_packing import TrackPoints

__all__ = ["REVIEW_SCORE", "Arrival", "Signal", "score_of", "walk_signals"]

# How a kind of task moves, as kinds say it.
WALKS, RIDES, STAYS, NONE = "walks", "rides", "stays", "none"


def walk_signals(
    walk: Walk,
    points: TrackPoints,
    arrivals: Sequence[Arrival],
    moves: str,
    claim: tuple[float, float],
    *,
    fast_mps: float | None = None,
) -> list[Signal]:
    """The signals of one walk; `claim` is its start and the reception of its finish (s).

    `moves` ("walks", "rides", "stays", "none") says which of them fit: whoever rides keeps to a
    lane as straight as a ruler, whoever stays at a post stands still. `fast_mps` is what the
    task itself calls too fast; else it follows from `moves`.
    """
    raw = place_signals.usable(points, claim)
    found = [
        arrival_signals.mock(arrivals),
        arrival_signals.late_batch(arrivals, claim[1]),
        arrival_signals.clock_skew(arrivals),
        place_signals.constant_fields(raw),
        place_signals.two_sources(raw),
    ]
    if moves != STAYS:
        # A phone at rest may rightly repeat itself.
        found.append(place_signals.pinned(raw))
    if len(walk) >= 2 and moves != NONE:
        found += _of_movement(walk, moves, fast_mps)
    return [signal for signal in found if signal is not None]


def _of_movement(walk: Walk, moves: str, fast_mps: float | None) -> list[Signal | None]:
    usual_mps = step_signals.FAST_RIDING_MPS if moves == RIDES else FAST_MPS
    found = [
        step_signals.teleport(walk),
        step_signals.too_fast(walk, fast_mps or usual_mps),
        step_signals.constant_step(walk),
        step_signals.white_noise(walk),
    ]
    if moves == WALKS:
        found += [step_signals.straight_lines(walk), place_signals.stationary(walk)]
    return found
