"""What is asked of an export of the book."""

import marshmallow as ma
from marshmallow import fields, validate

from ledger import ExportFormat

_MONTH = validate.Regexp(r"^[0-9]{4}-(0[1-9]|1[0-2])$")


class ExportQuerySchema(ma.Schema):
    """Which months, by the effective date in the business time zone, and as what kind of file."""

    file_format = fields.Enum(
        ExportFormat,
        by_value=True,
        required=True,
        data_key="format",
        metadata={"description": "csv, xlsx or beancount"},
    )
    first = fields.String(
        required=True,
        data_key="from",
        validate=_MONTH,
        metadata={"description": "the first month, as 2026-10"},
    )
    last = fields.String(
        required=True,
        data_key="to",
        validate=_MONTH,
        metadata={"description": "the last month, at most 12 after the first"},
    )
