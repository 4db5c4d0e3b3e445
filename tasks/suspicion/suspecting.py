"""Looking at a finished walk with suspicion: its own signals, stored tracks, other accounts.

The fingerprint is stored before anything is compared, so that of two walks judged at the same
moment at least one sees the other. Judging a walk again changes nothing.
"""

from collections.abc import Sequence
from math import isfinite
from typing import Any

import structlog

from shared.clock import real_now
from tasks.judging.proof import NOTHING, Proof
from tasks.judging.track_rules import Walk
from tasks.participation import Participation
from tasks.suspicion.account_signals import captain_in_doubt
from tasks.suspicion.acquaintance import note_companions, note_devices
from tasks.suspicion.copy_signals import Compared, companions_of, copy_signals
from tasks.suspicion.fingerprint import Fingerprint, fingerprint_of
from tasks.suspicion.known_tracks import KnownTracks, forget_positions, store_fingerprint
from tasks.suspicion.photo_signals import photo_signals
from tasks.suspicion.signal import MOST_SCORE, Arrival, Signal
from tasks.suspicion.signals import WALKS, walk_signals
from tasks.suspicion.suspicion import Suspicion, compare_stored
from tasks.task import Task
from tasks.tracks.tracking import Chunk, Track

__all__ = ["Suspicion", "forget_positions", "suspect"]

log = structlog.get_logger()

# Whatever comes this near is written to the log with its figures: the thresholds rest on few
# walks, and none of somebody who walks the same beat each day.
LOGGED_M = 20.0

_known = KnownTracks()


def suspect(
    participation: Participation, task: Task, walk: Walk, track: Track, proof: Proof = NOTHING
) -> Suspicion:
    """What is suspicious in a finished walk (`walk` as judged, `track` as received) and its proof.

    A member vouched for walks on the captain's track, which is looked at as the captain's.
    """
    moves = task.kind_rules.get("moves", WALKS)
    signals = [
        *_own_signals(participation, task, walk, track, moves),
        *photo_signals(proof.photos),
    ]
    if participation.vouched_by is None:
        signals += _device_signals(participation, track.chunks)
        if len(walk) >= 2:
            signals += _copies(participation, task, walk, moves)
    return Suspicion.of(signals)


def shared_with_captain(suspicion: Suspicion, captain: Participation) -> Suspicion:
    """The member's suspicion with the captain's: what is wrong with the track is wrong for both."""
    verdict = captain.verdicts[-1]
    signals = [*suspicion.signals, *verdict.signals]
    if verdict.outcome != "verified":
        signals.append(captain_in_doubt(captain.id).plain())
    weights = sum(signal["weight"] for signal in signals)
    return Suspicion(min(MOST_SCORE, weights), signals)


def _own_signals(
    participation: Participation, task: Task, walk: Walk, track: Track, moves: str
) -> list[Signal]:
    finished_at = participation.finished_at or real_now()
    # A phone's own word for the finish is older than its arrival; a replayed one is newer.
    received_at = max(finished_at, participation.finish_received_at or finished_at)
    started_at = participation.started_at or received_at
    claim = (started_at.timestamp(), received_at.timestamp())
    arrivals = [
        Arrival(
            chunk.received_at.timestamp(), chunk.newest_at.timestamp(), chunk.points, chunk.mocked
        )
        for chunk in track.chunks
        if chunk.newest_at is not None
    ]
    return walk_signals(walk, track.points, arrivals, moves, claim, fast_mps=_fast_mps(task.checks))


def _fast_mps(checks: Sequence[dict[str, Any]]) -> float | None:
    """What the task itself calls too fast."""
    for check in checks:
        if check["check"] == "plausible_speed":
            return check.get("parameters", {}).get("v_fast_mps")
    return None


def _device_signals(participation: Participation, chunks: Sequence[Chunk]) -> list[Signal]:
    at = participation.finished_at or real_now()
    devices = [chunk.device for chunk in chunks if chunk.device]
    found = note_devices(participation.person_id, devices, at) if devices else None
    return [found] if found else []


def _copies(participation: Participation, task: Task, walk: Walk, moves: str) -> list[Signal]:
    mine = _fingerprint(participation, task, walk)
    store_fingerprint(mine, task_id=task.id, is_team=task.is_team)
    compared = compare_stored(mine, _known, _known.tracks_of)
    _log_near(mine, compared)
    signals = copy_signals(mine, compared, moves)
    if task.is_team:
        return signals
    along = companions_of(mine, compared, moves)
    repeated = note_companions(mine, along)
    if repeated is None:
        return signals
    return [one for one in signals if one.signal != "companions"] + [repeated]


def _fingerprint(participation: Participation, task: Task, walk: Walk) -> Fingerprint:
    # A crew that was ordered to walk together does so.
    crew = task.id if task.crew or task.by_order else None
    shared = (participation.team_of, participation.order_id, crew)
    known_at = participation.finish_received_at or participation.finished_at or real_now()
    return fingerprint_of(
        walk,
        participation.id,
        participation.person_id,
        frozenset([participation.id, *(one for one in shared if one)]),
        known_at.timestamp(),
    )


def _log_near(mine: Fingerprint, compared: Sequence[Compared]) -> None:
    for other, found in compared:
        if found.nearest_m <= LOGGED_M:
            log.info(
                "tracks_compared",
                participation_id=mine.participation_id,
                other_id=other.participation_id,
                own=mine.person_id == other.person_id,
                **{name: _logged(value) for name, value in vars(found).items()},
            )


def _logged(value: float) -> float | None:
    """JSON knows no infinity, which is how "never near" is counted."""
    return round(value, 3) if isfinite(value) else None
