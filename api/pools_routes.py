"""Pools of codes over HTTP: importing them as CSV, counting them, and opening a ticket."""

from typing import Any

from flask import abort, request
from werkzeug.exceptions import RequestEntityTooLarge

from api.blueprint import Blueprint
from api.errors import documents
from api.headers import IdempotencyKeySchema
from api.pools_schemas import (
    CODES_BODY,
    CodesQuerySchema,
    CodesVoidedSchema,
    CodeVoidingSchema,
    ImportReportSchema,
    OpenedTicketSchema,
    PoolListSchema,
)
from api.signing_in import SIGNED_IN, caller, may_call
from catalog import (
    MOST_CODE_BYTES,
    ImportReport,
    OpenedTicket,
    PoolAtPoint,
    import_codes,
    open_ticket,
    opened_ticket,
    pools_of,
    void_codes,
)
from people import Role

blp = Blueprint("pools", __name__, description="Tickets out of pools of codes · 券码")

CSV_TYPES = ("text/csv", "application/csv", "application/vnd.ms-excel")


@blp.post("/rewards/<string:reward_id>/codes")
@may_call(Role.CENTRE_OFFICER, Role.ADMIN)
@documents(404, 409, 413, 415)
@blp.doc(**CODES_BODY)
@blp.arguments(CodesQuerySchema, location="query")
@blp.arguments(IdempotencyKeySchema, location="headers")
@blp.response(201, ImportReportSchema)
def post_codes(query: dict[str, Any], header: dict[str, Any], reward_id: str) -> ImportReport:
    """Import a CSV file of codes into a ticket's pool; a code that is there adds nothing."""
    return import_codes(reward_id, raw=_file(), **query, **header, by=caller())


def _file() -> bytes:
    """The file as sent. Raises RequestEntityTooLarge, aborts with 415 where it is no CSV."""
    if request.mimetype not in CSV_TYPES:
        abort(415)
    request.max_content_length = MOST_CODE_BYTES
    raw = request.get_data(cache=False)
    # A body that comes in chunks is cut at the limit, and would lose its last codes.
    if request.content_length is None and len(raw) >= MOST_CODE_BYTES:
        raise RequestEntityTooLarge
    return raw


@blp.get("/rewards/<string:reward_id>/codes")
@may_call(Role.CENTRE_OFFICER, Role.ADMIN)
@documents(404)
@blp.response(200, PoolListSchema)
def list_pools(reward_id: str) -> dict[str, list[PoolAtPoint]]:
    """How many of a ticket's codes are free, taken, opened, void at each point; never the codes."""
    return {"items": pools_of(reward_id, by=caller())}


@blp.post("/rewards/<string:reward_id>/code-voidings")
@may_call(Role.CENTRE_OFFICER, Role.ADMIN)
@documents(404)
@blp.arguments(CodeVoidingSchema)
@blp.response(200, CodesVoidedSchema)
def post_code_voiding(body: dict[str, Any], reward_id: str) -> dict[str, int]:
    """Take free codes out of a pool, say a wrong file's; repeating takes out what is left."""
    voided, left = void_codes(reward_id, **body, by=caller())
    return {"voided": voided, "left": left}


@blp.post("/vouchers/<string:voucher_id>/opening")
@may_call(SIGNED_IN)
@documents(404, 409)
@blp.arguments(IdempotencyKeySchema, location="headers")
@blp.response(201, OpenedTicketSchema)
def post_opening(header: dict[str, Any], voucher_id: str) -> OpenedTicket:
    """Open one's own ticket: its code is shown, and it can no longer be cancelled."""
    return open_ticket(voucher_id, **header, by=caller())


@blp.get("/vouchers/<string:voucher_id>/opening")
@may_call(SIGNED_IN)
@documents(404)
@blp.response(200, OpenedTicketSchema)
def get_opening(voucher_id: str) -> OpenedTicket:
    """The code of one's own opened ticket, again."""
    return opened_ticket(voucher_id, by=caller())
