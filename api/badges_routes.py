"""Badges over HTTP: what there are, how far one is, giving and revoking, hiding one's own."""

from typing import Any

from api.badges_schemas import (
    GivenBadgeSchema,
    HeldBadgeListSchema,
    HeldBadgeSchema,
    HideBadgeSchema,
    PutBadgeSchema,
    RevokedBadgeSchema,
    SeenBadgeListSchema,
    SeenBadgeSchema,
)
from api.blueprint import Blueprint
from api.errors import documents
from api.headers import IfMatchSchema
from api.signing_in import SIGNED_IN, caller, may_call
from honours import (
    HeldBadge,
    SeenBadge,
    badge_seen,
    badges_of,
    badges_seen,
    give_badge,
    hide_badge,
    put_badge,
    revoke_badge,
)
from people import Role

blp = Blueprint("badges", __name__, description="Badges, as data · 徽章")


@blp.get("/badges")
@may_call(SIGNED_IN)
@blp.response(200, SeenBadgeListSchema)
def list_badges() -> dict[str, Any]:
    """Every badge in use, with the caller's own progress."""
    return {"items": badges_seen(by=caller())}


@blp.get("/badges/<string:badge_id>")
@may_call(SIGNED_IN)
@documents(404)
@blp.response(200, SeenBadgeSchema)
def get_badge(badge_id: str) -> SeenBadge:
    """One badge at its newest version, in use or retired."""
    return badge_seen(badge_id, by=caller())


@blp.put("/badges/<string:badge_id>")
@may_call(Role.ADMIN, Role.RATE_ADMIN)
@documents(409)
@blp.arguments(IfMatchSchema, location="headers")
@blp.arguments(PutBadgeSchema)
@blp.response(200, SeenBadgeSchema)
def put_new_badge(seen: dict[str, Any], content: dict[str, Any], badge_id: str) -> SeenBadge:
    """Add a badge (If-Match: 0) or its next version; who holds it keeps it."""
    why = content.pop("why")
    put_badge(badge_id, content, version=seen["version"], why=why, by=caller())
    return badge_seen(badge_id, by=caller())


@blp.get("/me/badges")
@may_call(SIGNED_IN)
@blp.response(200, HeldBadgeListSchema)
def list_own_badges() -> dict[str, Any]:
    """The caller's own badges and what became of them, newest first."""
    return {"items": badges_of(caller().person_id, by=caller())}


@blp.put("/me/badges/<string:badge_id>")
@may_call(SIGNED_IN)
@documents(404)
@blp.arguments(HideBadgeSchema)
@blp.response(200, HeldBadgeSchema)
def put_own_badge(wish: dict[str, Any], badge_id: str) -> HeldBadge:
    """Keep one of one's badges from others, or show it again."""
    return hide_badge(badge_id, **wish, by=caller())


@blp.get("/people/<string:person_id>/badges")
@may_call(SIGNED_IN)
@documents(404)
@blp.response(200, HeldBadgeListSchema)
def list_badges_of(person_id: str) -> dict[str, Any]:
    """The badges a person holds and shows, by the day; for their staff all, with words."""
    return {"items": badges_of(person_id, by=caller())}


@blp.post("/people/<string:person_id>/badges")
@may_call(Role.CENTRE_OFFICER, Role.ADMIN)
@documents(404, 409)
@blp.arguments(GivenBadgeSchema)
@blp.response(201, HeldBadgeSchema)
def post_badge(given: dict[str, Any], person_id: str) -> HeldBadge:
    """Give somebody a badge by hand; a repeat gives no second one."""
    return give_badge(person_id, **given, by=caller())


@blp.post("/people/<string:person_id>/badges/revocation")
@may_call(Role.ADMIN)
@documents(404, 409)
@blp.arguments(RevokedBadgeSchema)
@blp.response(200, HeldBadgeSchema)
def post_badge_revocation(revoked: dict[str, Any], person_id: str) -> HeldBadge:
    """Take a badge away for a reason; no count gives it again."""
    return revoke_badge(person_id, **revoked, by=caller())
