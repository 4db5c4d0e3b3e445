"""One submission judged as the program does: its own checks and suspicion, without a database."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.cheats.submission import Submission
from bench.parts.received import Received
from tasks.judging.checks import Judgement, judge, with_suspicion
from tasks.suspicion.copy_index import CopyIndex
from tasks.suspicion.fingerprint import Fingerprint, fingerprint_of
from tasks.suspicion.suspicion import Suspicion, suspicion_of

MOVES, REVIEW_RULE = "walks", "suspicion"
# The task runs for a while before and after whoever walks it.
WINDOW_S = 600.0


@dataclass(frozen=True)
class Outcome:
    """How a submission was judged, and all that was said about it."""

    judgement: Judgement
    suspicion: Suspicion

    @property
    def said(self) -> set[str]:
        """The names of the failing checks and of the signals."""
        failing = {result.check for result in self.judgement.checks if not result.passed}
        return failing | {signal["signal"] for signal in self.suspicion.signals}


class Store:
    """The fingerprints of all that was sent in before, and the index over them."""

    def __init__(self, fingerprints: Mapping[str, Fingerprint]) -> None:
        self._fingerprints = dict(fingerprints)
        self.index = CopyIndex(self._fingerprints.values())

    def without(self, unseen: frozenset[str]) -> "Store":
        """The same, had some of the walks never been sent in."""
        kept = {name: one for name, one in self._fingerprints.items() if name not in unseen}
        return Store(kept) if len(kept) < len(self._fingerprints) else self

    def tracks_of(self, ids: list[str]) -> list[Fingerprint]:
        """The tracks of these ids."""
        return [self._fingerprints[one] for one in ids if one in self._fingerprints]


def judged(
    task: Mapping[str, Any], sent: Submission, got: Received, store: Store, label: str = "wgs84"
) -> Outcome:
    """The outcome of one submission for one task, suspicion and its review included."""
    claim = (sent.started_at_s, sent.finished_at_s)
    window = (claim[0] - WINDOW_S, claim[1] + WINDOW_S)
    judgement = judge(task["area"], task["checks"], window, claim, got.points, label)
    walk = judgement.walk
    suspicion = suspicion_of(
        walk,
        got.points,
        got.arrivals,
        MOVES,
        (claim[0], sent.finish_received_at_s),
        mine=fingerprint_of(walk, "the-one-judged", "its-walker") if len(walk) > 1 else None,
        index=store.index,
        tracks_of=store.tracks_of,
    )
    score, signals = suspicion.score, suspicion.signals
    final = with_suspicion(judgement, score, signals, review_rule=REVIEW_RULE)
    return Outcome(final, suspicion)


def judged_by_checks(
    task: Mapping[str, Any], sent: Submission, got: Received, label: str
) -> Judgement:
    """The outcome of the checks alone, which is what a wrong label must fail."""
    claim = (sent.started_at_s, sent.finished_at_s)
    window = (claim[0] - WINDOW_S, claim[1] + WINDOW_S)
    return judge(task["area"], task["checks"], window, claim, got.points, label)
