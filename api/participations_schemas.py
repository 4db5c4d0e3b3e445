"""What comes in and goes out around participations."""

import marshmallow as ma
from flask import has_request_context
from marshmallow import fields, validate

from api.common_schemas import ID, PageQuerySchema, moment_in, moment_out, said
from api.errors import language
from api.positions_schemas import datum
from shared.i18n import DEFAULT_LANGUAGE
from tasks import MAX_BATCH_POINTS, REJECTIONS


def _in_language(sentences: dict[str, str]) -> str:
    return sentences[language() if has_request_context() else DEFAULT_LANGUAGE]


class CheckOutcomeSchema(ma.Schema):
    """One check: what was measured, what was needed, and why it passed or not."""

    check = fields.String()
    passed = fields.Boolean()
    measured = fields.Float(allow_none=True)
    needed = fields.Float(allow_none=True)
    unit = fields.String()
    reason = fields.Function(
        lambda outcome: _in_language(outcome["reason"]), metadata={"type": "string"}
    )


class SignalSchema(ma.Schema):
    """One reason for suspicion: it sends a walk to a person, and refuses nothing by itself."""

    signal = fields.String()
    weight = fields.Integer(metadata={"description": "from 50 points in all a person looks"})
    measured = fields.Float(allow_none=True)
    needed = fields.Float(allow_none=True)
    reason = fields.Function(
        lambda signal: _in_language(signal["reason"]), metadata={"type": "string"}
    )


class SignalForReviewersSchema(SignalSchema):
    """A reason for suspicion with what it is about: other walks and people, for reviewers alone."""

    about = fields.Dict(metadata={"description": "ids of the participations and people concerned"})


class VerdictSchema(ma.Schema):
    """The outcome of all checks."""

    number = fields.Integer()
    outcome = fields.String(metadata={"description": "verified, refused or needs_review"})
    checks = fields.List(fields.Nested(CheckOutcomeSchema))
    distance_m = fields.Float()
    duration_s = fields.Float()
    points_kept = fields.Integer()
    points_dropped = fields.Dict(keys=fields.String(), values=fields.Integer())
    signals = fields.List(fields.Nested(SignalSchema))
    score = fields.Integer()
    reason = fields.Function(
        lambda verdict: _in_language(verdict.reason), metadata={"type": "string"}
    )
    reviewer_words = fields.String(allow_none=True)
    judged_at = moment_out()


class VerdictForReviewersSchema(VerdictSchema):
    """The outcome of all checks, and what the suspicion is about."""

    signals = fields.List(fields.Nested(SignalForReviewersSchema))


class AppealedSchema(ma.Schema):
    """What the walker said against a refusal."""

    against = fields.Integer(metadata={"description": "the number of the verdict"})
    words = fields.String()
    appealed_at = moment_out()


class PauseSchema(ma.Schema):
    """Minutes that a reported incident took; `until_at` lies ahead while it lasts."""

    from_at = moment_out()
    until_at = moment_out()
    words = fields.String()


class MeetingSchema(ma.Schema):
    """When the captain's phone read the card."""

    at = moment_out()


