"""The 24 kinds of cheats: what makes one, which walks it is made from, what should name it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from bench.cheats import copies, drawn, phones
from bench.cheats.copies import Make, Walks
from bench.cheats.drawing import sheet_of
from bench.cheats.submission import Submission

# What a walk must measure to be worth cheating with.
LEAST_M = 300.0


@dataclass(frozen=True)
class CheatKind:
    """One way to cheat; any of the signals, checks and refusals `named_by` says what it is."""

    make: Make
    named_by: frozenset[str]
    least_m: float = LEAST_M


def _kind(make: Make, *named_by: str, least_m: float = LEAST_M) -> CheatKind:
    return CheatKind(make, frozenset(named_by), least_m)


_SPEED = ("too_fast", "plausible_speed")
_PLACE = ("inside_time", "inside_distance", "route_coverage")
CHEATS: Mapping[str, CheatKind] = MappingProxyType(
    {
        "mock_flag": _kind(drawn.mock_flag, "mock"),
        "teleport": _kind(drawn.teleport, "teleport"),
        "stitched": _kind(copies.stitched, "stitched", "copied", least_m=1_300.0),
        "constant_step": _kind(drawn.constant_step, "constant_step"),
        "constant_fields": _kind(phones.constant_fields, "constant_fields"),
        "copy_half_m": _kind(copies.blurred(0.5), "copied"),
        "copy_2_m": _kind(copies.blurred(2.0), "copied"),
        "copy_5_m": _kind(copies.blurred(5.0), "copied"),
        "copy_10_m": _kind(copies.blurred(10.0), "copied"),
        "copy_resampled": _kind(copies.resampled, "copied"),
        "exact_replay": _kind(copies.replayed, "copied"),
        "reversed_copy": _kind(copies.reversed_copy, "copied"),
        "gap": _kind(phones.gap, "inside_time", "longest_gap"),
        "scaled": _kind(copies.scaled, "copied_shape", "copied", "stitched"),
        "moved": _kind(copies.moved, "copied_shape", *_PLACE),
        "driven": _kind(drawn.driven, *_SPEED),
        "e_bike": _kind(drawn.e_bike, *_SPEED),
        "bench": _kind(drawn.on_a_bench, "stationary", "inside_distance"),
        "two_phones_one_walker": _kind(phones.two_phones_one_walker, "one_walker", "companions"),
        "straight_lines": _kind(drawn.straight_lines, "straight_lines", least_m=600.0),
        "drawn_and_noise": _kind(drawn.drawn_and_noise, "white_noise"),
        "late_batch": _kind(phones.late_batch, "late_batch"),
        # A clock that is ahead sends fixes from the future, which the upload itself refuses.
        "clock_skew": _kind(phones.clock_skew, "clock_skew", "in_the_future"),
        "two_phones_one_account": _kind(phones.two_phones_one_account, "two_sources"),
    }
)


def cheat(name: str, number: int, seed: int, walks: Walks) -> Submission:
    """The `number`-th cheat of a kind by a seed; the same for the same, whatever else is made.

    Raises LookupError where none of the walks is long enough.
    """
    kind = CHEATS[name]
    rng = np.random.default_rng([seed, list(CHEATS).index(name), number])
    fitting = [one for one, points in walks.items() if sheet_of(points).line.length > kind.least_m]
    if not fitting:
        raise LookupError(f"no walk is {kind.least_m:.0f} m long, which {name} needs")
    source = fitting[int(rng.integers(len(fitting)))]
    return kind.make(rng, walks, source, number)
