"""What comes in and goes out around tasks."""

from typing import Any

import marshmallow as ma
from flask import has_request_context
from marshmallow import fields, validate

from api.common_schemas import (
    ID,
    PageQuerySchema,
    lines,
    moment_in,
    moment_out,
    one_line,
)
from api.errors import language
from api.positions_schemas import PositionSchema, datum, datum_or_wgs84, latitude, longitude
from api.task_datums import task_in_wgs84
from ledger import GENERAL_FUND
from people import Role
from rates import FUND_PATTERN
from tasks import KIND_PATTERN, MAX_RADIUS_M, MAX_SLOTS, ClaimFrom, Task, TaskState

MAX_HOLD_MINUTES, MAX_FREE_MINUTES, MAX_LEVEL = 1_440, 10_080, 100


def kind_slug(**more: Any) -> fields.String:
    """The id of a kind of task, as `GET /task-kinds` lists them."""
    return fields.String(validate=validate.Regexp(f"^{KIND_PATTERN}$"), **more)


def names_wanted(said: str) -> fields.List:
    """Names of which a claimer must have one; left out, the task's kind says."""
    return fields.List(
        one_line(1, 50),
        validate=validate.Length(max=20),
        metadata={"description": f"{said}; empty: anybody; left out: as the kind says"},
    )


class CrewNeedSchema(ma.Schema):
    """So many, at least, of a crew must be this."""

    crew_role = fields.String(required=True, metadata={"description": "a role or kind of helper"})
    at_least = fields.Integer(load_default=1, strict=True, validate=validate.Range(1, 100))


class CheckSchema(ma.Schema):
    """One condition of completion and its parameters."""

    check = fields.String(required=True, metadata={"description": "see docs/checks.md"})
    parameters = fields.Dict(load_default=dict)


class TaskDraftSchema(ma.Schema):
    """What a centre writes into a draft."""

    unit_id = fields.String(required=True, validate=ID)
    datum = datum_or_wgs84()
    kind = kind_slug(required=True)
    title = one_line(1, 100, required=True)
    brief = lines(2_000, load_default="")
    address = one_line(1, 200, required=True)
    area = fields.Dict(
        required=True,
        metadata={
            "description": "shape polygon, circle (radius_m) or route (corridor_m) with its "
            "GeoJSON geometry (Polygon, Point, LineString), WGS-84"
        },
    )
    starts_at = moment_in(required=True)
    ends_at = moment_in(required=True)
    slots = fields.Integer(required=True, strict=True, validate=validate.Range(1, MAX_SLOTS))
    roles_wanted = fields.List(
        fields.String(validate=validate.OneOf([role.value for role in Role])),
        validate=validate.Length(max=12),
        metadata={
            "description": "one of these roles is needed to claim; empty: anybody; left out: as "
            "the kind says"
        },
    )
    serves_as_wanted = names_wanted("one of these kinds of helper is needed")
    trades_wanted = names_wanted("one of these trades is needed")
    groups_wanted = names_wanted("members of one of these groups")
    certificates_wanted = names_wanted("all of these certificates are needed, still valid")
    least_level = fields.Integer(strict=True, validate=validate.Range(0, MAX_LEVEL))
    by_order = fields.Boolean(
        metadata={"description": "only those whom an order of the centre asks may claim"}
    )
    is_team = fields.Boolean(
        metadata={"description": "the first claims as leader, others join by the leader's code"}
    )
    crew = fields.List(
        fields.Nested(CrewNeedSchema),
        validate=validate.Length(max=20),
        metadata={"description": "the make-up; left out: as the kind says"},
    )
    hold_minutes = fields.Integer(
        strict=True,
        validate=validate.Range(0, MAX_HOLD_MINUTES),
        metadata={"description": "how long a claim holds after the window opens; 30 if left out"},
    )
    free_until_minutes = fields.Integer(
        strict=True,
        validate=validate.Range(0, MAX_FREE_MINUTES),
        metadata={
            "description": "until so long before the window a claim is given up without a mark; "
            "120 if left out"
        },
    )
    has_waiting_list = fields.Boolean()
    claim_from = fields.String(
        load_default=ClaimFrom.ANYWHERE.value,
        validate=validate.OneOf([rule.value for rule in ClaimFrom]),
    )
    claim_within_m = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(50, 50_000)
    )
    checks = fields.List(
        fields.Nested(CheckSchema),
        validate=validate.Length(1, 20),
        metadata={"description": "left out: the kind's default checks"},
    )
    fund = fields.String(
        load_default=GENERAL_FUND,
        validate=validate.Regexp(FUND_PATTERN),
        metadata={"description": "the fund whose budget pays for it"},
    )

    @ma.post_load
    def stored_in_wgs84(self, content: dict[str, Any], **_: Any) -> dict[str, Any]:
        """The content with its places in WGS-84, which is what is stored."""
        return task_in_wgs84(content, content.pop("datum", "wgs84"))


class TaskDatumQuerySchema(ma.Schema):
    """In which datum the caller's map is."""

    datum = datum_or_wgs84()


