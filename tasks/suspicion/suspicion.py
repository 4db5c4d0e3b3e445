"""All that makes one walk suspicious, in one call: its own signals and those of stored tracks.

Pure: the index and the stored tracks are handed in, so that benchmarks judge as the jobs do.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tasks.judging.checks import REVIEW_SCORE
from tasks.judging.track_rules import Walk
from tasks.suspicion.copy_signals import MAX_COMPARED, Compared, compared_with, copy_signals
from tasks.suspicion.fingerprint import Fingerprint
from tasks.suspicion.signal import Arrival, Signal, score_of
from tasks.suspicion.signals import walk_signals
from tasks.tracks.track_packing import TrackPoints


class Candidates(Protocol):
    """What knows which stored tracks to compare with: a CopyIndex, or what keeps one."""

    def candidates(self, mine: Fingerprint) -> list[str]:
        """Ids of stored tracks, the likeliest first."""
        ...


@dataclass(frozen=True)
class Suspicion:
    """A score of 0 to 100 and the signals it is the sum of, as a verdict keeps them."""

    score: int
    signals: list[dict[str, Any]]

    @property
    def wants_review(self) -> bool:
        """Whether a person should look before anything is paid."""
        return self.score >= REVIEW_SCORE

    @classmethod
    def of(cls, signals: Sequence[Signal]) -> "Suspicion":
        """The suspicion that these signals amount to, the heaviest first."""
        ranked = sorted(signals, key=lambda one: (-one.weight, one.signal))
        return cls(score_of(ranked), [one.plain() for one in ranked])


def suspicion_of(
    walk: Walk,
    points: TrackPoints,
    arrivals: Sequence[Arrival],
    moves: str,
    claim: tuple[float, float],
    *,
    mine: Fingerprint | None,
    index: Candidates,
    tracks_of: Callable[[list[str]], list[Fingerprint]],
    fast_mps: float | None = None,
) -> Suspicion:
    """The suspicion of one walk; `mine` is its fingerprint, None where nothing is left of it.

    `claim`, `moves` and `fast_mps` as in walk_signals; `tracks_of` answers those of the ids that
    are stored, with their positions.
    """
    signals = walk_signals(walk, points, arrivals, moves, claim, fast_mps=fast_mps)
    if mine is not None:
        signals += copy_signals(mine, compare_stored(mine, index, tracks_of), moves)
    return Suspicion.of(signals)


def compare_stored(
    mine: Fingerprint, index: Candidates, tracks_of: Callable[[list[str]], list[Fingerprint]]
) -> list[Compared]:
    """My track held against the likeliest of those stored, 20 at most."""
    left = index.candidates(mine)
    others: list[Fingerprint] = []
    while left and len(others) < MAX_COMPARED:
        asked = MAX_COMPARED - len(others)
        others += tracks_of(left[:asked])
        left = left[asked:]
    return compared_with(mine, others)
