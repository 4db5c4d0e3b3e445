"""A point's profile: when it is open, whether it is paused, how it is reached."""

from datetime import date

from mongoengine import (
    BooleanField,
    DateTimeField,
    EmbeddedDocumentField,
    EmbeddedDocumentListField,
    IntField,
    ListField,
    StringField,
)

from catalog.points.opening_hours import DAY_MINUTES, OpeningHours, Span, WeekSpan
from shared.database import Document, EmbeddedDocument


class TimeSpan(EmbeddedDocument):
    """From one minute of the business time zone's day up to another, at most its end."""

    from_minute = IntField(required=True, min_value=0, max_value=DAY_MINUTES - 1)
    until_minute = IntField(required=True, min_value=1, max_value=DAY_MINUTES)


class WeekdayHours(EmbeddedDocument):
    """One span of a day of the week, 1 (Monday) to 7; a day may have several."""

    weekday = IntField(required=True, min_value=1, max_value=7)
    span = EmbeddedDocumentField(TimeSpan, required=True)


class ExtraDay(EmbeddedDocument):
    """A day (2017-12-31) with hours of its own, whatever its weekday says."""

    day = StringField(required=True)
    spans = EmbeddedDocumentListField(TimeSpan, required=True)


class PointProfile(Document):
    """What a redemption point says of itself; its id is the point's.

    `low_at` is how few of anything are few there, where the stock itself does not say. `paused`
    stands in the point's stocks, too, where it stops orders.
    """

    id = StringField(primary_key=True)
    weekly = EmbeddedDocumentListField(WeekdayHours)
    closed_days = ListField(StringField())
    extra_days = EmbeddedDocumentListField(ExtraDay)
    paused = BooleanField(default=False)
    paused_reason = StringField(default="", max_length=200)
    phone_number = StringField(default="", max_length=30)
    low_at = IntField(min_value=0)
    version = IntField(required=True, min_value=1)
    changed_by = StringField(required=True)
    changed_at = DateTimeField(required=True)

    meta = {"collection": "point_profiles"}

    def hours(self) -> OpeningHours | None:
        """Its opening hours; None where it never said any."""
        if not self.weekly and not self.extra_days:
            return None
        return OpeningHours(
            weekly=tuple(WeekSpan(one.weekday, _span(one.span)) for one in self.weekly),
            closed=frozenset(date.fromisoformat(day) for day in self.closed_days),
            extra={
                date.fromisoformat(one.day): tuple(_span(span) for span in one.spans)
                for one in self.extra_days
            },
        )


def _span(stored: TimeSpan) -> Span:
    return Span(stored.from_minute, stored.until_minute)
