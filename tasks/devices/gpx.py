"""GPX files as points: tracks only, each segment's first point marked, nothing expanded. Pure.

Read by expat as it comes and not by gpxpy, which holds the whole file as a tree, searches it in
quadratic time for namespaces and keeps those for good. GPX: https://www.topografix.com/gpx.asp
"""

from datetime import UTC, datetime
from typing import Any
from xml.parsers import expat

from shared.errors import Invalid
from shared.i18n import Text
from tasks.devices.readings import known_altitude_m, number

# A day at one fix a second would be more, but not in one file of the size that is taken.
MAX_GPX_POINTS = 50_000
# No time or height is longer; what is, is something else.
MAX_VALUE_CHARACTERS = 64
VALUES = ("time", "ele")


class NotGpx(Invalid):
    """Raised when a body is no GPX: not XML, cut off, or XML of another kind."""

    message = Text("This is no GPX file that can be read.", "这不是可读取的 GPX 文件。")


class GpxWithDoctype(Invalid):
    """Raised when a GPX file declares a document type: no GPX needs one, and bombs do."""

    message = Text(
        "A GPX file with a document type or entities is not taken.",
        "不接受含有文档类型或实体声明的 GPX 文件。",
    )


class GpxWithoutPoints(Invalid):
    """Raised when a GPX file holds no track: routes and waypoints were planned, not walked."""

    message = Text(
        "This file holds no track; routes and waypoints do not count.",
        "文件中没有轨迹；路线与航点不计入。",
    )


class GpxWithoutTimes(Invalid):
    """Raised when no point of a GPX file says when: a walk without times cannot be judged."""

    message = Text(
        "No point of this track has a time, so nobody can tell when it was walked.",
        "该轨迹的所有点均无时间，无法核验。",
    )


class GpxTooLong(Invalid):
    """Raised when a GPX file holds more points than one file may."""

    message = Text("A file may hold {most} points.", "一个文件最多 {most} 个点。")


def read_gpx(raw: bytes) -> list[dict[str, Any]]:
    """The points of every track as positions.py takes them, in the file's order.

    Raises NotGpx, GpxWithDoctype, GpxWithoutPoints, GpxWithoutTimes, GpxTooLong.
    """
    reader = _Reader()
    try:
        reader.parser.Parse(raw, True)
    except (expat.ExpatError, ValueError, LookupError):
        raise NotGpx("body") from None
    if not reader.points:
        raise GpxWithoutPoints("body")
    if all(point["at"] is None for point in reader.points):
        raise GpxWithoutTimes("body")
    return reader.points


class _Reader:
    """Hears the file read out by expat and keeps what belongs to a track's points."""

    def __init__(self) -> None:
        self.points: list[dict[str, Any]] = []
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._doctype
        self._path: list[str] = []
        self._begins = False
        self._value = ""

    def _doctype(self, *_declared: object) -> None:
        raise GpxWithDoctype("body")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(" ")[2]
        if not self._path and name != "gpx":
            raise NotGpx("body")
        self._path.append(name)
        self._value = ""
        if name == "trkseg":
            self._begins = True
        elif self._path[-2:] == ["trkseg", "trkpt"]:
            self._point(attributes)

    def _point(self, attributes: dict[str, str]) -> None:
        if len(self.points) == MAX_GPX_POINTS:
            raise GpxTooLong("body", most=MAX_GPX_POINTS)
        point: dict[str, Any] = {
            "at": None,
            "lat": number(attributes.get("lat")),
            "lon": number(attributes.get("lon")),
        }
        if self._begins:
            # Nothing joins a segment to the one before: the recorder paused or lost the sky.
            point["segment_start"] = True
            self._begins = False
        self.points.append(point)

    def _text(self, text: str) -> None:
        if self._path and self._path[-1] in VALUES:
            self._value = (self._value + text)[:MAX_VALUE_CHARACTERS]

    def _end(self, _name: str) -> None:
        if self._path[-3:-1] == ["trkseg", "trkpt"]:
            if self._path[-1] == "time":
                self.points[-1]["at"] = _moment(self._value)
            elif self._path[-1] == "ele":
                self.points[-1]["altitude_m"] = known_altitude_m(self._value)
        self._path.pop()


def _moment(text: str) -> str | None:
    """The time as RFC 3339; GPX times are UTC, so one without an offset is too."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()
