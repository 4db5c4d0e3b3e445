"""Sorting a batch of positions into the ones to keep and the ones to report, one by one. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from shared.clock import stored
from shared.datums import to_wgs84
from shared.i18n import Text
from tasks.tracks.track_packing import ALTITUDES_M, MAX_ACCURACY_M, TrackPoints

# A phone's clock may run ahead by this much before its points count as being in the future.
CLOCK_SLACK = timedelta(seconds=60)

# More than any datum moves a position, in degrees.
EDGE = 0.1

REJECTIONS = {
    "not_a_point": Text("This is not a position.", "不是有效的定位点。"),
    "bad_time": Text("at must be an RFC 3339 time with offset.", "at 须为带时区的 RFC 3339 时间。"),
    "before_start": Text("This lies before the start.", "早于开始时间。"),
    "in_the_future": Text("This lies in the future.", "晚于当前时间。"),
    "after_end": Text("This lies after the end of the task.", "晚于任务结束时间。"),
    "bad_latitude": Text("lat must be -90 to 90 degrees.", "lat 须在 -90 至 90 度之间。"),
    "bad_longitude": Text("lon must be -180 to 180 degrees.", "lon 须在 -180 至 180 度之间。"),
    "bad_accuracy": Text("accuracy_m must be metres, 0 or more.", "accuracy_m 须为非负米数。"),
    "bad_altitude": Text("altitude_m must be metres.", "altitude_m 须为米数。"),
}


@dataclass(frozen=True)
class Sorted:
    """`points` in WGS-84, ready to pack; `rejected` as [{index, code}].

    `mocked` counts the kept points that the phone itself calls made up, and `segment_starts` are
    the indexes, among the kept points, of those before which the recorder paused.
    """

    points: TrackPoints
    rejected: list[dict[str, Any]]
    mocked: int
    segment_starts: list[int]


def sort_out(
    batch: list[Any],
    datum: str,
    *,
    started_at: datetime,
    received_at: datetime,
    until: datetime | None = None,
) -> Sorted:
    """The batch as columns in WGS-84, and what is wrong with each point that is not among them.

    A point is {at: RFC 3339, lat, lon: degrees in `datum`, accuracy_m?, altitude_m?, mock?,
    segment_start?}; other members are left alone, as phones send many. A break that sits on a
    rejected point moves to the next kept one. Nothing later than `until` is kept: a walk that
    nobody finished records nobody's evening.
    """
    span = _Span(started_at - CLOCK_SLACK, received_at + CLOCK_SLACK, until)
    kept: list[tuple[Any, ...]] = []
    rejected: list[dict[str, Any]] = []
    segment_starts: list[int] = []
    mocked, breaks = 0, False
    # A datum moves positions, and at the very edge out of the degrees there are.
    edge = 0.0 if datum == "wgs84" else EDGE
    for index, point in enumerate(batch):
        row = _read(point, span, edge)
        breaks = breaks or _says(point, "segment_start")
        if isinstance(row, str):
            rejected.append({"index": index, "code": row})
            continue
        if breaks:
            segment_starts.append(len(kept))
            breaks = False
        mocked += _says(point, "mock")
        kept.append(row)
    t_ms, lat, lon, accuracy_m, altitude_m = (
        zip(*kept, strict=True) if kept else ((), (), (), (), ())
    )
    wgs_lat, wgs_lon = to_wgs84(lat, lon, datum)
    points = TrackPoints.of(t_ms, wgs_lat, wgs_lon, accuracy_m, altitude_m)
    return Sorted(points, rejected, mocked, segment_starts)


class _Span(NamedTuple):
    """Between which moments a point may lie, and after which nothing is collected any more."""

    earliest: datetime
    latest: datetime
    until: datetime | None

    def refusal(self, at: datetime) -> str | None:
        """The code of what is wrong with a moment, if anything is."""
        if at < self.earliest:
            return "before_start"
        if at > self.latest:
            return "in_the_future"
        return "after_end" if self.until and at > self.until else None


def _read(point: Any, span: _Span, edge: float) -> tuple[Any, ...] | str:
    """The point as a row, or the code of what is wrong with it."""
    if not isinstance(point, dict):
        return "not_a_point"
    at = _moment(point.get("at"))
    if at is None:
        return "bad_time"
    if refused := span.refusal(at):
        return refused
    lat, lon = point.get("lat"), point.get("lon")
    if not _between(lat, edge - 90, 90 - edge):
        return "bad_latitude"
    if not _between(lon, edge - 180, 180 - edge):
        return "bad_longitude"
    accuracy_m, altitude_m = point.get("accuracy_m"), point.get("altitude_m")
    if accuracy_m is not None and not _between(accuracy_m, 0, MAX_ACCURACY_M):
        return "bad_accuracy"
    if altitude_m is not None and not _between(altitude_m, *ALTITUDES_M):
        return "bad_altitude"
    return round(at.timestamp() * 1000), lat, lon, accuracy_m, altitude_m


def _says(point: Any, member: str) -> bool:
    """Whether the point carries the member as a plain true: no other value is taken for one."""
    return isinstance(point, dict) and point.get(member) is True


def _moment(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return stored(moment) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _between(value: Any, least: float, most: float) -> bool:
    # NaN and infinity compare as not between; whole numbers of any size compare exactly.
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and least <= value <= most
