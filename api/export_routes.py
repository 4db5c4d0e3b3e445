"""The book as a file over HTTP, for the city's auditors."""

from typing import Any

from flask import Response

from api.blueprint import Blueprint
from api.errors import documents
from api.export_schemas import ExportQuerySchema
from api.signing_in import caller, may_call
from ledger import ExportFormat, export_in_turn
from people import Role, must_hold_at_root

blp = Blueprint("ledger-exports", __name__, description="The book as a file · 账本导出")

MEDIA_TYPES = {
    ExportFormat.CSV: "text/csv",
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportFormat.BEANCOUNT: "text/plain",
}
_FILE = {"type": "string", "format": "binary"}


@blp.get("/ledger-exports")
@may_call(Role.AUDITOR)
@documents(503)
@blp.arguments(ExportQuerySchema, location="query")
@blp.response(200, _FILE, content_type=MEDIA_TYPES[ExportFormat.CSV])
@blp.alt_response(200, schema=_FILE, content_type=MEDIA_TYPES[ExportFormat.XLSX])
@blp.alt_response(200, schema=_FILE, content_type=MEDIA_TYPES[ExportFormat.BEANCOUNT])
def get_ledger_export(query: dict[str, Any]) -> Response:
    """The entries of up to 13 months as CSV, XLSX or Beancount, for the city's auditors.

    One export at a time in a process: who asks meanwhile is told to come again. Who reads nothing
    for 20 s can lose the turn to another. A connection that breaks off before the last chunk means
    that the file is not whole.
    """
    must_hold_at_root(Role.AUDITOR, by=caller())
    return _attachment(**query)


def _attachment(file_format: ExportFormat, first: str, last: str) -> Response:
    chunks = export_in_turn(file_format, first=first, last=last)
    name = f"ledger-{first}-to-{last}.{file_format}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    # The answer closes the chunks when the caller goes away, which gives the turn back.
    return Response(chunks, mimetype=MEDIA_TYPES[file_format], headers=headers)
