"""Tasks over HTTP: a centre's drafts and publications, a resident's list of what is near."""

from typing import Any

from flask import Response

from api.blueprint import Blueprint
from api.errors import documents
from api.headers import IdempotencyKeySchema, IfMatchSchema
from api.nearby_pages import nearby_page
from api.participations_schemas import ParticipationSchema
from api.positions_schemas import in_wgs84
from api.signing_in import SIGNED_IN, caller, may_call
from api.task_datums import TaskInDatum
from api.tasks_schemas import (
    ClaimSchema,
    NearbyPageSchema,
    NearbyQuerySchema,
    TaskDatumQuerySchema,
    TaskDraftSchema,
    TaskEditSchema,
    TaskPageSchema,
    TaskSchema,
    UnitTasksQuerySchema,
)
from people import Role
from shared.cursors import from_cursor, to_cursor
from tasks import (
    Nearby,
    Participation,
    Task,
    cancel_task,
    claim_task,
    draft_task,
    edit_task,
    publish_task,
    seen_task,
    tasks_near,
    tasks_of_unit,
)

blp = Blueprint("tasks", __name__, description="What volunteers are asked to do · 任务")


@blp.get("/tasks/nearby")
@may_call(SIGNED_IN, lately=True)
@blp.arguments(NearbyQuerySchema, location="query")
@blp.response(200, NearbyPageSchema)
def list_tasks_nearby(query: dict[str, Any]) -> Response:
    """Open tasks with a free slot around a position, nearest first."""
    page = nearby_page(tasks_near(_asked(query)), query["limit"], query["datum"])
    return Response(page, content_type="application/json")


def _asked(query: dict[str, Any]) -> Nearby:
    lat, lon = in_wgs84(query)
    after = tuple(from_cursor(query["cursor"], int, str)) if "cursor" in query else None
    return Nearby(
        lat,
        lon,
        query["radius_m"],
        query["limit"],
        kinds=tuple(query["kind"]),
        starts_before=query.get("starts_before"),
        ends_after=query.get("ends_after"),
        after=after,  # type: ignore[arg-type]
    )


@blp.get("/tasks")
@may_call(Role.CENTRE_OFFICER, Role.AUDITOR)
@blp.arguments(UnitTasksQuerySchema, location="query")
@blp.response(200, TaskPageSchema)
@documents(404)
def list_tasks(query: dict[str, Any]) -> dict[str, Any]:
    """A unit's own tasks, drafts among them, newest first."""
    before = from_cursor(query["cursor"], str)[0] if "cursor" in query else None
    items = tasks_of_unit(
        query["unit_id"],
        state=query.get("state"),
        before_id=before,
        limit=query["limit"],
        by=caller(),
    )
    full = len(items) == query["limit"]
    return {"items": items, "next_cursor": to_cursor(items[-1].id) if full else None}


@blp.post("/tasks")
@may_call(Role.CENTRE_OFFICER)
@blp.arguments(TaskDraftSchema)
@blp.arguments(IdempotencyKeySchema, location="headers")
@blp.response(201, TaskSchema)
@documents(404, 409)
def post_task(content: dict[str, Any], header: dict[str, Any]) -> Task:
    """Draft a task for a unit."""
    return draft_task(content.pop("unit_id"), content, **header, by=caller())


@blp.get("/tasks/<task_id>")
@may_call(SIGNED_IN)
@blp.arguments(TaskDatumQuerySchema, location="query")
@blp.response(200, TaskSchema)
@documents(404)
def get_task(query: dict[str, Any], task_id: str) -> TaskInDatum:
    """One task with its area and its checks, in the datum of the caller's map."""
    return TaskInDatum(seen_task(task_id, by=caller()), query["datum"])


@blp.patch("/tasks/<task_id>")
@may_call(Role.CENTRE_OFFICER)
@blp.arguments(IfMatchSchema, location="headers")
@blp.arguments(TaskEditSchema)
@blp.response(200, TaskSchema)
@documents(404, 409)
def patch_task(seen: dict[str, Any], changes: dict[str, Any], task_id: str) -> Task:
    """Change a draft."""
    return edit_task(task_id, changes, version=seen["version"], by=caller())


@blp.post("/tasks/<task_id>/publication")
@may_call(Role.CENTRE_OFFICER)
@blp.response(201, TaskSchema)
@documents(404, 409, 422)
def post_publication(task_id: str) -> Task:
    """Publish a draft: its price is frozen and its coins are set aside from the budget."""
    return publish_task(task_id, by=caller())


@blp.post("/tasks/<task_id>/cancellation")
@may_call(Role.CENTRE_OFFICER)
@blp.response(201, TaskSchema)
@documents(404, 409)
def post_task_cancellation(task_id: str) -> Task:
    """Call a task off; walks under way are still judged and paid."""
    return cancel_task(task_id, by=caller())


@blp.post("/tasks/<task_id>/claims")
@may_call(SIGNED_IN)
@blp.arguments(ClaimSchema, required=False)
@blp.response(201, ParticipationSchema)
@documents(404, 409)
def post_claim(where: dict[str, Any], task_id: str) -> Participation:
    """Claim a slot; claiming again answers the standing claim."""
    position = in_wgs84(where["position"]) if where["position"] else None
    return claim_task(task_id, position=position, by=caller())
