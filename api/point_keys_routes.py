"""A redemption point's devices over HTTP: their keys, and what they handed over while offline."""

from typing import Any

from api.blueprint import Blueprint
from api.common_schemas import PageQuerySchema
from api.errors import documents
from api.headers import IdempotencyKeySchema
from api.point_keys_schemas import (
    HandOverPageSchema,
    HandOversSchema,
    MadePointKeySchema,
    NewHandOversSchema,
    NewPointKeySchema,
    PointKeyListSchema,
    PointKeySchema,
    RevocationSchema,
)
from api.scans_schemas import PointKeyHeaderSchema
from api.signing_in import caller, may_call
from catalog import (
    BroughtIn,
    HandOverPage,
    MadePointKey,
    NewHandOver,
    PointKey,
    bring_in_hand_overs,
    hand_overs_at,
    make_point_key,
    point_keys_of,
    revoke_point_key,
)
from people import Role

blp = Blueprint("point_keys", __name__, description="The devices of a point · 兑换点设备")


@blp.post("/points/<string:point_id>/keys")
@may_call(Role.CENTRE_OFFICER, Role.ADMIN)
@documents(404, 409)
@blp.arguments(NewPointKeySchema)
@blp.arguments(IdempotencyKeySchema, location="headers")
@blp.response(201, MadePointKeySchema, headers={"Cache-Control": {"schema": {"type": "string"}}})
def post_point_key(
    body: dict[str, Any], header: dict[str, str], point_id: str
) -> tuple[MadePointKey, int, dict[str, str]]:
    """Make a device's key: from the first one on, the point is scanned at only with one."""
    made = make_point_key(point_id, **body, **header, by=caller())
    return made, 201, {"Cache-Control": "no-store"}


@blp.get("/points/<string:point_id>/keys")
@may_call(Role.CENTRE_OFFICER, Role.ADMIN, Role.CLERK)
@documents(404)
@blp.response(200, PointKeyListSchema)
def list_point_keys(point_id: str) -> dict[str, list[PointKey]]:
    """A point's keys, revoked ones too, without their secrets."""
    return {"items": point_keys_of(point_id, by=caller())}


@blp.post("/point-keys/<string:key_id>/revocation")
@may_call(Role.CENTRE_OFFICER, Role.ADMIN, Role.CLERK)
@documents(404)
@blp.arguments(RevocationSchema)
@blp.response(201, PointKeySchema)
def post_revocation(body: dict[str, Any], key_id: str) -> PointKey:
    """Revoke a key for good and at once, say of a device that was stolen."""
    return revoke_point_key(key_id, **body, by=caller())


@blp.post("/points/<string:point_id>/offline-hand-overs")
@may_call(Role.CLERK)
@documents(404, 429)
@blp.arguments(NewHandOversSchema)
@blp.arguments(PointKeyHeaderSchema, location="headers")
@blp.response(201, HandOversSchema)
def post_hand_overs(queue: dict[str, Any], header: dict[str, str], point_id: str) -> BroughtIn:
    """Bring in what a device handed over while offline: each line accepted or disputed, once.

    Of a line whose key was another line's the outcome is `conflict`: send it under a new key.
    """
    items = [NewHandOver(**line) for line in queue["items"]]
    return bring_in_hand_overs(point_id, items, **header, by=caller())


@blp.get("/points/<string:point_id>/offline-hand-overs")
@may_call(Role.CLERK, Role.CENTRE_OFFICER, Role.ADMIN)
@documents(404)
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, HandOverPageSchema)
def list_hand_overs(query: dict[str, Any], point_id: str) -> HandOverPage:
    """What was brought in at a point, newest first, with its outcome."""
    return hand_overs_at(point_id, **query, by=caller())
