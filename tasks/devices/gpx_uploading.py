"""A recorded GPX file as a participation's track: all of it, in parts that may be sent again."""

from typing import Any

from people import Actor
from tasks.devices.gpx import read_gpx
from tasks.tracks.tracking import MAX_BATCH_POINTS, Receipt, store_positions


def upload_gpx(
    participation_id: str, upload_key: str, datum: str, raw: bytes, *, by: Actor
) -> Receipt:
    """Keep a GPX file's track; `rejected` has the places of points in the whole file.

    The file is read to its end before anything is kept. Cut off in between, the same upload again
    keeps the rest. Raises NotGpx, GpxWithDoctype, GpxWithoutPoints, GpxWithoutTimes, GpxTooLong,
    and what store_positions raises.
    """
    points = read_gpx(raw)
    parts: list[Receipt] = []
    rejected: list[dict[str, Any]] = []
    for first in range(0, len(points), MAX_BATCH_POINTS):
        batch = points[first : first + MAX_BATCH_POINTS]
        if parts and _broke_off(points, first, {one["index"] for one in rejected}):
            batch[0] = batch[0] | {"segment_start": True}
        part = store_positions(participation_id, f"{upload_key}.gpx{first}", datum, batch, by=by)
        rejected += [one | {"index": one["index"] + first} for one in part.rejected]
        parts.append(part)
    return Receipt(
        upload_key,
        sum(part.accepted for part in parts),
        rejected,
        parts[-1].received_at,
        all(part.repeated for part in parts),
    )


def _broke_off(points: list[dict[str, Any]], first: int, rejected: set[int]) -> bool:
    """Whether a segment began before `first` and none of its points so far was kept."""
    for index in range(first - 1, -1, -1):
        if index not in rejected:
            return False
        if points[index].get("segment_start"):
            return True
    return False
