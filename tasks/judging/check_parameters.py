"""What a check's parameters may be, read from whoever drafts a task: numbers, flags, places."""

import re
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


class BadNames(BadParameter):
    """Raised when names are no list of different, readable ones."""

    message = Text(
        "{name} must be a list of up to {most} different names of 1 to 80 characters.",
        "{name} 须为不超过 {most} 个互不相同的名称列表，每个 1 至 80 字。",
    )


class BadCountedNames(BadParameter):
    """Raised when names with counts are no list of different ones, each with a whole number."""

    message = Text(
        "{name} must be a list of up to {most} of {name_key} (each once) with {least_key} "
        "from 1 to {most_each}.",
        "{name} 须为不超过 {most} 项的列表，每项包含互不相同的 {name_key} 和 1 至 {most_each} 的 "
        "{least_key}。",
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
    """Places to pass: `[{"lat", "lon", "name"?}, …]` in WGS-84 degrees.

    `optional` ones may be left out and are then an empty list.
    """

    optional: bool = False

    def read(self, name: str, given: Mapping[str, Any], path: str) -> list[dict[str, Any]]:
        """The places. Raises BadCheckpoints, BadPosition, PositionOutOfRange."""
        value = given.get(name)
        if self.optional and value in (None, []):
            return []
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


def name_in(value: Any) -> str | None:
    """A name of 1 to 80 visible characters, stripped; None where `value` is none."""
    if not isinstance(value, str) or not 0 < len(value.strip()) <= MAX_NAME_CHARACTERS:
        return None
    return value.strip() if value.strip().isprintable() else None


@dataclass(frozen=True)
class Name:
    """One name or id, which may be left out and is then None."""

    def read(self, name: str, given: Mapping[str, Any], path: str) -> str | None:
        """The name. Raises BadNames."""
        value = given.get(name)
        if value is not None and name_in(value) is None:
            raise BadNames(path, name=name, most=1)
        return name_in(value)


@dataclass(frozen=True)
class NameList:
    """Names of things, each once: `["leaflet", …]`; empty where none are given."""

    most: int

    def read(self, name: str, given: Mapping[str, Any], path: str) -> list[str]:
        """The names. Raises BadNames."""
        value = given.get(name)
        value = [] if value is None else value
        names = [name_in(one) for one in value] if isinstance(value, list) else [None]
        if len(names) > self.most or None in names or len(set(names)) < len(names):
            raise BadNames(path, name=name, most=self.most)
        return [one for one in names if one is not None]


@dataclass(frozen=True)
class CountedNames:
    """Names with how many of each, at least: `[{name_key: …, least_key: 1}, …]`, each name once.

    `required` ones may not be left out; `pattern` is what a name must look like.
    """

    name_key: str
    least_key: str
    most: int
    most_each: int
    required: bool = False
    pattern: str = ""

    def read(self, name: str, given: Mapping[str, Any], path: str) -> list[dict[str, Any]]:
        """The list, the count 1 where it is left out. Raises BadCountedNames."""
        value = given.get(name)
        value = [] if value is None else value
        if not isinstance(value, list) or not int(self.required) <= len(value) <= self.most:
            raise self._refusal(name, path)
        read = [self._one(one, name, f"{path}.{index}") for index, one in enumerate(value)]
        if len({one[self.name_key] for one in read}) < len(read):
            raise self._refusal(name, path)
        return read

    def _one(self, value: Any, name: str, path: str) -> dict[str, Any]:
        if not isinstance(value, dict) or not set(value) <= {self.name_key, self.least_key}:
            raise self._refusal(name, path)
        called, least = name_in(value.get(self.name_key)), value.get(self.least_key, 1)
        if called is None or (self.pattern and not re.fullmatch(self.pattern, called)):
            raise self._refusal(name, path)
        if isinstance(least, bool) or not isinstance(least, int):
            raise self._refusal(name, path)
        if not 1 <= least <= self.most_each:
            raise self._refusal(name, path)
        return {self.name_key: called, self.least_key: least}

    def _refusal(self, name: str, path: str) -> BadCountedNames:
        return BadCountedNames(
            path,
            name=name,
            most=self.most,
            name_key=self.name_key,
            least_key=self.least_key,
            most_each=self.most_each,
        )
