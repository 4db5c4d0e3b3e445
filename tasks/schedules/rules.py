"""Recurrence rules, pure: which dates an RRULE (RFC 5545, 3.3.10) names, in local days only."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any, Literal

from dateutil import rrule

from shared.errors import Invalid
from shared.i18n import Text

Frequency = Literal[0, 1, 2, 3]
FREQUENCIES: dict[str, Frequency] = {
    "DAILY": rrule.DAILY,
    "WEEKLY": rrule.WEEKLY,
    "MONTHLY": rrule.MONTHLY,
    "YEARLY": rrule.YEARLY,
}
MAX_RULE_LENGTH = 200
MAX_INTERVAL = 60
MAX_COUNT = 2_000
# A schedule is planned over for this long at most: who needs longer writes another.
MAX_SPAN = timedelta(days=3_660)
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_BY_DAY = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")


class BadRule(Invalid):
    """Raised when a recurrence rule cannot be used; the message says which part of it."""

    message = Text(
        "The rule cannot be used: {part}. It takes FREQ=DAILY, WEEKLY, MONTHLY or YEARLY with "
        "INTERVAL, COUNT or UNTIL (a date), BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS, WKST.",
        "重复规则不可用：{part}。支持 FREQ=DAILY、WEEKLY、MONTHLY、YEARLY，以及 "
        "INTERVAL、COUNT 或 UNTIL（日期）、BYDAY、BYMONTHDAY、BYMONTH、BYSETPOS、WKST。",
    )


@dataclass(frozen=True)
class Rule:
    """A recurrence rule, read: what dateutil takes, how many dates, the last day; None: no end."""

    frequency: Frequency
    parts: dict[str, Any] = field(default_factory=dict)
    count: int | None = None
    until: date | None = None


def rule_of(text: str) -> Rule:
    """The rule that `text` writes down, as in "FREQ=WEEKLY;BYDAY=MO,WE". Raises BadRule."""
    written = text.strip().upper().removeprefix("RRULE:")
    if len(written) > MAX_RULE_LENGTH:
        raise BadRule("rule", part=f"> {MAX_RULE_LENGTH}")
    given: dict[str, str] = {}
    for part in written.split(";"):
        name, equals, value = part.partition("=")
        if not equals or not value or name in given or name not in {"FREQ", *_READERS}:
            raise BadRule("rule", part=part[:50])
        given[name] = value
    frequency = given.pop("FREQ", "")
    if frequency not in FREQUENCIES:
        raise BadRule("rule", part=f"FREQ={frequency[:20]}")
    read = {name: _read(name, value) for name, value in given.items()}
    _refuse_odd_company(frequency, read)
    count, until = read.pop("COUNT", None), read.pop("UNTIL", None)
    parts = {_DATEUTIL_NAMES[name]: value for name, value in read.items()}
    return Rule(FREQUENCIES[frequency], parts, count, until)


def _read(name: str, value: str) -> Any:
    try:
        return _READERS[name](value)
    except (KeyError, ValueError):
        raise BadRule("rule", part=f"{name}={value[:40]}") from None


def _refuse_odd_company(frequency: str, read: dict[str, Any]) -> None:
    """What RFC 5545 forbids together. Raises BadRule."""
    if "COUNT" in read and "UNTIL" in read:
        raise BadRule("rule", part="COUNT + UNTIL")
    numbered = any(day.n for day in read.get("BYDAY", ()))
    if numbered and frequency in ("DAILY", "WEEKLY"):
        raise BadRule("rule", part=f"BYDAY + FREQ={frequency}")
    if "BYMONTHDAY" in read and frequency == "WEEKLY":
        raise BadRule("rule", part="BYMONTHDAY + FREQ=WEEKLY")
    if "BYSETPOS" in read and not {"BYDAY", "BYMONTHDAY", "BYMONTH"} & set(read):
        raise BadRule("rule", part="BYSETPOS")


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        number = int(value) if re.fullmatch(r"[+-]?[0-9]{1,4}", value) else most + 1
        if not least <= number <= most:
            raise ValueError(value)
        return number

    return read


def _wholes(least: int, most: int) -> Callable[[str], tuple[int, ...]]:
    one = _whole(least, most)

    def read(value: str) -> tuple[int, ...]:
        numbers = tuple(one(each) for each in value.split(","))
        if 0 in numbers or len(set(numbers)) != len(numbers):
            raise ValueError(value)
        return numbers

    return read


def _by_day(value: str) -> tuple[Any, ...]:
    days = []
    for each in value.split(","):
        found = _BY_DAY.fullmatch(each)
        if found is None:
            raise ValueError(value)
        nth = int(found[1]) if found[1] else None
        days.append(rrule.weekday(_WEEKDAYS.index(found[2]), nth))
    return tuple(days)


def _last_day(value: str) -> date:
    if not re.fullmatch(r"[0-9]{8}", value):
        raise ValueError(value)
    return date(int(value[:4]), int(value[4:6]), int(value[6:]))


_READERS: dict[str, Callable[[str], Any]] = {
    "INTERVAL": _whole(1, MAX_INTERVAL),
    "COUNT": _whole(1, MAX_COUNT),
    "UNTIL": _last_day,
    "BYDAY": _by_day,
    "BYMONTHDAY": _wholes(-31, 31),
    "BYMONTH": _wholes(1, 12),
    "BYSETPOS": _wholes(-31, 31),
    "WKST": _WEEKDAYS.index,
}
_DATEUTIL_NAMES = {
    "INTERVAL": "interval",
    "BYDAY": "byweekday",
    "BYMONTHDAY": "bymonthday",
    "BYMONTH": "bymonth",
    "BYSETPOS": "bysetpos",
    "WKST": "wkst",
}


def dates_of(rule: Rule, starts_on: date, *, since: date, until: date) -> Iterator[date]:
    """The dates that the rule names from `since` to `until`, both included, counted from
    `starts_on` on.

    The walk always has an end, so that a rule which names no date at all ends it too.
    """
    ends_on = min(until, rule.until or until, starts_on + MAX_SPAN)
    if ends_on < starts_on:
        return
    found = rrule.rrule(
        rule.frequency,
        dtstart=datetime.combine(starts_on, time()),
        until=datetime.combine(ends_on, time()),
        **rule.parts,
    )
    for moment in islice(found, rule.count):
        if moment.date() >= since:
            yield moment.date()
