"""What the program has of a submission after its own edge: sorted out, packed, decoded again."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from bench.cheats.submission import Submission, Trace
from shared.datums import from_wgs84
from tasks.suspicion.signal import Arrival
from tasks.tracks.positions import sort_out
from tasks.tracks.track_packing import TrackPoints, pack_points, unpack_points

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# As phones send degrees.
DEGREE_DIGITS = 7


@dataclass(frozen=True)
class Received:
    """A track as its verdict reads it, how it came in, what of it was turned away, by code."""

    points: TrackPoints
    arrivals: list[Arrival]
    rejected: Counter[str]


def received(submission: Submission, sent_as: str = "wgs84", label: str = "wgs84") -> Received:
    """The track of a phone that works in the datum `sent_as` and says that it is `label`."""
    started_at = _moment(submission.started_at_s)
    chunks, arrivals, rejected = [], [], Counter()
    for upload in submission.uploads:
        batch = _as_sent(upload.trace, sent_as)
        at = _moment(upload.received_at_s)
        kept = sort_out(batch, label, started_at=started_at, received_at=at)
        rejected.update(one["code"] for one in kept.rejected)
        if not len(kept.points):
            continue
        chunks.append((pack_points(kept.points), len(kept.points)))
        newest_s = float(kept.points.t_ms.max()) / 1000
        arrival = Arrival(upload.received_at_s, newest_s, len(kept.points), kept.mocked)
        arrivals.append(arrival)
    return Received(unpack_points(chunks), arrivals, rejected)


def _moment(seconds: float) -> datetime:
    return EPOCH + timedelta(seconds=seconds)


def _as_sent(trace: Trace, datum: str) -> list[dict[str, Any]]:
    """The fixes as the JSON of an upload has them."""
    lat, lon = from_wgs84(trace.lat, trace.lon, datum)
    columns = zip(
        trace.t.tolist(),
        np.round(lat, DEGREE_DIGITS).tolist(),
        np.round(lon, DEGREE_DIGITS).tolist(),
        trace.accuracy_m.tolist(),
        trace.altitude_m.tolist(),
        trace.mock.tolist(),
        strict=True,
    )
    return [
        {
            "at": _moment(t).isoformat(),
            "lat": a,
            "lon": b,
            "accuracy_m": accuracy_m,
            "altitude_m": altitude_m,
            "mock": mock,
        }
        for t, a, b, accuracy_m, altitude_m, mock in columns
    ]
