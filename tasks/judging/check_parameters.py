"""What a check's parameters may be, read from whoever drafts a task: numbers, flags, places."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from shared.errors import Invalid
from shared.geo import validated_position
from shared.i18n import Text

MAX_CHECKPOINTS = 50
MAX_NAME_CHARACTERS = 80


class BadParameter(Invalid):
    """Raised when a check's parameter is missing, of the wrong kind or out of bounds."""

    message = Text(
        "{name} must be a number from {least} to {most}.",
        "{name} 须为 {least} 至 {most} 之间的数值。",
    )


class BadWholeNumber(BadParameter):
    """Raised when a parameter that counts things is no whole number in its bounds."""

    message = Text(
        "{name} must be a whole number from {least} to {most}.",
        "{name} 须为 {least} 至 {most} 之间的整数。",
    )


class BadFlag(BadParameter):
    """Raised when a parameter that is yes or no is something else."""

    message = Text("{name} must be true or false.", "{name} 须为 true 或 false。")


class BadCheckpoints(BadParameter):
    """Raised when checkpoints are no list of 1 to 50 places."""

    message = Text(
        "Checkpoints must be a list of 1 to {most} places with lat, lon and perhaps a name.",
        "签到点须为 1 至 {most} 个位置的列表，每个包含 lat、lon，可含 name。",
    )


class Parameter(Protocol):
    """One parameter of a check: reads it, or refuses it with the path to it."""

    def read(self, name: str, given: Mapping[str, Any], path: str) -> Any:
        """The parameter's value from all those given. Raises BadParameter or a kind of it."""


@dataclass(frozen=True)
class Number:
    """A finite number within bounds; `optional` ones may be missing and are then None."""

    least: float
    most: float
    default: float | None = None
    optional: bool = False
    whole: bool = False
    default_is_all: bool = False

    def read(self, name: str, given: Mapping[str, Any], path: str) -> float | int | None:
        """The number. Raises BadParameter, BadWholeNumber."""
        most = self.most
        if self.default_is_all:
            most = len(given["points"]) if isinstance(given.get("points"), list) else most
        value = given.get(name)
        if value is None:
            value = most if self.default_is_all else self.default
        if value is None and self.optional:
            return None
        refusal = BadWholeNumber if self.whole else BadParameter
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise refusal(path, name=name, least=self.least, most=most)
        if not self.least <= value <= most or (self.whole and value != int(value)):
            raise refusal(path, name=name, least=self.least, most=most)
        return int(value) if self.whole else float(value)


@dataclass(frozen=True)
class Flag:
    """Yes or no."""

    default: bool

    def read(self, name: str, given: Mapping[str, Any], path: str) -> bool:
        """The flag. Raises BadFlag."""
        value = given.get(name, self.default)
        if not isinstance(value, bool):
            raise BadFlag(path, name=name)
        return value


@dataclass(frozen=True)
class CheckpointList:
    """Places to pass: `[{"lat", "lon", "name"?}, …]` in WGS-84 degrees."""

    def read(self, name: str, given: Mapping[str, Any], path: str) -> list[dict[str, Any]]:
        """The places. Raises BadCheckpoints, BadPosition, PositionOutOfRange."""
        value = given.get(name)
        if not isinstance(value, list) or not 1 <= len(value) <= MAX_CHECKPOINTS:
            raise BadCheckpoints(path, most=MAX_CHECKPOINTS)
        return [self._place(place, f"{path}.{index}") for index, place in enumerate(value)]

    def _place(self, place: Any, path: str) -> dict[str, Any]:
        if not isinstance(place, dict) or not {"lat", "lon"} <= set(place) <= {
            "lat",
            "lon",
            "name",
        }:
            raise BadCheckpoints(path, most=MAX_CHECKPOINTS)
        lat, lon = validated_position(place["lat"], place["lon"], path)
        called = place.get("name")
        if called is None:
            return {"lat": lat, "lon": lon}
        if not isinstance(called, str) or not 0 < len(called.strip()) <= MAX_NAME_CHARACTERS:
            raise BadCheckpoints(f"{path}.name", most=MAX_CHECKPOINTS)
        return {"lat": lat, "lon": lon, "name": called.strip()}
