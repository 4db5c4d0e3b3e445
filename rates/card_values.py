"""Reading what somebody sent as parts of a rate card: each refusal names the field. Pure.

A reader takes a value and its dotted path and answers the value as it is kept; None stands for
what was left out.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from shared.clock import stored
from shared.errors import Invalid
from shared.i18n import Text

Reader = Callable[[Any, str], Any]

KIND_PATTERN = r"[a-z][a-z_]{1,39}"
LANGUAGES_OF_NAMES = ("en", "zh")
_SLUG = re.compile(KIND_PATTERN)
_ID = re.compile(r"[0-9a-f]{24}")
# What can be turned to any time zone, and comes up on no one's calendar.
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2101, 1, 1, tzinfo=UTC)


class BadRateCard(Invalid):
    """Raised when a rate card cannot say this."""

    message = Text("A rate card cannot say this.", "积分标准不能如此填写。")


class BadCardNumber(BadRateCard):
    """Raised when a number of a rate card is not whole, or out of its bounds."""

    message = Text(
        "A whole number from {least} to {most} is needed here.",
        "此处须为 {least} 至 {most} 的整数。",
    )


class BadCardText(BadRateCard):
    """Raised when a name of a rate card is missing, endless, or not of the form asked for."""

    message = Text(
        "A text of 1 to {most} signs is needed here, in the form that the documentation says.",
        "此处须为 1 至 {most} 字的文本，格式见文档。",
    )


class BadCardMoment(BadRateCard):
    """Raised when a moment of a rate card has no offset, or lies beyond 2000 to 2100."""

    message = Text(
        "A moment with its time zone is needed here, from 2000 to 2100.",
        "此处须为带时区的时间（2000 至 2100 年）。",
    )


class BadCardList(BadRateCard):
    """Raised when a list of a rate card is not a list, too short or too long."""

    message = Text("A list of {least} to {most} is needed here.", "此处须为 {least} 至 {most} 项。")


class BadCardChoice(BadRateCard):
    """Raised when a word of a rate card is none of those known."""

    message = Text("One of these is needed here: {known}.", "此处须为以下之一：{known}。")


class BadCardObject(BadRateCard):
    """Raised when a part of a rate card is no object, or has a field that nobody knows."""

    message = Text(
        "This is no part of a rate card: an object of known fields is needed.",
        "此处不是积分标准的内容，须为含已知字段的对象。",
    )


class SaidTwice(BadRateCard):
    """Raised when a rate card says the same thing twice: a kind, a grade, an occasion."""

    message = Text("This is said twice in the card.", "该项在标准中重复出现。")


def whole(least: int, most: int) -> Reader:
    """A whole number within bounds."""

    def read(value: Any, path: str) -> int:
        # bool is an int to Python, and True would become one coin.
        if type(value) is not int or not least <= value <= most:
            raise BadCardNumber(path, least=least, most=most)
        return value

    return read


def slug(value: Any, path: str) -> str:
    """The id of a kind or grade: small letters and underscores."""
    if not isinstance(value, str) or not _SLUG.fullmatch(value):
        raise BadCardText(path, most=40)
    return str(value)


def unit_id(value: Any, path: str) -> str:
    """The id of a unit, as far as its form goes."""
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise BadCardText(path, most=24)
    return value


def flag(value: Any, path: str) -> bool:
    """Yes or no."""
    if type(value) is not bool:
        raise BadCardChoice(path, known="true, false")
    return value


def moment(value: Any, path: str) -> datetime:
    """A moment, as it is stored."""
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise BadCardMoment(path)
    if not _EARLIEST <= value <= _LATEST:
        raise BadCardMoment(path)
    return stored(value)


def name(most: int) -> Reader:
    """A name in both languages: {"en", "zh"}, trimmed."""

    def read(value: Any, path: str) -> dict[str, str]:
        if not isinstance(value, Mapping) or set(value) != set(LANGUAGES_OF_NAMES):
            raise BadCardText(path, most=most)
        return {each: _line(value[each], f"{path}.{each}", most) for each in LANGUAGES_OF_NAMES}

    return read


def _line(value: Any, path: str, most: int) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if not 1 <= len(text) <= most or not text.isprintable():
        raise BadCardText(path, most=most)
    return text


def choice(known: type[StrEnum]) -> Reader:
    """One of an enumeration's words, as a plain text."""

    def read(value: Any, path: str) -> str:
        words = [each.value for each in known]
        if not isinstance(value, str) or value not in words:
            raise BadCardChoice(path, known=", ".join(words))
        return known(value).value

    return read


def several(reader: Reader, most: int, *, least: int = 0) -> Reader:
    """A list of what `reader` reads."""

    def read(value: Any, path: str) -> list[Any]:
        if not isinstance(value, list | tuple) or not least <= len(value) <= most:
            raise BadCardList(path, least=least, most=most)
        return [reader(each, f"{path}.{number}") for number, each in enumerate(value)]

    return read


def distinct(reader: Reader, most: int, *, least: int = 0) -> Reader:
    """A list of what `reader` reads, nothing in it twice; sorted."""
    listed = several(reader, most, least=least)

    def read(value: Any, path: str) -> list[Any]:
        found = listed(value, path)
        for number, each in enumerate(found):
            if each in found[:number]:
                raise SaidTwice(f"{path}.{number}")
        return sorted(found)

    return read


def shaped(**readers: Reader) -> Reader:
    """An object of these fields and no others."""

    def read(value: Any, path: str) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise BadCardObject(path)
        before = f"{path}." if path else ""
        if unknown := {str(each) for each in value} - set(readers):
            raise BadCardObject(f"{before}{min(unknown)}")
        return {
            field: reader(value.get(field), f"{before}{field}") for field, reader in readers.items()
        }

    return read


def maybe(reader: Reader) -> Reader:
    """What `reader` reads, or None where it is left out."""
    return lambda value, path: None if value is None else reader(value, path)


def default(reader: Reader, value: Any) -> Reader:
    """What `reader` reads, or `value` read by it where it is left out."""
    return lambda given, path: reader(value if given is None else given, path)
