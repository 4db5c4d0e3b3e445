"""Notices on the wire: the words in the caller's language, the facts for an app's own links."""

from typing import Any

import marshmallow as ma
from flask import has_request_context
from marshmallow import fields, validate

from api.common_schemas import PageQuerySchema, moment_out
from api.errors import language
from notices import Notice, NoticeSettings, clock_of, minute_of, template_of, words_of
from shared.i18n import DEFAULT_LANGUAGE

# The length bars a line's end, which "$" lets pass.
CLOCK = [validate.Length(equal=5), validate.Regexp(r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


def _words(notice: Notice) -> dict[str, str]:
    spoken = language() if has_request_context() else DEFAULT_LANGUAGE
    return words_of(notice.name, notice.wording, notice.facts, spoken)


def _clock(field: str) -> fields.Function:
    def said(wishes: NoticeSettings) -> str:
        return clock_of(wishes[field])

    return fields.Function(said, metadata={"type": "string", "example": "22:00"})


class NoticesQuerySchema(PageQuerySchema):
    """Which of the caller's notices."""

    unread = fields.Boolean(load_default=False, metadata={"description": "only those not read"})


class NoticeSchema(ma.Schema):
    """One thing that the caller was told."""

    id = fields.String()
    notice = fields.String(attribute="name", metadata={"description": "its name, for programs"})
    title = fields.Function(lambda notice: _words(notice)["title"], metadata={"type": "string"})
    body = fields.Function(lambda notice: _words(notice)["body"], metadata={"type": "string"})
    urgent = fields.Function(
        lambda notice: template_of(notice.name, notice.wording).urgent,
        metadata={"type": "boolean"},
    )
    facts = fields.Dict(metadata={"description": "what the words speak of, and ids"})
    created_at = moment_out()
    shown_from = moment_out()
    read_at = moment_out(allow_none=True)


class NoticePageSchema(ma.Schema):
    """A page of notices; `next_cursor` is null on the last one."""

    items = fields.List(fields.Nested(NoticeSchema))
    unread = fields.Integer(metadata={"description": "of all notices, counted up to 1,000"})
    next_cursor = fields.String(allow_none=True)


class ReadUpToSchema(ma.Schema):
    """The last notice that was looked at."""

    up_to_id = fields.String(required=True, validate=validate.Length(1, 40))


class ReadSchema(ma.Schema):
    """How many were marked."""

    marked = fields.Integer()
    unread = fields.Integer()


class NoticeSettingsSchema(ma.Schema):
    """The caller's wishes; equal times mean no quiet hours."""

    quiet_from = _clock("quiet_from_minute")
    quiet_until = _clock("quiet_until_minute")
    muted = fields.List(fields.String())


class NoticeSettingsChangeSchema(ma.Schema):
    """Wishes to change; what is left out stays. Times are those of the city's clocks."""

    quiet_from = fields.String(validate=CLOCK, metadata={"example": "22:00"})
    quiet_until = fields.String(validate=CLOCK, metadata={"example": "07:00"})
    muted = fields.List(
        fields.String(validate=validate.Length(1, 60)),
        validate=validate.Length(max=100),
        metadata={"description": "names of notices that are not urgent"},
    )

    @ma.post_load
    def in_minutes(self, wishes: dict[str, Any], **_: Any) -> dict[str, Any]:
        """The times as minutes of the day."""
        for name in ("quiet_from", "quiet_until"):
            if name in wishes:
                wishes[f"{name}_minute"] = minute_of(wishes.pop(name))
        return wishes
