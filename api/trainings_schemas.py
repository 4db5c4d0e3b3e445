"""What comes in and goes out around trainings: attendance, question sheets, tests, certificates."""

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import ID, PageQuerySchema, moment_out, one_line
from api.positions_schemas import PositionSchema

# As many as a sheet may hold; the room says the same of what it takes.
_QUESTIONS, _OPTIONS = validate.Length(1, 50), validate.Length(2, 10)


def _place() -> fields.Integer:
    """An option by its place in a list, from 0."""
    return fields.Integer(strict=True, validate=validate.Range(0, 9))


class AttendSchema(ma.Schema):
    """The instructor's code as it was read, and where."""

    code = fields.String(required=True, validate=validate.Length(1, 200))
    position = fields.Nested(PositionSchema, required=True)


class AttendanceSchema(ma.Schema):
    """One reading of the code."""

    id = fields.String()
    participation_id = fields.String()
    attended_at = moment_out()


class QuestionSchema(ma.Schema):
    """A question, its options, and the places of the right ones from 0."""

    text = one_line(1, 500, required=True)
    options = fields.List(one_line(1, 200), required=True, validate=_OPTIONS)
    right = fields.List(_place(), required=True, validate=validate.Length(1, 10))


class NewSheetSchema(ma.Schema):
    """A question sheet of a unit; it is never changed."""

    unit_id = fields.String(required=True, validate=ID)
    title = one_line(1, 100, required=True)
    questions = fields.List(fields.Nested(QuestionSchema), required=True, validate=_QUESTIONS)


class SheetSchema(ma.Schema):
    """A question sheet with its right answers."""

    id = fields.String()
    unit_id = fields.String()
    title = fields.String()
    questions = fields.List(fields.Nested(QuestionSchema))
    created_by = fields.String()
    created_at = moment_out()


class SheetsQuerySchema(PageQuerySchema):
    """Whose sheets."""

    unit_id = fields.String(required=True, validate=ID)


class SheetPageSchema(ma.Schema):
    """A page of sheets; `next_cursor` is null on the last one."""

    items = fields.List(fields.Nested(SheetSchema))
    next_cursor = fields.String(allow_none=True)


class ShownQuestionSchema(ma.Schema):
    """A question as it is asked: its options in an order of this participation's own."""

    text = fields.String()
    options = fields.List(fields.String())
    several = fields.Boolean(metadata={"description": "whether more than one option is right"})


class ShownTestSchema(ma.Schema):
    """The test that a participation has to answer."""

    sheet_id = fields.String()
    title = fields.String()
    min_share = fields.Float(allow_none=True)
    questions = fields.List(fields.Nested(ShownQuestionSchema))
    attempts_left = fields.Integer()
    best_share = fields.Float(allow_none=True)


class AnswersSchema(ma.Schema):
    """For each question the places of the chosen options, from 0, as they were shown."""

    answers = fields.List(
        fields.List(_place(), validate=validate.Length(max=10)),
        required=True,
        validate=_QUESTIONS,
    )


class AttemptSchema(ma.Schema):
    """One attempt at a test and what it scored; which answers were right is not told."""

    id = fields.String()
    participation_id = fields.String()
    number = fields.Integer()
    share = fields.Float(metadata={"description": "of the questions, answered rightly, 0 to 1"})
    taken_at = moment_out()


class CertificateSchema(ma.Schema):
    """What a training gave; without `ends_at` it does not end."""

    name = fields.String()
    given_at = moment_out()
    ends_at = moment_out(allow_none=True)
    participation_id = fields.String(attribute="about_id")


class CertificateListSchema(ma.Schema):
    """The caller's certificates, newest first, ended ones too."""

    items = fields.List(fields.Nested(CertificateSchema))
