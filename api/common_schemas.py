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


class PageQuerySchema(ma.Schema):
    """Where a list goes on, and how much of it."""

    cursor = fields.String(validate=validate.Length(max=200))
    limit = fields.Integer(load_default=20, validate=validate.Range(1, 100))
