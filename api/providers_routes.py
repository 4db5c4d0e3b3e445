"""Providers over HTTP: put by admins, watched by officers, and what they call back."""

from typing import Any

from flask import Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from api.blueprint import Blueprint
from api.common_schemas import PageQuerySchema
from api.errors import documents
from api.headers import IfMatchSchema
from api.limits import limiter
from api.providers_schemas import (
    CallBackSchema,
    CallBackTakenSchema,
    ClosingSchema,
    DayQuerySchema,
    DeliveriesOfProviderQuerySchema,
    DiscrepancyPageSchema,
    DiscrepancySchema,
    NewProviderSchema,
    ProviderListSchema,
    ProviderSchema,
    ReportPageSchema,
    ReportSchema,
    SettlementByHandSchema,
    TopUpDeliveryPageSchema,
    TopUpDeliverySchema,
)
from api.signing_in import ANYONE, SIGNED_IN, caller, may_call
from catalog import (
    MOST_FILE_BYTES,
    Discrepancy,
    Provider,
    ProviderPage,
    ReconciliationReport,
    SignedRequest,
    TopUpDelivery,
    close_discrepancy,
    deliveries_by,
    deliveries_csv,
    delivery_of,
    discrepancies_of,
    providers_in_reach,
    put_provider,
    reconcile,
    report_of,
    reports_of,
    seen_provider,
    settle_delivery,
    take_call_back,
)
from notices import SIGNATURE_HEADER
from people import Role

blp = Blueprint("providers", __name__, description="Providers of top-ups · 充值供应商")

OFFICERS = (Role.CENTRE_OFFICER, Role.ADMIN)
CSV = "text/csv; charset=utf-8"
FILE_BODY = {
    "requestBody": {
        "required": True,
        "description": "a CSV file in UTF-8 with the columns of docs/providers.md; 10 MB at most",
        "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}},
    }
}
# Far above what a provider has to tell, and far below what would keep us from anything else; each
# is one signature to check.
CALL_BACKS_PER_ADDRESS = "1200 per minute"


@blp.get("/providers")
@may_call(*OFFICERS)
@blp.response(200, ProviderListSchema)
def list_providers() -> dict[str, list[Provider]]:
    """The providers paid at points in the caller's reach."""
    return {"items": providers_in_reach(by=caller())}


@blp.get("/providers/<string:provider_id>")
@may_call(*OFFICERS)
@documents(404)
@blp.response(200, ProviderSchema)
def get_provider(provider_id: str) -> Provider:
    """One provider, and how it fares."""
    return seen_provider(provider_id, by=caller())


@blp.put("/providers/<string:provider_id>")
@may_call(Role.ADMIN)
@documents(404, 409)
@blp.arguments(IfMatchSchema, location="headers")
@blp.arguments(NewProviderSchema)
@blp.response(200, ProviderSchema)
def put_one(seen: dict[str, Any], body: dict[str, Any], provider_id: str) -> Provider:
    """Add a provider (If-Match: 0) or change it; another secret rotates it."""
    return put_provider(provider_id, **body, **seen, by=caller())


@blp.get("/providers/<string:provider_id>/deliveries")
@may_call(*OFFICERS)
@documents(404)
@blp.arguments(DeliveriesOfProviderQuerySchema, location="query")
@blp.response(200, TopUpDeliveryPageSchema)
def list_provider_deliveries(query: dict[str, Any], provider_id: str) -> ProviderPage:
    """A provider's deliveries, newest first."""
    return deliveries_by(provider_id, **query, by=caller())


@blp.get("/providers/<string:provider_id>/deliveries.csv")
@may_call(*OFFICERS)
@documents(404)
@blp.arguments(DayQuerySchema, location="query")
@blp.response(200, {"type": "string"}, content_type="text/csv")
def get_deliveries_csv(query: dict[str, Any], provider_id: str) -> Response:
    """Our side of a day, to compare with the provider's: what ended that day, without phones."""
    lines = deliveries_csv(provider_id, query["day"], by=caller())
    return Response(lines, content_type=CSV)


