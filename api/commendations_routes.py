"""Commendations over HTTP: anybody nominates, officers check and award, whom it is for consents."""

from typing import Any

from api.blueprint import Blueprint
from api.commendations_schemas import (
    CommendationCheckSchema,
    CommendationPageSchema,
    CommendationReasonSchema,
    CommendationSchema,
    ConsentSchema,
    NewCommendationSchema,
    OwnQuerySchema,
    PublicCommendationPageSchema,
    PublicQuerySchema,
    UnitQuerySchema,
)
from api.common_schemas import PageQuerySchema
from api.errors import documents
from api.headers import IdempotencyKeySchema
from api.signing_in import ANYONE, SIGNED_IN, caller, may_call
from honours import (
    Commendation,
    PublicPage,
    SeenPage,
    award_commendation,
    check_commendation,
    commendations_by_unit,
    commendations_of_unit,
    decline_commendation,
    give_consent,
    nominate,
    own_commendations,
    public_commendations,
    seen_after,
    seen_commendation,
    take_consent_back,
    withdraw_commendation,
)
from people import Role

blp = Blueprint("commendations", __name__, description="Commendations and brave deeds · 表彰")

CHECKERS = (Role.CENTRE_OFFICER, Role.POLICE_OFFICER, Role.ADMIN)
AWARDERS = (Role.CENTRE_OFFICER, Role.ADMIN)


@blp.get("/commendations")
@may_call(ANYONE)
@documents(404)
@blp.arguments(PublicQuerySchema, location="query")
@blp.response(200, PublicCommendationPageSchema)
def list_commendations(query: dict[str, Any]) -> PublicPage:
    """What is public, by consent of whom it is for: the newest award first."""
    return public_commendations(**query)


@blp.post("/commendations")
@may_call(SIGNED_IN)
@documents(404, 409, 429)
@blp.arguments(NewCommendationSchema)
@blp.arguments(IdempotencyKeySchema, location="headers")
@blp.response(201, CommendationSchema)
def post_commendation(wanted: dict[str, Any], header: dict[str, Any]) -> dict[str, Any]:
    """Nominate somebody else, a unit or a brave deed; an officer of the unit looks into it."""
    return _seen(nominate(**wanted, **header, by=caller()))


@blp.get("/me/commendations")
@may_call(SIGNED_IN)
@blp.arguments(OwnQuerySchema, location="query")
@blp.response(200, CommendationPageSchema)
def list_own_commendations(query: dict[str, Any]) -> SeenPage:
    """The commendations awarded to the caller; with `side=nominator` those the caller asked for."""
    return own_commendations(**query, by=caller())


@blp.get("/units/<string:unit_id>/commendations")
@may_call(*CHECKERS)
@documents(404)
@blp.arguments(UnitQuerySchema, location="query")
@blp.response(200, CommendationPageSchema)
def list_unit_commendations(query: dict[str, Any], unit_id: str) -> SeenPage:
    """What a unit and those below it award or are asked to; with `state`, say those that wait."""
    return commendations_by_unit(unit_id, **query, by=caller())


@blp.get("/units/<string:unit_id>/received-commendations")
@may_call(SIGNED_IN)
@documents(403, 404)
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, CommendationPageSchema)
def list_received_commendations(query: dict[str, Any], unit_id: str) -> SeenPage:
    """The commendations awarded to a unit, to its own officers, who consent for it."""
    return commendations_of_unit(unit_id, **query, by=caller())


@blp.get("/commendations/<string:commendation_id>")
@may_call(SIGNED_IN)
@documents(404)
@blp.response(200, CommendationSchema)
def get_commendation(commendation_id: str) -> dict[str, Any]:
    """One commendation, as the caller's side of it sees it."""
    return seen_commendation(commendation_id, by=caller()).shown()


@blp.post("/commendations/<string:commendation_id>/check")
@may_call(*CHECKERS)
@documents(404, 409)
@blp.arguments(CommendationCheckSchema)
@blp.response(201, CommendationSchema)
def post_commendation_check(said: dict[str, Any], commendation_id: str) -> dict[str, Any]:
    """Say what was found, as a second person."""
    return _seen(check_commendation(commendation_id, **said, by=caller()))


@blp.post("/commendations/<string:commendation_id>/award")
@may_call(*AWARDERS)
@documents(404, 409)
@blp.arguments(CommendationReasonSchema)
@blp.response(201, CommendationSchema)
def post_commendation_award(said: dict[str, Any], commendation_id: str) -> dict[str, Any]:
    """Award what was checked, in the unit's name, as a third person."""
    return _seen(award_commendation(commendation_id, **said, by=caller()))


@blp.post("/commendations/<string:commendation_id>/decline")
@may_call(*CHECKERS)
@documents(404, 409)
@blp.arguments(CommendationReasonSchema)
@blp.response(201, CommendationSchema)
def post_commendation_decline(said: dict[str, Any], commendation_id: str) -> dict[str, Any]:
    """Decline a nomination, checked or not; who nominated is told why."""
    return _seen(decline_commendation(commendation_id, **said, by=caller()))


@blp.post("/commendations/<string:commendation_id>/withdrawal")
@may_call(SIGNED_IN)
@documents(403, 404, 409)
@blp.arguments(CommendationReasonSchema)
@blp.response(201, CommendationSchema)
def post_commendation_withdrawal(said: dict[str, Any], commendation_id: str) -> dict[str, Any]:
    """Take one's nomination back, or as an officer an award: it is public no more."""
    return _seen(withdraw_commendation(commendation_id, **said, by=caller()))


@blp.put("/commendations/<string:commendation_id>/consent")
@may_call(SIGNED_IN)
@documents(404, 409)
@blp.arguments(ConsentSchema)
@blp.response(200, CommendationSchema)
def put_commendation_consent(said: dict[str, Any], commendation_id: str) -> dict[str, Any]:
    """Let an award be public, under the name one chooses; for a unit its officers do."""
    return _seen(give_consent(commendation_id, **said, by=caller()))


@blp.delete("/commendations/<string:commendation_id>/consent")
@may_call(SIGNED_IN)
@documents(404)
@blp.response(200, CommendationSchema)
def delete_commendation_consent(commendation_id: str) -> dict[str, Any]:
    """Let it be public no more, at any time."""
    return _seen(take_consent_back(commendation_id, by=caller()))


def _seen(changed: Commendation) -> dict[str, Any]:
    return seen_after(changed, by=caller()).shown()
