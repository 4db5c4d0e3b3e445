"""What comes in and goes out around schedules: rules, times of day, occurrences, calendars."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import ID, PageQuerySchema, moment_out, one_line
from api.errors import language
from api.tasks_schemas import TaskDraftSchema
from tasks import MAX_DATES, MAX_SPANS, MAX_TIMES, NOTE_WORDS, Days, Note

_NAME = validate.Regexp(r"^[a-z][a-z0-9_-]{0,29}$")
_CLOCK = validate.Regexp(r"^([01][0-9]|2[0-3]):[0-5][0-9]$")
_YEARS = validate.Range(2000, 2100)


class Day(fields.Date):
    """A day of the business time zone: 2026-11-23, between 2000 and 2100."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        day = super()._deserialize(value, attr, data, **more)
        _YEARS(day.year)
        return day


class ScheduledTaskSchema(TaskDraftSchema):
    """What each task of a schedule says: a draft without its unit and its window."""

    class Meta:
        exclude = ("unit_id", "starts_at", "ends_at")


class TimeOfDaySchema(ma.Schema):
    """One duty of each day, in the business time zone."""

    name = fields.String(
        load_default="duty",
        validate=_NAME,
        metadata={"description": "its name within the schedule, say arrival; it stays the same"},
    )
    at = fields.String(required=True, validate=_CLOCK, metadata={"description": "HH:MM"})
    minutes_before = fields.Integer(
        load_default=0,
        strict=True,
        validate=validate.Range(0, 240),
        metadata={"description": "the task's window begins so long before"},
    )
    duration_minutes = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(1, 1_440),
        metadata={"description": "how long the window lasts, from its beginning on"},
    )
    # A schedule that is read shows null, and may be sent back as it was read.
    title = one_line(
        1, 100, allow_none=True, metadata={"description": "in place of the content's title"}
    )


class ScheduleFieldsSchema(ma.Schema):
    """What a centre says of a schedule."""

    content = fields.Nested(ScheduledTaskSchema, required=True)
    rule = fields.String(
        required=True,
        validate=validate.Length(1, 200),
        metadata={
            "description": "RRULE of RFC 5545 over days: FREQ=DAILY, WEEKLY, MONTHLY or YEARLY, "
            "with INTERVAL, COUNT or UNTIL=YYYYMMDD, BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS, WKST"
        },
    )
    starts_on = Day(required=True, metadata={"description": "the day that the rule counts from"})
    ends_on = Day(load_default=None, allow_none=True, metadata={"description": "the last day"})
    times = fields.List(
        fields.Nested(TimeOfDaySchema), required=True, validate=validate.Length(1, MAX_TIMES)
    )
    days = fields.String(
        load_default=Days.EVERY_DAY.value,
        validate=validate.OneOf([days.value for days in Days]),
        metadata={
            "description": "which of the rule's days count; working_days knows public holidays "
            "and the weekend days worked in return, so use it with FREQ=DAILY; school_days are "
            "the working days in the terms of the unit's school calendar, or the nearest above"
        },
    )
    dates_left_out = fields.List(Day(), load_default=list, validate=validate.Length(max=MAX_DATES))
    extra_dates = fields.List(
        Day(),
        load_default=list,
        validate=validate.Length(max=MAX_DATES),
        metadata={"description": "days on which it takes place whatever rule and days say"},
    )
    publish_ahead_days = fields.Integer(load_default=7, strict=True, validate=validate.Range(1, 60))
    active = fields.Boolean(load_default=True, metadata={"description": "false: paused"})


class NewScheduleSchema(ScheduleFieldsSchema):
    """A schedule to be made."""

    unit_id = fields.String(required=True, validate=ID)


class ScheduleEditSchema(ScheduleFieldsSchema):
    """Any of a schedule's fields; what is left out stays, `content` and `times` come whole."""

    def __init__(self, **more: Any) -> None:
        whole = {f"content.{name}" for name in ScheduledTaskSchema().fields}
        whole |= {f"times.{name}" for name in TimeOfDaySchema().fields}
        loose = set(ScheduleFieldsSchema().fields) - whole
        super().__init__(partial=tuple(sorted(loose)), **more)


