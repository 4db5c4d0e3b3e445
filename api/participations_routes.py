"""Participations over HTTP: start, positions, finish, verdict, review."""

from typing import Any

from api.blueprint import Blueprint
from api.common_schemas import PageQuerySchema
from api.errors import documents
from api.participations_schemas import (
    FinishSchema,
    ParticipationPageSchema,
    ParticipationSchema,
    ReceiptSchema,
    ReviewSchema,
    ReviewsQuerySchema,
    TrackPointsSchema,
    WaitingWalkPageSchema,
)
from api.signing_in import SIGNED_IN, caller, may_call
from people import Role
from shared.cursors import from_cursor, to_cursor
from tasks import (
    Participation,
    Receipt,
    finish_participation,
    give_up_participation,
    in_review_of,
    participation_of,
    participations_of,
    review_participation,
    start_participation,
    store_positions,
)

blp = Blueprint("participations", __name__, description="Taking part, and the walk · 参与")


@blp.get("/me/participations")
@may_call(SIGNED_IN)
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, ParticipationPageSchema)
def list_my_participations(query: dict[str, Any]) -> dict[str, Any]:
    """The caller's participations, newest first."""
    before = from_cursor(query["cursor"], str)[0] if "cursor" in query else None
    items = participations_of(caller().person_id, before_id=before, limit=query["limit"])
    full = len(items) == query["limit"]
    return {"items": items, "next_cursor": to_cursor(items[-1].id) if full else None}


@blp.get("/participations/<participation_id>")
@may_call(SIGNED_IN)
@blp.response(200, ParticipationSchema)
@documents(404)
def get_participation(participation_id: str) -> Participation:
    """One participation with its verdict."""
    return participation_of(participation_id, by=caller())


@blp.post("/participations/<participation_id>/start")
@may_call(SIGNED_IN)
@blp.response(201, ParticipationSchema)
@documents(404, 409)
def post_start(participation_id: str) -> Participation:
    """Start walking, from 15 minutes before the window to its end."""
    return start_participation(participation_id, by=caller())


@blp.post("/participations/<participation_id>/track-points")
@may_call(SIGNED_IN)
@blp.arguments(TrackPointsSchema)
@blp.response(201, ReceiptSchema)
@documents(404, 409, 413)
def post_track_points(upload: dict[str, Any], participation_id: str) -> Receipt:
    """Send positions: batches may come late, doubled and in any order."""
    batch = upload.pop("points")
    return store_positions(participation_id, batch=batch, **upload, by=caller())


@blp.post("/participations/<participation_id>/finish")
@may_call(SIGNED_IN)
@blp.arguments(FinishSchema, required=False)
@blp.response(201, ParticipationSchema)
@documents(404, 409)
def post_finish(when: dict[str, Any], participation_id: str) -> Participation:
    """Finish; send it once every upload was answered."""
    return finish_participation(participation_id, finished_at=when["finished_at"], by=caller())


@blp.post("/participations/<participation_id>/giving-up")
@may_call(SIGNED_IN)
@blp.response(201, ParticipationSchema)
@documents(404, 409)
def post_giving_up(participation_id: str) -> Participation:
    """Give a claim or a waiting place back before the start; late, it is marked as missed."""
    return give_up_participation(participation_id, by=caller())


@blp.get("/participations/in-review")
@may_call(Role.CENTRE_OFFICER)
@blp.arguments(ReviewsQuerySchema, location="query")
@blp.response(200, WaitingWalkPageSchema)
@documents(404)
def list_in_review(query: dict[str, Any]) -> dict[str, Any]:
    """The walks of a unit that wait for a reviewer, oldest claim first."""
    after = from_cursor(query["cursor"], str)[0] if "cursor" in query else None
    items = in_review_of(query["unit_id"], after_id=after, limit=query["limit"], by=caller())
    full = len(items) == query["limit"]
    return {"items": items, "next_cursor": to_cursor(items[-1].id) if full else None}


@blp.post("/participations/<participation_id>/reviews")
@may_call(Role.CENTRE_OFFICER)
@blp.arguments(ReviewSchema)
@blp.response(201, ParticipationSchema)
@documents(404, 409)
def post_review(review: dict[str, Any], participation_id: str) -> Participation:
    """Decide a walk that the checks alone could not decide."""
    return review_participation(participation_id, **review, by=caller())
