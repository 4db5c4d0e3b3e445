"""What comes in and goes out around kinds of task."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import lines, moment_out, one_line
from api.tasks_schemas import MAX_LEVEL, CheckSchema, CrewNeedSchema, kind_slug
from people import Role
from tasks import MOVES, REVIEWS


class NameSchema(ma.Schema):
    """A short name in both languages."""

    en = one_line(1, 50, required=True)
    zh = one_line(1, 50, required=True)


class GuideSchema(ma.Schema):
    """What a reviewer must do, in both languages."""

    en = lines(2_000, required=True)
    zh = lines(2_000, required=True)


class CertificateTermsSchema(ma.Schema):
    """The certificate that a verified participation gives."""

    name = kind_slug(required=True)
    lasts_months = fields.Integer(required=True, strict=True, validate=validate.Range(1, 120))


def _names(**more: Any) -> fields.List:
    return fields.List(one_line(1, 50), load_default=list, validate=validate.Length(max=20), **more)


class NewTaskKindSchema(ma.Schema):
    """The next version of a kind of task, whole: what is left out is empty."""

    active = fields.Boolean(
        load_default=True, metadata={"description": "false retires it: no new tasks"}
    )
    name = fields.Nested(NameSchema, required=True)
    moves = fields.String(
        required=True,
        validate=validate.OneOf(MOVES),
        metadata={"description": "which signals and what speed fit"},
    )
    needs_track = fields.Boolean(load_default=True)
    private_place = fields.Boolean(
        load_default=False,
        metadata={
            "description": "address, area and checkpoints only for who holds a slot and the unit's "
            "officers; others see the community"
        },
    )
    required_checks = fields.List(
        fields.String(validate=validate.Length(1, 40)),
        load_default=list,
        validate=validate.Length(max=20),
        metadata={"description": "names of checks that every task of the kind carries"},
    )
    default_checks = fields.List(
        fields.Nested(CheckSchema),
        load_default=list,
        validate=validate.Length(max=20),
        metadata={"description": "the checks of a draft that leaves them out"},
    )
    roles_wanted = fields.List(
        fields.String(validate=validate.OneOf([role.value for role in Role])),
        load_default=list,
        validate=validate.Length(max=12),
    )
    serves_as_wanted = _names()
    trades_wanted = _names()
    groups_wanted = _names()
    certificates_wanted = _names()
    least_level = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, MAX_LEVEL))
    is_team = fields.Boolean(load_default=False)
    roles_needed = fields.List(
        fields.Nested(CrewNeedSchema),
        load_default=list,
        validate=validate.Length(max=20),
        metadata={"description": "the make-up of a crew"},
    )
    review = fields.String(
        load_default="suspicion",
        validate=validate.OneOf(REVIEWS),
        metadata={"description": "when a person looks at work that passed every check"},
    )
    review_guide = fields.Nested(GuideSchema, load_default=None, allow_none=True)
    certificate = fields.Nested(CertificateTermsSchema, load_default=None, allow_none=True)


class TaskKindSchema(NewTaskKindSchema):
    """One version of a kind of task."""

    id = fields.String(attribute="kind_id")
    version = fields.Integer()
    review_guide = fields.Function(
        lambda kind: dict(kind.review_guide) or None, metadata={"type": "object", "nullable": True}
    )
    certificate = fields.Function(
        lambda kind: dict(kind.certificate) or None, metadata={"type": "object", "nullable": True}
    )
    put_at = moment_out(
        allow_none=True, metadata={"description": "null: as it came with the programme"}
    )


class TaskKindListSchema(ma.Schema):
    """Every kind of task at its newest version, retired ones too."""

    items = fields.List(fields.Nested(TaskKindSchema))
