"""Rewards in kind on the wire: what an officer asks for, and how it stands."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import ID, PageQuerySchema, moment_out
from catalog import ALONE_FEN, AwardState, MatterKind
from rates import KIND_PATTERN


class MatterSchema(ma.Schema):
    """The verified matter that a reward is for; one matter, one reward."""

    kind = fields.Enum(MatterKind, by_value=True, required=True)
    id = fields.String(
        required=True,
        validate=validate.Regexp(r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$"),
        metadata={"description": "of a participation its id, else the case's or register's number"},
    )


class NewAwardSchema(ma.Schema):
    """Whom to reward in kind, for what, from which fund.

    Of a participation the person is who took part; otherwise say who, by id or by card.
    """

    point_id = fields.String(required=True, validate=ID)
    fund = fields.String(required=True, validate=validate.Length(1, 64))
    matter = fields.Nested(MatterSchema, required=True)
    grade = fields.String(
        load_default=None,
        validate=validate.Regexp(f"^{KIND_PATTERN}$"),
        metadata={"description": "the matter's, where the rate card in force has grades"},
    )
    person_id = fields.String(validate=ID)
    card = fields.String(
        validate=validate.Length(1, 200),
        metadata={"description": "the text of the person's card, or the code printed below it"},
    )

    @ma.validates_schema
    def _names_one_person(self, said: dict[str, Any], **_: Any) -> None:
        named = sum(name in said for name in ("person_id", "card"))
        of_work = said["matter"]["kind"] is MatterKind.PARTICIPATION
        if named != (0 if of_work else 1):
            raise ma.ValidationError(
                "Of a participation the person is who took part; otherwise name one, once.",
                "person_id",
            )


class AwardsQuerySchema(PageQuerySchema):
    """Which awards to list: of a unit's rewards and those of the units below it."""

    unit_id = fields.String(required=True, validate=ID)
    state = fields.Enum(AwardState, by_value=True)


class AwardSchema(ma.Schema):
    """An award as officers see it."""

    id = fields.String()
    state = fields.Enum(
        AwardState,
        by_value=True,
        metadata={
            "description": "above what the rate card in force lets one officer give "
            f"({ALONE_FEN // 100} yuan where it does not say) it is requested until a second "
            "officer has approved or dismissed it; ended: its voucher was withdrawn, cancelled, "
            "recalled or lapsed"
        },
    )
    reward_id = fields.String()
    point_id = fields.String()
    person_id = fields.String()
    fund = fields.String()
    cost_fen = fields.Integer()
    grade = fields.String(allow_none=True)
    needs_second = fields.Boolean(
        metadata={"description": "above what one officer may give alone: a second one approves it"}
    )
    matter = fields.String(metadata={"description": "its kind and id, with a colon between"})
    asked_by = fields.String()
    asked_at = moment_out()
    decided_by = fields.String(allow_none=True)
    decided_at = moment_out(allow_none=True)
    voucher_id = fields.String(allow_none=True)


class AwardPageSchema(ma.Schema):
    """Awards, newest first."""

    items = fields.List(fields.Nested(AwardSchema), attribute="awards")
    next_cursor = fields.String(allow_none=True)
