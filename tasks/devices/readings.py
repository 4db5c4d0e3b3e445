"""What phone apps say, as plain fixes: numbers and times in whatever form an app writes them. Pure.

Every app's file turns its own messages into `Fix`es and `Unusable`s; nothing is guessed.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from shared.i18n import Text
from tasks.tracks.positions import REJECTIONS
from tasks.tracks.track_packing import ALTITUDES_M, MAX_ACCURACY_M

KNOTS_TO_MPS = 1852 / 3600  # the international nautical mile an hour
KMH_TO_MPS = 1 / 3.6
# Seconds since 1970 stay below this for three thousand years; milliseconds passed it in 1973.
FIRST_MILLISECONDS = 1e11

# Why a message is of no use, for its sender; the codes of bad points are among them.
UNUSABLE: dict[str, Text] = {
    **REJECTIONS,
    "unreadable": Text("This cannot be read.", "无法解析。"),
    "encrypted": Text(
        "This is encrypted; please switch encryption off in the app.",
        "内容已加密，请在应用中关闭加密。",
    ),
    "no_position": Text("This holds no position.", "不含定位。"),
    "not_valid": Text("The phone itself calls this invalid.", "设备自身标记该定位无效。"),
    "already_judged": Text("The walk was judged before this came.", "送达前该次任务已完成核验。"),
    "track_full": Text("The track can hold no more points.", "轨迹点数已满。"),
}


@dataclass(frozen=True)
class Fix:
    """One position as positions.py takes it: {at, lat, lon, accuracy_m?, altitude_m?, mock?}."""

    point: dict[str, Any]


@dataclass(frozen=True)
class Unusable:
    """A message that no later try would make good: a code of UNUSABLE, and what it was about."""

    why: str
    about: str = ""


Reading: TypeAlias = Fix | Unusable


def fix_of(
    at: datetime | None,
    lat: Any,
    lon: Any,
    *,
    accuracy_m: Any = None,
    altitude_m: Any = None,
    speed_mps: float | None = None,
    mock: bool = False,
) -> Reading:
    """A fix from an app's values, numbers perhaps as text; the extras only where they are known."""
    if lat is None or lon is None:
        return Unusable("no_position")
    if at is None:
        return Unusable("bad_time")
    point: dict[str, Any] = {
        "at": at.isoformat(timespec="milliseconds"),
        "lat": number(lat),
        "lon": number(lon),
    }
    extras = {
        "accuracy_m": known_accuracy_m(accuracy_m),
        "altitude_m": known_altitude_m(altitude_m),
        "speed_mps": speed_mps,
        "mock": mock or None,
    }
    return Fix(point | {name: value for name, value in extras.items() if value is not None})


def number(value: Any) -> float | None:
    """The finite number in `value`, written as a number or as text; None where there is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        # No phone writes 40 digits, and int() of many thousands takes its time.
        read = float(value) if not isinstance(value, str) else float(value[:40])
    except (ValueError, OverflowError):
        return None
    return read if math.isfinite(read) else None


def known_accuracy_m(value: Any) -> float | None:
    """An accuracy in metres; nought and less are how some apps say that they do not know."""
    read = number(value)
    return read if read is not None and 0 < read <= MAX_ACCURACY_M else None


def known_altitude_m(value: Any) -> float | None:
    """An altitude in metres where it is one."""
    read = number(value)
    least, most = ALTITUDES_M
    return read if read is not None and least <= read <= most else None


def known_speed_mps(value: Any, to_mps: float = 1.0) -> float | None:
    """A speed times `to_mps`, in metres a second; below nought is how apps say unknown."""
    read = number(value)
    return read * to_mps if read is not None and read >= 0 else None


def moment_of(value: Any) -> datetime | None:
    """The moment in `value`: seconds or milliseconds since 1970, or ISO 8601; UTC where no offset.

    The apps' own servers read them so.
    """
    seconds = number(value)
    try:
        if seconds is not None:
            seconds = seconds / 1000 if seconds >= FIRST_MILLISECONDS else seconds
            return datetime.fromtimestamp(seconds, UTC)
        moment = datetime.fromisoformat(value.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError, AttributeError, TypeError):
        return None
