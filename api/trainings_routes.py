"""Trainings over HTTP: attendance by a changing code, a short test, certificates that end."""

from typing import Any

from flask import Response

from api.blueprint import Blueprint
from api.errors import documents
from api.headers import IdempotencyKeySchema
from api.positions_schemas import in_wgs84
from api.qr_codes import qr_svg
from api.signing_in import SIGNED_IN, caller, may_call
from api.trainings_schemas import (
    AnswersSchema,
    AttemptSchema,
    AttendanceSchema,
    AttendSchema,
    CertificateListSchema,
    NewSheetSchema,
    SheetPageSchema,
    SheetSchema,
    SheetsQuerySchema,
    ShownTestSchema,
)
from people import Certificate, Role, certificates_of
from shared.cursors import from_cursor, to_cursor
from tasks import (
    Attendance,
    QuestionSheet,
    ShownTest,
    TestAttempt,
    answer_test,
    attend,
    attendance_code,
    sheet_of,
    sheets_of_unit,
    shown_test,
    write_sheet,
)

blp = Blueprint("trainings", __name__, description="Trainings and certificates · 培训与证书")

_PICTURE = {"type": "string", "format": "binary"}


@blp.get("/tasks/<task_id>/attendance-code.svg")
@may_call(Role.CENTRE_OFFICER)
@documents(404, 409)
@blp.response(200, _PICTURE, content_type="image/svg+xml")
def get_attendance_code(task_id: str) -> Response:
    """The code to show to those who attend, as a QR picture; ask again every 30 seconds."""
    return qr_svg(attendance_code(task_id, by=caller()))


@blp.post("/participations/<participation_id>/attendance")
@may_call(SIGNED_IN)
@documents(404, 409)
@blp.arguments(AttendSchema)
@blp.response(201, AttendanceSchema)
def post_attendance(reading: dict[str, Any], participation_id: str) -> Attendance:
    """Say that the instructor's code was read, and where; the same code counts once."""
    position = in_wgs84(reading["position"])
    return attend(participation_id, code=reading["code"], position=position, by=caller())


@blp.post("/question-sheets")
@may_call(Role.CENTRE_OFFICER)
@documents(404, 409)
@blp.arguments(NewSheetSchema)
@blp.arguments(IdempotencyKeySchema, location="headers")
@blp.response(201, SheetSchema)
def post_question_sheet(sheet: dict[str, Any], header: dict[str, Any]) -> QuestionSheet:
    """Write a question sheet for a unit; another wording is another sheet."""
    return write_sheet(sheet.pop("unit_id"), **sheet, **header, by=caller())


@blp.get("/question-sheets")
@may_call(Role.CENTRE_OFFICER, Role.AUDITOR)
@documents(404)
@blp.arguments(SheetsQuerySchema, location="query")
@blp.response(200, SheetPageSchema)
def list_question_sheets(query: dict[str, Any]) -> dict[str, Any]:
    """A unit's question sheets, newest first."""
    before = from_cursor(query["cursor"], str)[0] if "cursor" in query else None
    limit = query["limit"]
    items = sheets_of_unit(query["unit_id"], before_id=before, limit=limit, by=caller())
    full = len(items) == limit
    return {"items": items, "next_cursor": to_cursor(items[-1].id) if full else None}


@blp.get("/question-sheets/<sheet_id>")
@may_call(Role.CENTRE_OFFICER, Role.AUDITOR)
@documents(404)
@blp.response(200, SheetSchema)
def get_question_sheet(sheet_id: str) -> QuestionSheet:
    """One question sheet with its right answers."""
    return sheet_of(sheet_id, by=caller())


@blp.get("/participations/<participation_id>/test")
@may_call(SIGNED_IN)
@documents(404, 409)
@blp.response(200, ShownTestSchema)
def get_test(participation_id: str) -> ShownTest:
    """The questions to answer, without the answers."""
    return shown_test(participation_id, by=caller())


@blp.post("/participations/<participation_id>/test")
@may_call(SIGNED_IN)
@documents(404, 409)
@blp.arguments(AnswersSchema)
@blp.arguments(IdempotencyKeySchema, location="headers")
@blp.response(201, AttemptSchema)
def post_test(body: dict[str, Any], header: dict[str, Any], participation_id: str) -> TestAttempt:
    """Answer the test; the best of three attempts counts."""
    return answer_test(participation_id, **body, **header, by=caller())


@blp.get("/me/certificates")
@may_call(SIGNED_IN)
@blp.response(200, CertificateListSchema)
def list_my_certificates() -> dict[str, list[Certificate]]:
    """What trainings gave the caller."""
    return {"items": certificates_of(caller().person_id)}
