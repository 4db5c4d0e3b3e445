"""People looking at walks, over HTTP: appeals, second looks, withdrawals, the organiser watch."""

from typing import Any

from api.blueprint import Blueprint
from api.errors import documents
from api.headers import IdempotencyKeySchema
from api.participations_schemas import ParticipationSchema, ReviewSchema
from api.reviews_schemas import (
    AppealSchema,
    BlindPageSchema,
    NewAttendanceSchema,
    NewWithdrawalSchema,
    PendingCoinsSchema,
    SecondLookSchema,
    SecondLooksQuerySchema,
    WatchQuerySchema,
    WatchSchema,
    WithdrawalSchema,
)
from api.signing_in import SIGNED_IN, caller, may_call
from people import Role
from shared.cursors import from_cursor, to_cursor
from tasks import (
    Participation,
    PendingCoins,
    SecondLook,
    Withdrawal,
    appeal,
    back_fill,
    coins_pending_of,
    second_looks_of,
    take_second_look,
    watch_organisers,
    withdraw_work,
)

blp = Blueprint("reviews", __name__, description="Reviewing walks, fairly · 复核与申诉")


@blp.post("/participations/<participation_id>/appeals")
@may_call(SIGNED_IN)
@blp.arguments(AppealSchema)
@blp.response(201, ParticipationSchema)
@documents(404, 409)
def post_appeal(objection: dict[str, Any], participation_id: str) -> Participation:
    """Object to a refusal, within 14 days; another reviewer decides."""
    return appeal(participation_id, **objection, by=caller())


@blp.get("/second-looks")
@may_call(Role.CENTRE_OFFICER)
@blp.arguments(SecondLooksQuerySchema, location="query")
@blp.response(200, BlindPageSchema)
@documents(404)
def list_second_looks(query: dict[str, Any]) -> dict[str, Any]:
    """Walks of the sample that the caller may judge again, without their verdicts."""
    after = from_cursor(query["cursor"], str)[0] if "cursor" in query else None
    items = second_looks_of(query["unit_id"], after_id=after, limit=query["limit"], by=caller())
    full = len(items) == query["limit"]
    return {"items": items, "next_cursor": to_cursor(items[-1].id) if full else None}


@blp.post("/participations/<participation_id>/second-look")
@may_call(Role.CENTRE_OFFICER)
@blp.arguments(ReviewSchema)
@blp.response(201, SecondLookSchema)
@documents(404, 409)
def post_second_look(review: dict[str, Any], participation_id: str) -> SecondLook:
    """Judge a walk of the sample again; it changes neither its verdict nor its coins."""
    return take_second_look(participation_id, **review, by=caller())


@blp.post("/tasks/<task_id>/back-filled-attendances")
@may_call(Role.CENTRE_OFFICER)
@blp.arguments(NewAttendanceSchema)
@blp.response(201, ParticipationSchema)
@documents(404, 409)
def post_back_filled_attendance(written: dict[str, Any], task_id: str) -> Participation:
    """Write attendance down afterwards: a second officer decides, and it pays nothing."""
    return back_fill(task_id, written["person_id"], words=written["words"], by=caller())


@blp.post("/people/<person_id>/work-withdrawals")
@may_call(Role.RATE_ADMIN)
@blp.arguments(NewWithdrawalSchema)
@blp.arguments(IdempotencyKeySchema, location="headers")
@blp.response(201, WithdrawalSchema)
@documents(404, 409)
def post_work_withdrawal(
    decision: dict[str, Any], header: dict[str, Any], person_id: str
) -> Withdrawal:
    """Withdraw all work of a proven cheat since a moment, and reverse what it earned."""
    return withdraw_work(person_id, **decision, **header, by=caller())


@blp.get("/units/<unit_id>/organiser-watch")
@may_call(Role.AUDITOR)
@blp.arguments(WatchQuerySchema, location="query")
@blp.response(200, WatchSchema)
@documents(404)
def get_organiser_watch(query: dict[str, Any], unit_id: str) -> dict[str, Any]:
    """Who publishes for whom and who reviews whom, where that is conspicuous."""
    return {"items": watch_organisers(unit_id, since=query["since"], by=caller())}


@blp.get("/me/pending-coins")
@may_call(SIGNED_IN)
@blp.response(200, PendingCoinsSchema)
def get_pending_coins() -> PendingCoins:
    """The coins that the caller's finished walks wait for."""
    return coins_pending_of(caller().person_id)
