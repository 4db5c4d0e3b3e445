"""What a signal is: something seen in a walk that a person should know of, and its weight."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from shared.i18n import Text

MOST_SCORE = 100
# Weights. What is seen by a reviewer but never sends a walk to review by itself:
VISIBLE = 30
# What does, alone: the lighter where an honest explanation is thinkable.
SENDS = 50
SENDS_PLAINLY = 60
SENDS_SURELY = 70


@dataclass(frozen=True)
class Arrival:
    """One upload, as the server saw it: when it came and its newest fix (s since 1970).

    `mocked` of its `points` were called made up by the phone itself.
    """

    received_at_s: float
    newest_fix_s: float
    points: int
    mocked: int = 0


@dataclass(frozen=True)
class Signal:
    """Something seen, measured against what it takes to be a signal, in a sentence for people.

    `about` holds ids of other participations and people: for reviewers, never for the walker.
    """

    signal: str
    weight: int
    measured: float
    needed: float
    reason: Mapping[str, str]
    about: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def plain(self) -> dict[str, Any]:
        """As a plain dict, which is how a verdict keeps it."""
        return {**vars(self), "reason": dict(self.reason), "about": dict(self.about)}


def seen(
    signal: str,
    weight: int,
    measured: float,
    needed: float,
    text: Text,
    *,
    about: Mapping[str, Any] | None = None,
    **facts: Any,
) -> Signal:
    """A signal with its sentence filled in: `{measured}` and `{needed}` are facts of their own."""
    facts = {"measured": _rounded(measured), "needed": _rounded(needed)} | facts
    return Signal(
        signal=signal,
        weight=weight,
        measured=round(float(measured), 3),
        needed=needed,
        reason=MappingProxyType(text.both(**facts)),
        about=MappingProxyType(dict(about or {})),
    )


def score_of(signals: Iterable[Signal]) -> int:
    """The sum of the weights, 100 at most."""
    return min(MOST_SCORE, sum(signal.weight for signal in signals))


def _rounded(value: float) -> str:
    digits = 0 if abs(value) >= 10 else 1 if abs(value) >= 1 else 2
    plain = f"{value:.{digits}f}"
    return plain.rstrip("0").rstrip(".") if digits else plain
