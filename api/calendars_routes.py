"""Calendar feeds over HTTP: a secret link for a person or a unit, and the feed behind it."""

from flask import Response

from api.blueprint import Blueprint
from api.errors import documents
from api.limits import limiter
from api.schedules_schemas import CalendarLinkSchema
from api.signing_in import ANYONE, SIGNED_IN, caller, may_call
from people import Role
from tasks import (
    calendar_behind,
    issue_own_link,
    issue_unit_link,
    revoke_own_link,
    revoke_unit_link,
)

blp = Blueprint("calendars", __name__, description="Duties in a calendar app · 日历订阅")

# An app asks once an hour; a guesser of tokens would ask far more often.
FEEDS_PER_ADDRESS = "120 per minute"


@blp.get("/calendars/<string(length=43):token>.ics")
@may_call(ANYONE)
@limiter.limit(FEEDS_PER_ADDRESS)
@documents(404, 429)
@blp.response(200, content_type="text/calendar")
def get_calendar(token: str) -> Response:
    """The feed behind a secret link, as calendar apps read it."""
    feed = Response(calendar_behind(token), content_type="text/calendar; charset=utf-8")
    feed.headers["Cache-Control"] = "private, max-age=300"
    return feed


@blp.post("/me/calendar-link")
@may_call(SIGNED_IN)
@blp.response(201, CalendarLinkSchema)
def post_own_calendar_link() -> dict[str, str]:
    """A new link to the caller's own duties; the one before it stops working."""
    return _shown(issue_own_link(by=caller()))


@blp.delete("/me/calendar-link")
@may_call(SIGNED_IN)
@blp.response(204)
def delete_own_calendar_link() -> None:
    """Let the link to the caller's duties stop working."""
    revoke_own_link(by=caller())


@blp.post("/units/<unit_id>/calendar-link")
@may_call(Role.CENTRE_OFFICER)
@blp.response(201, CalendarLinkSchema)
@documents(404)
def post_unit_calendar_link(unit_id: str) -> dict[str, str]:
    """A new link to what a unit has published; the one before it stops working."""
    return _shown(issue_unit_link(unit_id, by=caller()))


@blp.delete("/units/<unit_id>/calendar-link")
@may_call(Role.CENTRE_OFFICER)
@blp.response(204)
@documents(404)
def delete_unit_calendar_link(unit_id: str) -> None:
    """Let the link to a unit's calendar stop working."""
    revoke_unit_link(unit_id, by=caller())


def _shown(token: str) -> dict[str, str]:
    return {"path": f"/api/v1/calendars/{token}.ics"}
