"""Kinds of task over HTTP: everybody reads them, an admin of the whole city puts new versions."""

from typing import Any

from api.blueprint import Blueprint
from api.errors import documents
from api.headers import IfMatchSchema
from api.signing_in import SIGNED_IN, caller, may_call
from api.task_kinds_schemas import NewTaskKindSchema, TaskKindListSchema, TaskKindSchema
from people import Role
from tasks import TaskKind, kind_of, put_task_kind, task_kinds

blp = Blueprint("task-kinds", __name__, description="Kinds of task, as data · 任务类型")


@blp.get("/task-kinds")
@may_call(SIGNED_IN)
@blp.response(200, TaskKindListSchema)
def list_task_kinds() -> dict[str, Any]:
    """Every kind of task: its checks, who may claim, what a reviewer must do."""
    return {"items": task_kinds()}


@blp.get("/task-kinds/<string:kind_id>")
@may_call(SIGNED_IN)
@blp.response(200, TaskKindSchema)
@documents(404)
def get_task_kind(kind_id: str) -> TaskKind:
    """One kind of task at its newest version."""
    return kind_of(kind_id)


@blp.put("/task-kinds/<string:kind_id>")
@may_call(Role.ADMIN)
@blp.arguments(IfMatchSchema, location="headers")
@blp.arguments(NewTaskKindSchema)
@blp.response(200, TaskKindSchema)
@documents(409)
def put_kind(seen: dict[str, Any], content: dict[str, Any], kind_id: str) -> TaskKind:
    """Add a kind (If-Match: 0) or its next version; tasks already drafted keep theirs."""
    return put_task_kind(kind_id, content, version=seen["version"], by=caller())
