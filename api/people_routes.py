"""People over HTTP: oneself, the real-name step, staff and the roles they hold."""

from typing import Any

from api.blueprint import Blueprint
from api.common_schemas import PageQuerySchema
from api.errors import documents
from api.headers import IfMatchSchema
from api.people_schemas import (
    IdentitySchema,
    MeSchema,
    NewStaffSchema,
    OpeningSchema,
    PersonSchema,
    ProfileSchema,
    RealNameSchema,
    RoleAtUnitSchema,
    TrailPageSchema,
)
from api.signing_in import SIGNED_IN, caller, may_call
from people import (
    Held,
    Identity,
    Person,
    Role,
    add_staff,
    grant_role,
    open_identity,
    own_profile,
    person_of,
    record_real_name,
    revoke_role,
    trail_about,
    update_profile,
)
from shared.cursors import from_cursor, to_cursor
from shared.errors import NotFound

blp = Blueprint("people", __name__, description="People and roles · 人员与角色")


@blp.get("/me")
@may_call(SIGNED_IN)
@blp.response(200, MeSchema)
def get_me() -> dict[str, Any]:
    """The caller, with phone and name masked."""
    return own_profile(person_of(caller().person_id))


@blp.patch("/me")
@may_call(SIGNED_IN)
@documents(409)
@blp.arguments(ProfileSchema)
@blp.arguments(IfMatchSchema, location="headers")
@blp.response(200, MeSchema)
def patch_me(changes: dict[str, Any], header: dict[str, int]) -> dict[str, Any]:
    """Change what the caller says of themselves."""
    return own_profile(update_profile(changes, version=header["version"], by=caller()))


@blp.post("/me/real-name")
@may_call(SIGNED_IN)
@documents(409, 429)
@blp.arguments(RealNameSchema)
@blp.response(201, MeSchema)
def post_real_name(body: dict[str, str]) -> dict[str, Any]:
    """Take the real-name step; the same content again changes nothing."""
    return own_profile(record_real_name(**body, by=caller()))


@blp.post("/people")
@may_call(Role.ADMIN)
@documents(404, 409)
@blp.arguments(NewStaffSchema)
@blp.response(201, PersonSchema)
def post_person(body: dict[str, Any]) -> Person:
    """Add a member of staff with the roles they hold."""
    roles = [Held(**role) for role in body.pop("roles")]
    return add_staff(body.pop("login"), body.pop("password"), roles=roles, **body, by=caller())


@blp.get("/people/<string:person_id>/trail")
@may_call(Role.AUDITOR, Role.OMBUDSMAN, Role.ADMIN)
@documents(404)
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, TrailPageSchema)
def get_trail(query: dict[str, Any], person_id: str) -> dict[str, Any]:
    """Who gave or took this person's roles and who opened their sealed data, newest first."""
    before = from_cursor(query["cursor"], str)[0] if "cursor" in query else ""
    items = trail_about(person_id, before_id=before, limit=query["limit"], by=caller())
    full = len(items) == query["limit"]
    return {"items": items, "next_cursor": to_cursor(items[-1].id) if full else None}


@blp.post("/people/<string:person_id>/identity-openings")
@may_call(Role.OMBUDSMAN, Role.ADMIN)
@documents(404)
@blp.arguments(OpeningSchema)
@blp.response(201, IdentitySchema)
def post_identity_opening(body: dict[str, str], person_id: str) -> Identity:
    """Open what a person's seals hide; the trail says who did, and why."""
    return open_identity(person_id, **body, by=caller())


@blp.post("/people/<string:person_id>/memberships")
@may_call(Role.ADMIN)
@documents(404, 409)
@blp.arguments(RoleAtUnitSchema)
@blp.response(201, PersonSchema)
def post_membership(body: dict[str, Any], person_id: str) -> Person:
    """Let a person hold a role at a unit; who holds it already keeps it as it is."""
    return grant_role(person_id, **body, by=caller())


@blp.delete("/people/<string:person_id>/memberships/<string:unit_id>/<string:role>")
@may_call(Role.ADMIN)
@documents(404, 409)
@blp.response(204)
def delete_membership(person_id: str, unit_id: str, role: str) -> None:
    """Take a role at a unit from a person; repeating changes nothing."""
    if role not in list(Role):
        raise NotFound
    revoke_role(person_id, Role(role), unit_id, by=caller())
