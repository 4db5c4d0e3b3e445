"""What several nouns' schemas share: ids, moments, pages."""

from datetime import UTC, datetime
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from shared.ids import ID_PATTERN

ID = validate.Regexp(ID_PATTERN)
# Far ends of the calendar cannot be turned to UTC.
_SPAN = validate.Range(datetime(2000, 1, 1, tzinfo=UTC), datetime(2101, 1, 1, tzinfo=UTC))


def moment_in(**more: Any) -> fields.AwareDateTime:
    """A time as callers send it: RFC 3339 with its offset, between 2000 and 2100."""
    return fields.AwareDateTime(format="iso", validate=_SPAN, **more)


def moment_out(**more: Any) -> fields.AwareDateTime:
    """A time as it is answered: RFC 3339, UTC."""
    return fields.AwareDateTime(format="iso", default_timezone=UTC, **more)


# Neither only blanks nor anything hidden: control signs, and those that turn the writing round.
_HIDDEN = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff"
_ONE_LINE = validate.Regexp(rf"^(?=.*\S)[^\n\t{_HIDDEN}]*$")
_LINES = validate.Regexp(rf"^[^{_HIDDEN}]*$")


def one_line(least: int, most: int, **more: Any) -> fields.String:
    """A text of one line that people can read, `least` to `most` signs long."""
    return fields.String(validate=[validate.Length(least, most), _ONE_LINE], **more)


def lines(most: int, **more: Any) -> fields.String:
    """A text of several lines, of `most` signs, perhaps empty."""
    return fields.String(validate=[validate.Length(max=most), _LINES], **more)


def said(most: int, **more: Any) -> fields.String:
    """What somebody must say: a text of several lines, of `most` signs and not only blanks."""
    shown = validate.Regexp(rf"^(?=[\s\S]*\S)[^{_HIDDEN}]*$")
    return fields.String(required=True, validate=[validate.Length(1, most), shown], **more)


class PageQuerySchema(ma.Schema):
    """Where a list goes on, and how much of it."""

    cursor = fields.String(validate=validate.Length(max=200))
    limit = fields.Integer(load_default=20, validate=validate.Range(1, 100))
