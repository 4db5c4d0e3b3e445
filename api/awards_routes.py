"""Rewards in kind over HTTP: asking for one, and the second officer's say above a bound."""

from typing import Any

from api.awards_schemas import AwardPageSchema, AwardSchema, AwardsQuerySchema, NewAwardSchema
from api.blueprint import Blueprint
from api.errors import documents
from api.headers import IdempotencyKeySchema
from api.signing_in import caller, may_call
from catalog import (
    Award,
    AwardPage,
    AwardState,
    MatterKind,
    approve_award,
    award_in_kind,
    award_of,
    awards_of_unit,
    dismiss_award,
    withdraw_award,
)
from people import Role, person_with_card
from tasks import verified_participation

blp = Blueprint("awards", __name__, description="Rewards in kind, without coins · 实物奖励")

# A reward that waits for a second officer is taken up, not given.
STATUS = {
    AwardState.REQUESTED: 202,
    AwardState.APPROVED: 201,
    AwardState.DISMISSED: 200,
    AwardState.ENDED: 200,
}


@blp.post("/rewards/<string:reward_id>/awards")
@may_call(Role.CENTRE_OFFICER, Role.ADMIN)
@documents(404, 409)
@blp.arguments(NewAwardSchema)
@blp.arguments(IdempotencyKeySchema, location="headers")
@blp.response(201, AwardSchema)
@blp.alt_response(202, schema=AwardSchema, description="It waits for a second officer")
@blp.alt_response(200, schema=AwardSchema, description="This very wish was dismissed, or has ended")
def post_award(wanted: dict[str, Any], header: dict[str, Any], reward_id: str) -> tuple[Award, int]:
    """Reward somebody in kind for a verified matter, out of a fund: once for each matter."""
    matter = wanted["matter"]
    about = {"matter_kind": matter["kind"], "matter_id": matter["id"]}
    about |= {name: wanted[name] for name in ("fund", "grade")}
    person_id = _person_id(wanted)
    by = caller()
    award = award_in_kind(reward_id, person_id, wanted["point_id"], **about, **header, by=by)
    return award, STATUS[award.state]


def _person_id(wanted: dict[str, Any]) -> str:
    """Whom the officer means."""
    matter = wanted["matter"]
    if matter["kind"] is MatterKind.PARTICIPATION:
        return verified_participation(matter["id"], by=caller())
    named: str | None = wanted.get("person_id")
    return named or str(person_with_card(wanted["card"]).id)


@blp.get("/awards")
@may_call(Role.CENTRE_OFFICER, Role.ADMIN)
@documents(404)
@blp.arguments(AwardsQuerySchema, location="query")
@blp.response(200, AwardPageSchema)
def list_awards(query: dict[str, Any]) -> AwardPage:
    """The awards of a unit's rewards, newest first; with `state`, say those that wait."""
    return awards_of_unit(**query, by=caller())


@blp.get("/awards/<string:award_id>")
@may_call(Role.CENTRE_OFFICER, Role.ADMIN)
@documents(404)
@blp.response(200, AwardSchema)
def get_award(award_id: str) -> Award:
    """One award, as it stands."""
    return award_of(award_id, by=caller())


@blp.post("/awards/<string:award_id>/approval")
@may_call(Role.CENTRE_OFFICER, Role.ADMIN)
@documents(404, 409)
@blp.response(201, AwardSchema)
def post_award_approval(award_id: str) -> Award:
    """Approve an award that another officer asked for: its voucher is issued."""
    return approve_award(award_id, by=caller())


@blp.post("/awards/<string:award_id>/dismissal")
@may_call(Role.CENTRE_OFFICER, Role.ADMIN)
@documents(404, 409)
@blp.response(201, AwardSchema)
def post_award_dismissal(award_id: str) -> Award:
    """Dismiss an award that waits, or take back one's own; the matter may be rewarded anew."""
    return dismiss_award(award_id, by=caller())


@blp.post("/awards/<string:award_id>/withdrawal")
@may_call(Role.CENTRE_OFFICER, Role.ADMIN)
@documents(404, 409)
@blp.response(201, AwardSchema)
def post_award_withdrawal(award_id: str) -> Award:
    """Take back what was awarded and not handed over yet: its cost is the fund's again."""
    return withdraw_award(award_id, by=caller())
