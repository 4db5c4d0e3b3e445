"""Claims over HTTP: leases, waiting lists, teams, and members without a smartphone."""

from typing import Any

from flask import Response

from api.blueprint import Blueprint
from api.claims_schemas import (
    CompanionSchema,
    ExtensionSchema,
    IncidentSchema,
    TeamCodeSchema,
    TeamMemberSchema,
)
from api.errors import documents
from api.participations_schemas import ParticipationSchema
from api.positions_schemas import in_wgs84
from api.qr_codes import qr_svg
from api.signing_in import SIGNED_IN, caller, may_call
from api.tasks_schemas import ClaimSchema
from people import Role
from tasks import (
    Participation,
    TeamCode,
    confirm_offer,
    extend_claim,
    join_team,
    join_waiting_list,
    leave_waiting_list,
    pause_participation,
    resume_participation,
    team_code_of,
    vouch_for,
)

blp = Blueprint("claims", __name__, description="Holding a place in a task · 领取与候补")


@blp.post("/participations/<participation_id>/extension")
@may_call(SIGNED_IN)
@blp.arguments(ExtensionSchema)
@blp.response(201, ParticipationSchema)
@documents(404, 409)
def post_extension(which: dict[str, Any], participation_id: str) -> Participation:
    """Hold a claim a quarter of an hour longer, at most twice and within the task's window."""
    return extend_claim(participation_id, which["number"], by=caller())


@blp.post("/participations/<participation_id>/pause")
@may_call(SIGNED_IN)
@blp.arguments(IncidentSchema)
@blp.response(201, ParticipationSchema)
@documents(404, 409)
def post_pause(incident: dict[str, Any], participation_id: str) -> Participation:
    """Report an incident: lease and window stop for up to an hour, and the centre is told."""
    return pause_participation(participation_id, incident["words"], by=caller())


@blp.post("/participations/<participation_id>/resumption")
@may_call(SIGNED_IN)
@blp.response(201, ParticipationSchema)
@documents(404, 409)
def post_resumption(participation_id: str) -> Participation:
    """Go on after an incident."""
    return resume_participation(participation_id, by=caller())


@blp.post("/participations/<participation_id>/confirmation")
@may_call(SIGNED_IN)
@blp.response(201, ParticipationSchema)
@documents(404, 409)
def post_confirmation(participation_id: str) -> Participation:
    """Take the slot that the waiting list offers, in time."""
    return confirm_offer(participation_id, by=caller())


@blp.post("/tasks/<task_id>/waiting-places")
@may_call(SIGNED_IN)
@blp.arguments(ClaimSchema, required=False)
@blp.response(201, ParticipationSchema)
@documents(404, 409)
def post_waiting_place(where: dict[str, Any], task_id: str) -> Participation:
    """Wait for a slot of a full task; whoever waits longest is offered the next that frees."""
    position = in_wgs84(where["position"]) if where["position"] else None
    return join_waiting_list(task_id, position=position, by=caller())


@blp.delete("/tasks/<task_id>/waiting-places")
@may_call(SIGNED_IN)
@blp.response(204)
@documents(404)
def delete_waiting_place(task_id: str) -> None:
    """Leave the waiting list; the others move up."""
    leave_waiting_list(task_id, by=caller())


@blp.get("/participations/<participation_id>/team-code")
@may_call(SIGNED_IN)
@blp.response(200, TeamCodeSchema)
@documents(404, 409)
def get_team_code(participation_id: str) -> TeamCode:
    """The code by which others join the caller's team; it changes every minute."""
    return team_code_of(participation_id, by=caller())


@blp.get("/participations/<participation_id>/team-code.svg")
@may_call(SIGNED_IN)
@blp.response(200, content_type="image/svg+xml")
@documents(404, 409)
def get_team_code_picture(participation_id: str) -> Response:
    """The team's code as a QR picture, for the others' cameras."""
    return qr_svg(team_code_of(participation_id, by=caller()).code)


@blp.post("/tasks/<task_id>/team-members")
@may_call(SIGNED_IN)
@blp.arguments(TeamMemberSchema)
@blp.response(201, ParticipationSchema)
@documents(404, 409)
def post_team_member(joining: dict[str, Any], task_id: str) -> Participation:
    """Join a team by its leader's code, inside the task's area: claimed and started in one go."""
    position = in_wgs84(joining["position"])
    return join_team(task_id, joining["code"], position=position, by=caller())


@blp.post("/participations/<participation_id>/companions")
@may_call(Role.CAPTAIN)
@blp.arguments(CompanionSchema)
@blp.response(201, ParticipationSchema)
@documents(404, 409)
def post_companion(read: dict[str, Any], participation_id: str) -> Participation:
    """Read the card of a member without a smartphone: the first time, and again while walking."""
    position = in_wgs84(read["position"])
    return vouch_for(participation_id, read["card"], position=position, by=caller())
