"""Statements of redemption points over HTTP: read, confirm, dispute, decide, settle, pay."""

from typing import Any

from flask import Response

from api.blueprint import Blueprint
from api.common_schemas import PageQuerySchema
from api.errors import documents, language
from api.point_statements_schemas import (
    NewDecisionSchema,
    NewDisputesSchema,
    NewPaymentSchema,
    PointAccountPageSchema,
    PointAccountsQuerySchema,
    PointStatementLinePageSchema,
    PointStatementPageSchema,
    PointStatementSchema,
    PointStatementsQuerySchema,
    SeenVersionSchema,
    StatementFileQuerySchema,
    StockDaysSchema,
)
from api.signing_in import caller, may_call
from catalog import (
    LinePage,
    PointAccountPage,
    StatementAtPoint,
    StatementFile,
    StatementFormat,
    StatementPage,
    confirm_statement,
    decide_line,
    dispute_lines,
    pay_statement,
    point_accounts,
    point_statement,
    point_statements,
    settle_statement,
    statement_at_point,
    statement_file,
    statement_lines,
    stock_days,
)
from people import Role

blp = Blueprint("point-statements", __name__, description="What points are owed · 兑换点结算")

READERS = (Role.CLERK, Role.CENTRE_OFFICER, Role.ADMIN, Role.AUDITOR)
MEDIA_TYPES = {
    StatementFormat.CSV: "text/csv; charset=utf-8",
    StatementFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    StatementFormat.HTML: "text/html; charset=utf-8",
}
_FILE = {"type": "string", "format": "binary"}


@blp.get("/point-statements")
@may_call(*READERS)
@blp.arguments(PointStatementsQuerySchema, location="query")
@blp.response(200, PointStatementPageSchema)
def list_point_statements(query: dict[str, Any]) -> StatementPage:
    """The statements of the caller's points or of those below the caller's units, latest first."""
    return point_statements(**query, by=caller())


@blp.get("/point-statements/<string:statement_id>")
@may_call(*READERS)
@documents(404)
@blp.response(200, PointStatementSchema)
def get_point_statement(statement_id: str) -> StatementAtPoint:
    """One statement."""
    return point_statement(statement_id, by=caller())


@blp.get("/point-statements/<string:statement_id>/lines")
@may_call(*READERS)
@documents(404)
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, PointStatementLinePageSchema)
def list_point_statement_lines(query: dict[str, Any], statement_id: str) -> LinePage:
    """A statement's lines, by number."""
    return statement_lines(statement_id, **query, by=caller())


@blp.get("/point-statements/<string:statement_id>/stocks")
@may_call(*READERS)
@documents(404)
@blp.response(200, StockDaysSchema)
def list_point_statement_stocks(statement_id: str) -> dict[str, Any]:
    """What the statement's day did to the point's shelf, reward by reward."""
    return {"items": stock_days(point_statement(statement_id, by=caller()))}


@blp.get("/point-statements/<string:statement_id>/file")
@may_call(*READERS)
@documents(404)
@blp.arguments(StatementFileQuerySchema, location="query")
@blp.response(200, _FILE, content_type=MEDIA_TYPES[StatementFormat.HTML])
@blp.alt_response(200, schema=_FILE, content_type=MEDIA_TYPES[StatementFormat.CSV])
@blp.alt_response(200, schema=_FILE, content_type=MEDIA_TYPES[StatementFormat.XLSX])
def get_point_statement_file(query: dict[str, Any], statement_id: str) -> Response:
    """A statement to print and sign (HTML), or to calculate with (XLSX, CSV), in one's language."""
    made = statement_file(statement_id, **query, language=language(), by=caller())
    return _answer(made, query["file_format"])


def _answer(made: StatementFile, file_format: StatementFormat) -> Response:
    shown = "inline" if file_format == StatementFormat.HTML else "attachment"
    headers = {
        "Content-Disposition": f'{shown}; filename="{made.name}"',
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        "Vary": "Accept-Language",
    }
    return Response(made.content, content_type=MEDIA_TYPES[file_format], headers=headers)


@blp.post("/point-statements/<string:statement_id>/confirmation")
@may_call(Role.CLERK)
@documents(404, 409)
@blp.arguments(SeenVersionSchema, location="headers")
@blp.response(201, PointStatementSchema)
def post_statement_confirmation(seen: dict[str, Any], statement_id: str) -> StatementAtPoint:
    """Confirm a statement on the point's side; what was disputed in it stays disputed."""
    return statement_at_point(confirm_statement(statement_id, **seen, by=caller()))


@blp.post("/point-statements/<string:statement_id>/disputes")
@may_call(Role.CLERK)
@documents(404, 409)
@blp.arguments(NewDisputesSchema)
@blp.response(201, PointStatementSchema)
def post_statement_disputes(disputes: dict[str, Any], statement_id: str) -> StatementAtPoint:
    """Dispute lines of a statement not confirmed yet, or claim for those the system disputes."""
    return statement_at_point(dispute_lines(statement_id, disputes["lines"], by=caller()))


@blp.post("/point-statements/<string:statement_id>/lines/<int(max=1000):number>/decision")
@may_call(Role.CENTRE_OFFICER, Role.ADMIN)
@documents(404, 409)
@blp.arguments(NewDecisionSchema)
@blp.response(201, PointStatementSchema)
def post_line_decision(
    decision: dict[str, Any], statement_id: str, number: int
) -> StatementAtPoint:
    """Decide a disputed line: what it counts for, and why."""
    return statement_at_point(decide_line(statement_id, number, **decision, by=caller()))


@blp.post("/point-statements/<string:statement_id>/settlement")
@may_call(Role.CENTRE_OFFICER, Role.ADMIN)
@documents(404, 409)
@blp.arguments(SeenVersionSchema, location="headers")
@blp.response(201, PointStatementSchema)
def post_statement_settlement(seen: dict[str, Any], statement_id: str) -> StatementAtPoint:
    """Settle a confirmed statement: its coins leave the point's account, their value is owed."""
    return statement_at_point(settle_statement(statement_id, **seen, by=caller()))


@blp.post("/point-statements/<string:statement_id>/payment")
@may_call(Role.CENTRE_OFFICER, Role.ADMIN)
@documents(404, 409)
@blp.arguments(NewPaymentSchema)
@blp.response(201, PointStatementSchema)
def post_statement_payment(payment: dict[str, Any], statement_id: str) -> StatementAtPoint:
    """Note that a settled statement was paid: out of which fund, by which transfer."""
    return statement_at_point(pay_statement(statement_id, **payment, by=caller()))


@blp.get("/point-accounts")
@may_call(Role.CENTRE_OFFICER, Role.ADMIN, Role.AUDITOR, Role.CLERK)
@blp.arguments(PointAccountsQuerySchema, location="query")
@blp.response(200, PointAccountPageSchema)
def list_point_accounts(query: dict[str, Any]) -> PointAccountPage:
    """What each point is owed by the book, and the hand-overs and statements that make it up."""
    return point_accounts(**query, by=caller())
