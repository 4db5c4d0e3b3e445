"""The log of changes over HTTP: what was changed of the rules, by whom and why."""

from typing import Any

from api.blueprint import Blueprint
from api.changes_schemas import ChangePageSchema, ChangesQuerySchema
from api.errors import documents
from api.signing_in import caller, may_call
from people import ChangePage, Role, changes_page

blp = Blueprint("changes", __name__, description="What was changed of the rules · 规则变更记录")


@blp.get("/units/<string:unit_id>/changes")
@may_call(Role.RATE_ADMIN, Role.CENTRE_OFFICER, Role.AUDITOR, Role.ADMIN)
@documents(404)
@blp.arguments(ChangesQuerySchema, location="query")
@blp.response(200, ChangePageSchema)
def list_changes(query: dict[str, Any], unit_id: str) -> ChangePage:
    """The changes of the rules of a unit and of all below it, newest first."""
    return changes_page(unit_id, **query, by=caller())