class TaskEditSchema(TaskDraftSchema):
    """Any of a draft's fields but its unit; what is left out stays."""

    class Meta:
        exclude = ("unit_id",)

    def __init__(self, **more: Any) -> None:
        super().__init__(partial=True, **more)


class LocationSchema(ma.Schema):
    """A GeoJSON point, WGS-84: [lon, lat]."""

    type = fields.String()
    coordinates = fields.List(fields.Float())


def _kind_name(task: Task) -> str:
    """What the task's kind was called when it was drafted, in the caller's language."""
    name = task.kind_rules.get("name")
    english = has_request_context() and language() == "en"
    return name["en" if english else "zh"] if name else task.kind


class TaskSchema(ma.Schema):
    """A task with everything that its reader may know."""

    id = fields.String()
    unit_id = fields.String()
    place = fields.String()
    place_en = fields.String()
    kind = fields.String()
    kind_name = fields.Function(_kind_name, metadata={"type": "string"})
    title = fields.String()
    brief = fields.String()
    address = fields.String()
    datum = fields.String(
        dump_default="wgs84", metadata={"description": "of area, location and checkpoints"}
    )
    area = fields.Dict()
    location = fields.Nested(LocationSchema)
    starts_at = moment_out()
    ends_at = moment_out()
    slots = fields.Integer()
    slots_left = fields.Integer()
    waiting = fields.Function(
        lambda task: len(task.waiting),
        metadata={"type": "integer", "description": "how many are on the waiting list"},
    )
    roles_wanted = fields.List(fields.String())
    serves_as_wanted = fields.List(fields.String())
    trades_wanted = fields.List(fields.String())
    groups_wanted = fields.List(fields.String())
    certificates_wanted = fields.List(fields.String())
    least_level = fields.Integer()
    by_order = fields.Boolean()
    is_team = fields.Boolean()
    crew = fields.List(fields.Nested(CrewNeedSchema))
    hold_minutes = fields.Integer()
    free_until_minutes = fields.Integer()
    has_waiting_list = fields.Boolean()
    claim_from = fields.String()
    claim_within_m = fields.Integer(allow_none=True)
    checks = fields.List(fields.Nested(CheckSchema))
    state = fields.String()
    version = fields.Integer()
    fund = fields.String()
    coins = fields.Integer(allow_none=True)
    coins_last_months = fields.Integer(
        allow_none=True,
        metadata={
            "description": "for how many months after the one they were earned in its coins may "
            "be spent; null: for ever"
        },
    )
    breakdown = fields.List(fields.Dict())
    caps = fields.List(
        fields.Dict(),
        metadata={"description": "the most one person is paid: {scope, span, most}"},
    )
    published_at = moment_out(allow_none=True)


class TaskPageSchema(ma.Schema):
    """A page of tasks; `next_cursor` is null on the last one."""

    items = fields.List(fields.Nested(TaskSchema))
    next_cursor = fields.String(allow_none=True)


class UnitTasksQuerySchema(PageQuerySchema):
    """Which of a unit's tasks."""

    unit_id = fields.String(required=True, validate=ID)
    state = fields.String(validate=validate.OneOf([state.value for state in TaskState]))


class NearbyQuerySchema(PageQuerySchema):
    """Around where, how far, which tasks."""

    lat = latitude(required=True)
    lon = longitude(required=True)
    datum = datum()
    radius_m = fields.Float(load_default=3_000, validate=validate.Range(1, MAX_RADIUS_M))
    kind = fields.List(
        kind_slug(),
        validate=validate.Length(max=20),
        load_default=list,
        metadata={"description": "may stand several times"},
    )
    starts_before = moment_in(metadata={"description": "only tasks starting before"})
    ends_after = moment_in(metadata={"description": "only tasks ending after"})


class TaskCardSchema(ma.Schema):
    """A task as a resident's list shows it."""

    id = fields.String()
    unit_id = fields.String()
    place = fields.String()
    place_en = fields.String(allow_none=True)
    kind = fields.String()
    title = fields.String()
    address = fields.String()
    position = fields.Nested(PositionSchema, metadata={"description": "in the datum asked"})
    distance_m = fields.Float(metadata={"description": "on the WGS-84 ellipsoid, to 1 mm"})
    starts_at = moment_out()
    ends_at = moment_out()
    slots = fields.Integer()
    slots_left = fields.Integer()
    coins = fields.Integer()


class NearbyPageSchema(ma.Schema):
    """A page of cards, nearest first; `next_cursor` is null on the last one."""

    items = fields.List(fields.Nested(TaskCardSchema))
    next_cursor = fields.String(allow_none=True)
    as_of = moment_out(
        allow_none=True,
        metadata={
            "description": "answered from memory, which has everything confirmed before this "
            "moment, less than a second ago; null where the database itself was asked"
        },
    )


class ClaimSchema(ma.Schema):
    """Where the claimer is; needed where the task says that it matters."""

    position = fields.Nested(PositionSchema, load_default=None, allow_none=True)
