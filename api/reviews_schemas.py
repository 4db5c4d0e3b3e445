"""What comes in and goes out where people look at walks: appeals, second looks, withdrawals."""

import marshmallow as ma
from marshmallow import fields

from api.common_schemas import ID, PageQuerySchema, moment_in, moment_out, said
from api.participations_schemas import SignalSchema


class AppealSchema(ma.Schema):
    """Why a refusal is wrong, in the walker's words."""

    words = said(2_000)


class SecondLooksQuerySchema(PageQuerySchema):
    """Whose second looks."""

    unit_id = fields.String(required=True, validate=ID)


class BlindCheckSchema(ma.Schema):
    """One check as a second reviewer sees it: what was measured, not whether that was enough."""

    check = fields.String()
    measured = fields.Float(allow_none=True)
    needed = fields.Float(allow_none=True)
    unit = fields.String()


class BlindWalkSchema(ma.Schema):
    """A walk as a second reviewer sees it: what was measured and shown, and nobody's verdict."""

    id = fields.String()
    task_id = fields.String()
    claimed_at = moment_out()
    started_at = moment_out(allow_none=True)
    finished_at = moment_out(allow_none=True)
    points = fields.Integer()
    distance_m = fields.Float(attribute="verdict.distance_m", allow_none=True)
    duration_s = fields.Float(attribute="verdict.duration_s", allow_none=True)
    checks = fields.List(fields.Nested(BlindCheckSchema), attribute="verdict.checks")
    signals = fields.List(fields.Nested(SignalSchema), attribute="verdict.signals")


class BlindPageSchema(ma.Schema):
    """A page of walks to look at again; `next_cursor` is null on the last one."""

    items = fields.List(fields.Nested(BlindWalkSchema))
    next_cursor = fields.String(allow_none=True)


class SecondLookSchema(ma.Schema):
    """A second look, taken; what the first said stays with who watches the organisers."""

    participation_id = fields.String(attribute="id")
    outcome = fields.String(attribute="looked_outcome")
    words = fields.String()
    looked_at = moment_out()


class NewAttendanceSchema(ma.Schema):
    """Whose attendance is written down afterwards, and why it was not at the time."""

    person_id = fields.String(required=True, validate=ID)
    words = said(500)


class NewWithdrawalSchema(ma.Schema):
    """From when on somebody's work is withdrawn, and on what proof."""

    since = moment_in(required=True)
    words = said(500)


class WithdrawalSchema(ma.Schema):
    """A withdrawal, and how far it has come."""

    id = fields.String()
    person_id = fields.String()
    since = moment_out()
    words = fields.String()
    decided_at = moment_out()
    walk_ids = fields.List(fields.String(), metadata={"description": "participations refused"})
    reversed_entry_ids = fields.List(fields.String())
    waiting_entry_ids = fields.List(
        fields.String(),
        metadata={"description": "rewards whose reversal waits for a second officer"},
    )
    done = fields.Boolean()


class WatchQuerySchema(ma.Schema):
    """Since when; 90 days ago where it is not said, a year at most."""

    since = moment_in(load_default=None)


class ConspicuousSchema(ma.Schema):
    """A pattern, of which organiser and perhaps for whom: where to look, not a proof."""

    pattern = fields.String(
        metadata={
            "description": "one_beneficiary, one_reviewer, second_looks_differ, much_back_filled"
        }
    )
    organiser_id = fields.String()
    person_id = fields.String(allow_none=True)
    count = fields.Integer()
    total = fields.Integer()
    share = fields.Float()


class WatchSchema(ma.Schema):
    """What is conspicuous in a unit, the largest share first."""

    items = fields.List(fields.Nested(ConspicuousSchema))


class PendingCoinsSchema(ma.Schema):
    """Coins that wait for a verdict."""

    coins = fields.Integer()
    walks = fields.Integer()
