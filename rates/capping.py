"""Caps: the most coins one person gets in a day, a week, a month, and what they cut. Pure.

Work counts in the day, ISO week and month that it began in, in the business time zone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from rates.rate_card import Caps
from rates.terms import Terms
from shared.i18n import Text


class Scope(StrEnum):
    """What a cap counts: coins for its kind of action, or for all kinds."""

    KIND = "kind"
    ALL = "all"


class Span(StrEnum):
    """Over how long a cap counts."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


CUT = {
    Span.DAY: Text(
        "Cut: at most {most} a day, {earned} earned already",
        "封顶扣减：每日最多 {most}，已得 {earned}",
    ),
    Span.WEEK: Text(
        "Cut: at most {most} a week, {earned} earned already",
        "封顶扣减：每周最多 {most}，已得 {earned}",
    ),
    Span.MONTH: Text(
        "Cut: at most {most} a month, {earned} earned already",
        "封顶扣减：每月最多 {most}，已得 {earned}",
    ),
}


class Cap(NamedTuple):
    """At most so many coins a person, of one kind of action or of all, in such a span."""

    scope: Scope
    span: Span
    most: int

    def plain(self) -> dict[str, Any]:
        """As a task keeps it."""
        return {"scope": self.scope.value, "span": self.span.value, "most": self.most}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> "Cap":
        """The cap that a task keeps as these plain values."""
        return cls(Scope(plain["scope"]), Span(plain["span"]), int(plain["most"]))


@dataclass(frozen=True)
class Capped:
    """What is paid, and what was cut: lines of a breakdown, below zero, from quote to payment."""

    coins: int
    breakdown: list[dict[str, Any]]


def caps_of(terms: Terms, kind: str) -> tuple[Cap, ...]:
    """The caps on this kind of action: of its own line, then of the card, short spans first."""
    line = terms.lines.get(kind)
    return (
        *_caps(Scope.KIND, line.caps if line else None),
        *_caps(Scope.ALL, terms.caps),
    )


def _caps(scope: Scope, caps: Caps | None) -> Iterable[Cap]:
    if caps is None:
        return
    said = ((Span.DAY, caps.per_day), (Span.WEEK, caps.per_week), (Span.MONTH, caps.per_month))
    for span, most in said:
        if most is not None:
            yield Cap(scope, span, most)


def within_caps(coins: int, caps: Sequence[Cap], earned: Mapping[Cap, int]) -> Capped:
    """What of `coins` is paid where so much was `earned` already towards each cap.

    Never more than any cap leaves, never less than nothing; each line says what one cap cut.
    """
    breakdown: list[dict[str, Any]] = []
    for cap in caps:
        so_far = earned.get(cap, 0)
        cut = coins - max(0, cap.most - so_far)
        if cut > 0:
            coins -= cut
            words = CUT[cap.span].both(most=cap.most, earned=so_far)
            breakdown.append({"part": f"cap_{cap.span.value}", "coins": -cut, **words})
    return Capped(coins, breakdown)


def span_around(span: Span, moment: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From when (UTC, inclusive) until when the span lasts that holds the moment."""
    day = moment.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    if span == Span.DAY:
        begins, ends = day, day + timedelta(days=1)
    elif span == Span.WEEK:
        begins = day - timedelta(days=day.weekday())
        ends = begins + timedelta(days=7)
    else:
        begins = day.replace(day=1)
        ends = (begins + timedelta(days=32)).replace(day=1)
    return begins.astimezone(UTC), ends.astimezone(UTC)
