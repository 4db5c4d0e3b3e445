"""What a phone sends for one claim: its fixes, how they are delivered, when the claim ran.

Recorded walks know neither an accuracy nor when their fixes came in, so both are made up here:
accuracies log-normal about 8 m that last a minute and a half; a chunk every minute, 1 to 6 s
late, every fifth phone off line for up to a quarter of an hour.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from shared.datums import Floats
from tasks.tracks.track_packing import TrackPoints

Rng = np.random.Generator

TYPICAL_ACCURACY_M, ACCURACY_SPREAD, ACCURACY_MEMORY_S = 8.0, 0.4, 90.0
ALTITUDE_SPREAD_M, ALTITUDE_MEMORY_S = 4.0, 120.0
CHUNK_S = 60.0
LATE_S = (1.0, 6.0)
OFF_LINE_SHARE, OFF_LINE_S = 0.2, (60.0, 900.0)
# Between pressing start and the first fix, and from the last one to pressing finish.
PRESSED_S = 20.0


@dataclass(frozen=True)
class Trace:
    """The fixes of one phone, by time: s since 1970, WGS-84 degrees, metres, its own mock flags."""

    t: Floats
    lat: Floats
    lon: Floats
    accuracy_m: Floats
    altitude_m: Floats
    mock: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.t)

    def part(self, chosen: NDArray[np.bool_] | NDArray[np.intp] | slice) -> "Trace":
        """Some of its fixes."""
        return Trace(*(column[chosen] for column in self._columns()))

    def joined(self, other: "Trace") -> "Trace":
        """These fixes, then the other's."""
        pairs = zip(self._columns(), other._columns(), strict=True)
        return Trace(*(np.concatenate(pair) for pair in pairs))

    def later(self, seconds: float) -> "Trace":
        """The same at another time."""
        return replace(self, t=self.t + seconds)

    def _columns(self) -> tuple[NDArray, ...]:
        return (self.t, self.lat, self.lon, self.accuracy_m, self.altitude_m, self.mock)


@dataclass(frozen=True)
class Upload:
    """One chunk: its fixes, and when the server received it, in s since 1970."""

    trace: Trace
    received_at_s: float


@dataclass(frozen=True)
class Submission:
    """Everything that comes in for one claim, which ran from start to finish (s since 1970).

    `around` names the walk whose task is claimed, `unseen` the walks nobody has sent in before.
    """

    uploads: tuple[Upload, ...]
    started_at_s: float
    finished_at_s: float
    finish_received_at_s: float
    around: str
    unseen: frozenset[str]

    def points(self) -> TrackPoints:
        """All fixes in order of arrival, as columns."""
        return columns_of([upload.trace for upload in self.uploads])

    def mocked(self) -> int:
        """How many fixes the phone itself calls made up."""
        return int(sum(upload.trace.mock.sum() for upload in self.uploads))


def columns_of(traces: Sequence[Trace]) -> TrackPoints:
    """The fixes of all of them, one after the other."""
    t = np.concatenate([trace.t for trace in traces])
    return TrackPoints(
        np.round(t * 1000).astype(np.int64),
        *(
            np.concatenate([getattr(trace, name) for trace in traces])
            for name in ("lat", "lon", "accuracy_m", "altitude_m")
        ),
    )


def wandering(rng: Rng, t: Floats, memory_s: float) -> Floats:
    """A standard normal that forgets itself over `memory_s` (Ornstein-Uhlenbeck), at times t."""
    fresh, value, values = rng.normal(size=len(t)).tolist(), 0.0, []
    kept = np.exp(-np.diff(t, prepend=t[:1]) / memory_s).tolist()
    for index, draw in enumerate(fresh):
        value = kept[index] * value + (1 - kept[index] ** 2) ** 0.5 * draw if index else draw
        values.append(value)
    return np.array(values)


def seen_by_a_phone(rng: Rng, t: Floats, lat: Floats, lon: Floats) -> Trace:
    """Positions at moments, with an accuracy and an altitude such as a phone might give."""
    log_accuracy = ACCURACY_SPREAD * wandering(rng, t, ACCURACY_MEMORY_S)
    altitude_m = rng.uniform(20, 80) + ALTITUDE_SPREAD_M * wandering(rng, t, ALTITUDE_MEMORY_S)
    accuracy_m = np.round(TYPICAL_ACCURACY_M * np.exp(log_accuracy), 1)
    nobody = np.zeros(len(t), np.bool_)
    return Trace(t, lat, lon, accuracy_m, np.round(altitude_m), nobody)


def recorded_trace(rng: Rng, points: TrackPoints) -> Trace:
    """A recorded walk with the accuracy it lacks, and its own altitudes where it has them."""
    made_up = seen_by_a_phone(rng, points.t_ms / 1000.0, points.lat, points.lon)
    known = np.isfinite(points.altitude_m)
    return replace(made_up, altitude_m=np.where(known, points.altitude_m, made_up.altitude_m))


def submitted(
    rng: Rng,
    phones: Sequence[Trace],
    around: str,
    *,
    unseen: Sequence[str] = (),
    lag_s: float = 0.0,
    kept_back_s: float | None = None,
) -> Submission:
    """What the phones of one account deliver.

    Everything arrives `lag_s` later than it should; with `kept_back_s` no position comes in until
    so long after the finish did.
    """
    started_at_s = min(float(phone.t[0]) for phone in phones) - PRESSED_S
    finished_at_s = max(float(phone.t[-1]) for phone in phones) + PRESSED_S
    uploads, finish_sent_s = [], finished_at_s
    for phone in phones:
        made, back_at_s = _uploads(rng, phone)
        finish_sent_s = max(finish_sent_s, back_at_s)
        uploads += made
    received_s = finish_sent_s + rng.uniform(*LATE_S) + lag_s
    if kept_back_s is not None:
        gaps_s = np.cumsum(rng.uniform(*LATE_S, len(uploads)))
        moments = received_s + kept_back_s + gaps_s
        uploads = [Upload(one.trace, float(at)) for one, at in zip(uploads, moments, strict=True)]
    else:
        uploads = [Upload(one.trace, one.received_at_s + lag_s) for one in uploads]
    uploads.sort(key=lambda upload: upload.received_at_s)
    hidden = frozenset(unseen)
    return Submission(tuple(uploads), started_at_s, finished_at_s, received_s, around, hidden)


def _uploads(rng: Rng, phone: Trace) -> tuple[list[Upload], float]:
    """One phone's chunks, and when it was back on line for good."""
    minute = ((phone.t - phone.t[0]) // CHUNK_S).astype(np.int64)
    off_from = off_to = -np.inf
    if rng.random() < OFF_LINE_SHARE:
        off_from = rng.uniform(phone.t[0], phone.t[-1])
        off_to = off_from + rng.uniform(*OFF_LINE_S)
    uploads = []
    for which in np.unique(minute):
        trace = phone.part(minute == which)
        sent_s = float(trace.t[-1])
        sent_s = off_to if off_from <= sent_s < off_to else sent_s
        uploads.append(Upload(trace, sent_s + float(rng.uniform(*LATE_S))))
    return uploads, float(off_to)