@blp.post("/providers/<string:provider_id>/reconciliations")
@may_call(*OFFICERS)
@documents(404, 413)
@blp.doc(**FILE_BODY)
@blp.arguments(DayQuerySchema, location="query")
@blp.response(201, ReportSchema)
def post_reconciliation(query: dict[str, Any], provider_id: str) -> ReconciliationReport:
    """Bring the provider's file of a day as the body, CSV; the same file is the same report.

    It ends nothing by itself: of what is unknown its lines are proposals for a second officer.
    """
    return reconcile(provider_id, query["day"], _file(), by=caller())


def _file() -> bytes:
    """The file as sent. Raises RequestEntityTooLarge."""
    request.max_content_length = MOST_FILE_BYTES
    raw = request.get_data(cache=False)
    # A body that comes in chunks is cut at the limit, and would lose its last lines.
    if request.content_length is None and len(raw) >= MOST_FILE_BYTES:
        raise RequestEntityTooLarge
    return raw


@blp.get("/providers/<string:provider_id>/reconciliations")
@may_call(*OFFICERS)
@documents(404)
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, ReportPageSchema)
def list_reconciliations(query: dict[str, Any], provider_id: str) -> ProviderPage:
    """What the provider's files came to, newest first."""
    return reports_of(provider_id, **query, by=caller())


@blp.get("/providers/<string:provider_id>/reconciliations/<string:report_id>")
@may_call(*OFFICERS)
@documents(404)
@blp.response(200, ReportSchema)
def get_reconciliation(provider_id: str, report_id: str) -> ReconciliationReport:
    """One report with the lines that do not simply agree."""
    return report_of(provider_id, report_id, by=caller())


@blp.get("/providers/<string:provider_id>/discrepancies")
@may_call(*OFFICERS)
@documents(404)
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, DiscrepancyPageSchema)
def list_discrepancies(query: dict[str, Any], provider_id: str) -> ProviderPage:
    """Where the provider contradicts our books, newest first."""
    return discrepancies_of(provider_id, **query, by=caller())


@blp.post("/providers/<string:provider_id>/discrepancies/<string:discrepancy_id>/closing")
@may_call(*OFFICERS)
@documents(404, 409)
@blp.arguments(ClosingSchema)
@blp.response(200, DiscrepancySchema)
def post_closing(body: dict[str, str], provider_id: str, discrepancy_id: str) -> Discrepancy:
    """Close a discrepancy with words of what was found out; no coin moves."""
    return close_discrepancy(provider_id, discrepancy_id, **body, by=caller())


@blp.get("/deliveries/<string:delivery_id>")
@may_call(SIGNED_IN)
@documents(404)
@blp.response(200, TopUpDeliverySchema)
def get_delivery(delivery_id: str) -> TopUpDelivery:
    """Where a top-up stands: for who it is for, and for officers."""
    return delivery_of(delivery_id, by=caller())


@blp.post("/deliveries/<string:delivery_id>/settlement")
@may_call(*OFFICERS)
@documents(404, 409)
@blp.arguments(SettlementByHandSchema)
@blp.response(200, TopUpDeliverySchema)
def post_settlement(body: dict[str, str], delivery_id: str) -> TopUpDelivery:
    """Say what became of a delivery in doubt; a second officer who says the same ends it."""
    return settle_delivery(delivery_id, **body, by=caller())


@blp.post("/provider-callbacks/<string:provider_id>")
@may_call(ANYONE)
@limiter.limit(CALL_BACKS_PER_ADDRESS)
@documents(401, 404, 409, 429)
@blp.arguments(CallBackSchema)
@blp.response(200, CallBackTakenSchema)
def post_call_back(body: dict[str, Any], provider_id: str) -> dict[str, str]:
    """A provider's own news, signed; the same event again is answered the same."""
    signature = request.headers.get(SIGNATURE_HEADER, "")
    came = SignedRequest(signature, request.method, request.path, request.get_data(cache=True))
    key, news = take_call_back(provider_id, body, came)
    return {"key": key, "news": news.value}
