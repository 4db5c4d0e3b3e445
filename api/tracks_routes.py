"""Tracks over HTTP: seen, followed while they are walked, erased, and who looked at them."""

from typing import Any

import orjson
from flask import Response

from api.blueprint import Blueprint
from api.common_schemas import PageQuerySchema
from api.errors import documents
from api.participations_schemas import ParticipationSchema
from api.signing_in import SIGNED_IN, caller, may_call
from api.tracks_schemas import (
    ProgressSchema,
    TrackLookPageSchema,
    TrackQuerySchema,
    TrackSchema,
    plain_track,
)
from shared.cursors import from_cursor, to_cursor
from tasks import Participation, erase_track, looks_at, progress_of, seen_track

blp = Blueprint("tracks", __name__, description="Where somebody walked · 轨迹")


@blp.get("/participations/<participation_id>/track")
@may_call(SIGNED_IN)
@blp.arguments(TrackQuerySchema, location="query")
@blp.response(200, TrackSchema)
@documents(404)
def get_track(query: dict[str, Any], participation_id: str) -> Response:
    """A track: whole for its owner, cut near its ends for staff, whose look is logged."""
    shown = plain_track(seen_track(participation_id, query["datum"], by=caller()))
    return Response(orjson.dumps(shown), content_type="application/json")


@blp.get("/participations/<participation_id>/progress")
@may_call(SIGNED_IN)
@blp.response(200, ProgressSchema)
@documents(404, 409)
def get_progress(participation_id: str) -> dict[str, Any]:
    """How the caller's walk stands so far, check by check."""
    return progress_of(participation_id, by=caller()).plain()


@blp.post("/participations/<participation_id>/track-erasure")
@may_call(SIGNED_IN)
@blp.response(201, ParticipationSchema)
@documents(404, 409)
def post_track_erasure(participation_id: str) -> Participation:
    """Erase the positions of one's own judged walk; verdict and coins stay."""
    return erase_track(participation_id, by=caller())


@blp.get("/me/track-looks")
@may_call(SIGNED_IN)
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, TrackLookPageSchema)
def list_my_track_looks(query: dict[str, Any]) -> dict[str, Any]:
    """Who of the staff looked at the caller's tracks, newest first."""
    before = from_cursor(query["cursor"], str)[0] if "cursor" in query else None
    items = looks_at(caller().person_id, before_id=before, limit=query["limit"])
    full = len(items) == query["limit"]
    return {"items": items, "next_cursor": to_cursor(items[-1].id) if full else None}
