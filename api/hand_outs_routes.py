"""Hand-outs and duty logs over HTTP: what was brought where, and what closed a duty."""

from typing import Any

from api.blueprint import Blueprint
from api.errors import documents
from api.hand_outs_schemas import (
    DutyLogSchema,
    HandOutSchema,
    HandOutSheetSchema,
    NewDutyLogSchema,
    NewHandOutSchema,
    PeriodQuerySchema,
    UnitHandOutsSchema,
)
from api.headers import IdempotencyKeySchema
from api.signing_in import SIGNED_IN, caller, may_call
from people import Role
from tasks import (
    DutyLog,
    HandOut,
    HandOutSheet,
    UnitHandOuts,
    duty_log_of,
    hand_out,
    hand_outs_in,
    hand_outs_of,
    log_duty,
    void_hand_out,
)

blp = Blueprint("hand-outs", __name__, description="Hand-outs and duty logs · 发放与值守日志")


@blp.post("/participations/<participation_id>/hand-outs")
@may_call(SIGNED_IN)
@documents(404, 409)
@blp.arguments(NewHandOutSchema)
@blp.arguments(IdempotencyKeySchema, location="headers")
@blp.response(201, HandOutSchema)
def post_hand_out(line: dict[str, Any], header: dict[str, Any], participation_id: str) -> HandOut:
    """Count what was handed out or put up at one place."""
    return hand_out(participation_id, **line, **header, by=caller())


@blp.post("/participations/<participation_id>/hand-outs/<hand_out_id>/voiding")
@may_call(SIGNED_IN)
@documents(404, 409)
@blp.response(201, HandOutSchema)
def post_voiding(participation_id: str, hand_out_id: str) -> HandOut:
    """Void a line that was wrong; it stays readable and counts no more."""
    return void_hand_out(participation_id, hand_out_id, by=caller())


@blp.get("/participations/<participation_id>/hand-outs")
@may_call(SIGNED_IN)
@documents(404)
@blp.response(200, HandOutSheetSchema)
def get_hand_outs(participation_id: str) -> HandOutSheet:
    """The lines, the sums per item and place, and the places that were not reached."""
    return hand_outs_of(participation_id, by=caller())


@blp.get("/units/<unit_id>/hand-outs")
@may_call(Role.CENTRE_OFFICER, Role.AUDITOR)
@documents(404)
@blp.arguments(PeriodQuerySchema, location="query")
@blp.response(200, UnitHandOutsSchema)
def get_unit_hand_outs(query: dict[str, Any], unit_id: str) -> UnitHandOuts:
    """What a unit's tasks brought where over a period, and which compounds were not reached."""
    return hand_outs_in(unit_id, query["since"], query["until"], by=caller())


@blp.post("/participations/<participation_id>/log")
@may_call(SIGNED_IN)
@documents(404, 409)
@blp.arguments(NewDutyLogSchema)
@blp.response(201, DutyLogSchema)
def post_duty_log(log: dict[str, Any], participation_id: str) -> DutyLog:
    """Close the duty by its log, which finishes it where the task asks for one."""
    return log_duty(participation_id, **log, by=caller())


@blp.get("/participations/<participation_id>/log")
@may_call(SIGNED_IN)
@documents(404)
@blp.response(200, DutyLogSchema)
def get_duty_log(participation_id: str) -> DutyLog:
    """The log of a duty."""
    return duty_log_of(participation_id, by=caller())