class ParticipationSchema(ma.Schema):
    """One volunteer's go at one task."""

    id = fields.String()
    task_id = fields.String()
    person_id = fields.String()
    state = fields.String()
    starts_at = moment_out()
    ends_at = moment_out()
    kind = fields.String(allow_none=True)
    coins = fields.Integer(metadata={"description": "the most that a verified walk pays"})
    on_duty = fields.Boolean(
        metadata={"description": "an hour of duty of a paid member: it earns no coins"}
    )
    paid_coins = fields.Integer(
        allow_none=True, metadata={"description": "what it was paid; null until it is settled"}
    )
    capped = fields.List(
        fields.Dict(),
        metadata={"description": "what the caps on a person cut: {part, coins, en, zh-CN}"},
    )
    claimed_at = moment_out()
    held_until = moment_out(
        allow_none=True, metadata={"description": "start by then, or the slot goes on to others"}
    )
    free_until = moment_out(
        allow_none=True, metadata={"description": "given up by then, no mark is left"}
    )
    extensions = fields.Integer(metadata={"description": "how often the claim was held longer"})
    offered_until = moment_out(
        allow_none=True, metadata={"description": "confirm a slot from the waiting list by then"}
    )
    missed = fields.Boolean(
        metadata={"description": "given up late or never started; three in 30 days count"}
    )
    order_id = fields.String(allow_none=True)
    crew_role = fields.String(allow_none=True)
    team_of = fields.String(
        allow_none=True, metadata={"description": "the participation of the team's leader"}
    )
    vouched_by = fields.String(
        allow_none=True, metadata={"description": "the participation of the captain who vouches"}
    )
    meetings = fields.List(fields.Nested(MeetingSchema))
    pauses = fields.List(fields.Nested(PauseSchema))
    started_at = moment_out(allow_none=True)
    finished_at = moment_out(allow_none=True)
    points = fields.Integer(metadata={"description": "positions kept so far"})
    verdict = fields.Nested(VerdictSchema, allow_none=True)
    appeals = fields.List(fields.Nested(AppealedSchema))
    back_filled_by = fields.String(
        allow_none=True, metadata={"description": "the officer who wrote it down afterwards"}
    )
    track_erased_at = moment_out(allow_none=True)
    settled = fields.Boolean(metadata={"description": "true once nothing more follows"})
    reward_entry_id = fields.String(allow_none=True)


class WaitingWalkSchema(ParticipationSchema):
    """A participation as its reviewer sees it."""

    verdict = fields.Nested(VerdictForReviewersSchema, allow_none=True)


class WaitingWalkPageSchema(ma.Schema):
    """A page of walks that wait for a reviewer; `next_cursor` is null on the last one."""

    items = fields.List(fields.Nested(WaitingWalkSchema))
    next_cursor = fields.String(allow_none=True)


class ParticipationPageSchema(ma.Schema):
    """A page of participations; `next_cursor` is null on the last one."""

    items = fields.List(fields.Nested(ParticipationSchema))
    next_cursor = fields.String(allow_none=True)


class TrackPointsSchema(ma.Schema):
    """One upload of positions, in any order."""

    upload_key = fields.String(
        required=True,
        validate=validate.Regexp(r"^[\x21-\x7e]{1,100}$"),
        metadata={"description": "the phone's own name for this upload; repeat with the same"},
    )
    datum = datum()
    device = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Regexp(r"^[\x21-\x7e]{8,100}$"),
        metadata={"description": "the installation's own lasting name, kept only as a keyed hash"},
    )
    points = fields.List(
        fields.Raw(
            metadata={
                "description": "{at: RFC 3339, lat, lon, accuracy_m?, altitude_m?, mock?, "
                "segment_start?}; a bad one "
                "is reported in the receipt, the others are kept",
                "type": "object",
            }
        ),
        required=True,
        validate=validate.Length(1, MAX_BATCH_POINTS),
    )


class RejectedPointSchema(ma.Schema):
    """A point that was not kept: its place in the batch and why."""

    index = fields.Integer()
    code = fields.String()
    reason = fields.Function(
        lambda point: _in_language(REJECTIONS[point["code"]].both()), metadata={"type": "string"}
    )


class ReceiptSchema(ma.Schema):
    """What became of an upload."""

    upload_key = fields.String()
    accepted = fields.Integer()
    rejected = fields.List(fields.Nested(RejectedPointSchema))
    received_at = moment_out()
    repeated = fields.Boolean(metadata={"description": "true where this upload was known"})


class FinishSchema(ma.Schema):
    """When the walk ended, for a phone that was off line then."""

    finished_at = moment_in(load_default=None, allow_none=True)


class ReviewSchema(ma.Schema):
    """A reviewer's verdict."""

    verified = fields.Boolean(required=True, truthy={True}, falsy={False})
    reason = said(500)


class ReviewsQuerySchema(PageQuerySchema):
    """Whose waiting walks."""

    unit_id = fields.String(required=True, validate=ID)
