"""Schedules over HTTP: what is published by itself, on which days, and by which calendars."""

from typing import Any

from api.blueprint import Blueprint
from api.errors import documents
from api.headers import IdempotencyKeySchema, IfMatchSchema
from api.schedules_schemas import (
    NewScheduleSchema,
    NewSchoolCalendarSchema,
    OccurrenceSchema,
    PreviewQuerySchema,
    PreviewSchema,
    ScheduleEditSchema,
    SchedulePageSchema,
    ScheduleSchema,
    SchoolCalendarEditSchema,
    SchoolCalendarSchema,
    SchoolCalendarsSchema,
    UnitSchedulesQuerySchema,
)
from api.signing_in import SIGNED_IN, caller, may_call
from people import Role
from shared.cursors import from_cursor, to_cursor
from tasks import (
    Occurrence,
    Preview,
    Schedule,
    SchoolCalendar,
    call_off_occurrence,
    create_schedule,
    create_school_calendar,
    edit_schedule,
    edit_school_calendar,
    managed_schedule,
    preview_of,
    schedules_of_unit,
    school_calendars_of,
)

blp = Blueprint("schedules", __name__, description="What is published by itself · 排班")


@blp.post("/schedules")
@may_call(Role.CENTRE_OFFICER)
@blp.arguments(NewScheduleSchema)
@blp.arguments(IdempotencyKeySchema, location="headers")
@blp.response(201, ScheduleSchema)
@documents(404, 409)
def post_schedule(wanted: dict[str, Any], header: dict[str, Any]) -> Schedule:
    """Have tasks published by a rule, so many days ahead."""
    return create_schedule(wanted.pop("unit_id"), wanted, **header, by=caller())


@blp.get("/schedules")
@may_call(Role.CENTRE_OFFICER)
@blp.arguments(UnitSchedulesQuerySchema, location="query")
@blp.response(200, SchedulePageSchema)
@documents(404)
def list_schedules(query: dict[str, Any]) -> dict[str, Any]:
    """A unit's own schedules, newest first."""
    before = from_cursor(query["cursor"], str)[0] if "cursor" in query else None
    items = schedules_of_unit(query["unit_id"], before_id=before, limit=query["limit"], by=caller())
    full = len(items) == query["limit"]
    return {"items": items, "next_cursor": to_cursor(items[-1].id) if full else None}


@blp.get("/schedules/<schedule_id>")
@may_call(Role.CENTRE_OFFICER)
@blp.response(200, ScheduleSchema)
@documents(404)
def get_schedule(schedule_id: str) -> Schedule:
    """One schedule."""
    return managed_schedule(schedule_id, caller())


@blp.patch("/schedules/<schedule_id>")
@may_call(Role.CENTRE_OFFICER)
@blp.arguments(IfMatchSchema, location="headers")
@blp.arguments(ScheduleEditSchema)
@blp.response(200, ScheduleSchema)
@documents(404, 409)
def patch_schedule(seen: dict[str, Any], changes: dict[str, Any], schedule_id: str) -> Schedule:
    """Change, pause, resume or end a schedule; what is published stays."""
    return edit_schedule(schedule_id, changes, version=seen["version"], by=caller())


@blp.get("/schedules/<schedule_id>/occurrences")
@may_call(Role.CENTRE_OFFICER)
@blp.arguments(PreviewQuerySchema, location="query")
@blp.response(200, PreviewSchema)
@documents(404)
def list_occurrences(query: dict[str, Any], schedule_id: str) -> Preview:
    """What a schedule plans for the coming days, and what became of it."""
    return preview_of(schedule_id, **query, by=caller())


@blp.post("/schedules/<schedule_id>/occurrences/<occurrence>/cancellation")
@may_call(Role.CENTRE_OFFICER)
@blp.response(201, OccurrenceSchema)
@documents(404, 409)
def post_occurrence_cancellation(schedule_id: str, occurrence: str) -> Occurrence:
    """Call one occurrence off; its task too, where it is published."""
    return call_off_occurrence(schedule_id, occurrence, by=caller())


@blp.post("/units/<unit_id>/school-calendars")
@may_call(Role.CENTRE_OFFICER, Role.ADMIN)
@blp.arguments(NewSchoolCalendarSchema)
@blp.response(201, SchoolCalendarSchema)
@documents(404, 409)
def post_school_calendar(wanted: dict[str, Any], unit_id: str) -> SchoolCalendar:
    """Say a unit's terms and holidays; the same again changes nothing."""
    return create_school_calendar(unit_id, wanted, by=caller())


@blp.get("/units/<unit_id>/school-calendars")
@may_call(SIGNED_IN)
@blp.response(200, SchoolCalendarsSchema)
@documents(404)
def list_school_calendars(unit_id: str) -> dict[str, Any]:
    """The calendars that the unit's school days are read from: its own or the nearest above."""
    return {"items": school_calendars_of(unit_id)}


@blp.patch("/school-calendars/<calendar_id>")
@may_call(Role.CENTRE_OFFICER, Role.ADMIN)
@blp.arguments(IfMatchSchema, location="headers")
@blp.arguments(SchoolCalendarEditSchema)
@blp.response(200, SchoolCalendarSchema)
@documents(404, 409)
def patch_school_calendar(
    seen: dict[str, Any], changes: dict[str, Any], calendar_id: str
) -> SchoolCalendar:
    """Change a school calendar; tasks that are published stay."""
    return edit_school_calendar(calendar_id, changes, version=seen["version"], by=caller())