class ScheduleSchema(ma.Schema):
    """A schedule as its centre sees it."""

    id = fields.String()
    unit_id = fields.String()
    content = fields.Dict()
    rule = fields.String()
    starts_on = fields.String()
    ends_on = fields.String(allow_none=True)
    times = fields.List(fields.Nested(TimeOfDaySchema))
    days = fields.String()
    dates_left_out = fields.List(fields.String())
    extra_dates = fields.List(fields.String())
    publish_ahead_days = fields.Integer()
    active = fields.Boolean()
    version = fields.Integer()
    created_by = fields.String()
    created_at = moment_out()
    publishes_as = fields.String(
        metadata={"description": "in whose name it publishes: who last changed it"}
    )


class SchedulePageSchema(ma.Schema):
    """A page of schedules; `next_cursor` is null on the last one."""

    items = fields.List(fields.Nested(ScheduleSchema))
    next_cursor = fields.String(allow_none=True)


class UnitSchedulesQuerySchema(PageQuerySchema):
    """Whose schedules."""

    unit_id = fields.String(required=True, validate=ID)


class PreviewQuerySchema(ma.Schema):
    """Which days: a month from today on, where nothing is said; 92 at most."""

    since = Day(load_default=None)
    until = Day(load_default=None)


class OccurrenceSchema(ma.Schema):
    """One occurrence: what is planned, or what became of it."""

    occurrence = fields.String(metadata={"description": "its day and the time's name"})
    starts_at = moment_out()
    ends_at = moment_out()
    state = fields.String()
    task_id = fields.String(allow_none=True)
    failure = fields.String(allow_none=True)
    failure_words = fields.Dict(allow_none=True)


class ShownOccurrenceSchema(OccurrenceSchema):
    """An occurrence in a preview, with the note that its day has."""

    note = fields.String(allow_none=True)


class NoteSchema(ma.Schema):
    """What should be known about a preview as a whole."""

    note = fields.Function(lambda note: note.value, metadata={"type": "string"})
    words = fields.Function(
        lambda note: NOTE_WORDS[Note(note)].say(language()), metadata={"type": "string"}
    )


class PreviewSchema(ma.Schema):
    """The occurrences of the days asked for."""

    items = fields.List(fields.Nested(ShownOccurrenceSchema))
    notes = fields.List(fields.Nested(NoteSchema))


class SpanSchema(ma.Schema):
    """A term or a holiday, first and last day included."""

    name = one_line(1, 50, required=True)
    first_day = Day(required=True)
    last_day = Day(required=True)


class NewSchoolCalendarSchema(ma.Schema):
    """The terms and holidays of a school, or of all schools below a unit."""

    name = one_line(1, 50, required=True, metadata={"description": "say, the school year"})
    terms = fields.List(
        fields.Nested(SpanSchema), required=True, validate=validate.Length(1, MAX_SPANS)
    )
    holidays = fields.List(
        fields.Nested(SpanSchema), load_default=list, validate=validate.Length(max=MAX_SPANS)
    )
    extra_days = fields.List(
        Day(),
        load_default=list,
        validate=validate.Length(max=MAX_DATES),
        metadata={"description": "days taught although they lie in a weekend or a holiday"},
    )


class SchoolCalendarEditSchema(NewSchoolCalendarSchema):
    """Any of a calendar's fields; what is left out stays, lists come whole."""

    def __init__(self, **more: Any) -> None:
        super().__init__(partial=("name", "terms", "holidays", "extra_days"), **more)


class ShownSpanSchema(ma.Schema):
    """A term or a holiday as it is answered."""

    name = fields.String()
    first_day = fields.String()
    last_day = fields.String()


class SchoolCalendarSchema(ma.Schema):
    """A school calendar."""

    id = fields.String()
    unit_id = fields.String()
    name = fields.String()
    terms = fields.List(fields.Nested(ShownSpanSchema))
    holidays = fields.List(fields.Nested(ShownSpanSchema))
    extra_days = fields.List(fields.String())
    version = fields.Integer()


class SchoolCalendarsSchema(ma.Schema):
    """The calendars that a unit's school days are read from."""

    items = fields.List(fields.Nested(SchoolCalendarSchema))


class CalendarLinkSchema(ma.Schema):
    """The address that a calendar app subscribes to; it is shown this once."""

    path = fields.String(metadata={"description": "a secret: whoever has it reads the calendar"})
