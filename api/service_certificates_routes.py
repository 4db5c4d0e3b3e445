"""Certificates of service over HTTP: issued to oneself, printed, proven to anybody who asks."""

from typing import Any

from flask import Response, request

from api.blueprint import Blueprint
from api.errors import documents, language
from api.headers import IdempotencyKeySchema
from api.limits import limiter
from api.service_certificates_schemas import (
    CertificateKeysSchema,
    CertificatesQuerySchema,
    LanguageQuerySchema,
    NewCertificateSchema,
    OwnCertificatePageSchema,
    OwnCertificateSchema,
    ProvenCertificateSchema,
)
from api.signing_in import ANYONE, SIGNED_IN, caller, may_call
from honours import (
    CertificateKey,
    CertificateNotFound,
    OwnCertificate,
    OwnCertificatePage,
    PrintedCertificate,
    ProvenCertificate,
    certificate_html,
    certificate_keys,
    certificate_to_print,
    certify_service,
    own_certificate,
    own_certificates,
    proof_html,
    proven_certificate,
    take_back_certificate,
)

blp = Blueprint(
    "service-certificates", __name__, description="Certificates of service · 志愿服务证明"
)

# Numbers hold 80 random bits; this keeps the questions themselves from costing much.
PROOFS_PER_ADDRESS = "60 per minute; 1000 per day"
# What the number may look like as people type it; an id will do as well.
_NAMED = [
    {
        "in": "path",
        "name": "certificate_id",
        "schema": {"type": "string", "pattern": "^[0-9A-Za-z -]{18,80}$"},
        "description": "the number on the paper, however it is typed, or the id",
    }
]
_HTML = "text/html; charset=utf-8"
_PAGE = {"type": "string"}
_HEADERS = {
    # A page with a name on it: kept by nobody, fetches nothing, runs nothing, is framed nowhere.
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


@blp.post("/me/service-certificates")
@may_call(SIGNED_IN)
@documents(404, 409, 429)
@blp.arguments(NewCertificateSchema)
@blp.arguments(IdempotencyKeySchema, location="headers")
@blp.response(201, OwnCertificateSchema)
def post_own_certificate(wanted: dict[str, Any], header: dict[str, Any]) -> OwnCertificate:
    """Certify one's own verified work of some days, signed; it never changes afterwards."""
    made = certify_service(**wanted, **header, by=caller())
    return own_certificate(made.id, by=caller())


@blp.get("/me/service-certificates")
@may_call(SIGNED_IN)
@blp.arguments(CertificatesQuerySchema, location="query")
@blp.response(200, OwnCertificatePageSchema)
def list_own_certificates(query: dict[str, Any]) -> OwnCertificatePage:
    """One's own certificates, newest first."""
    return own_certificates(**query, by=caller())


@blp.get("/service-certificates/<string:certificate_id>/page")
@may_call(SIGNED_IN)
@documents(404)
@blp.arguments(LanguageQuerySchema, location="query")
@blp.response(200, _PAGE, content_type="text/html")
def get_certificate_page(query: dict[str, Any], certificate_id: str) -> Response:
    """One's own certificate as a page to print, the name in full, its QR leading to the proof."""
    own, standing = certificate_to_print(certificate_id, by=caller())
    page = PrintedCertificate(
        facts=own.facts,
        real_name=own.real_name,
        name_key=own.name_key,
        standing=standing.value,
        address=f"{request.host_url}api/v1/service-certificates/{own.number}/verification",
        language=query.get("language") or language(),
    )
    return _html(certificate_html(page))


@blp.post("/service-certificates/<string:certificate_id>/revocation")
@may_call(SIGNED_IN)
@documents(404)
@blp.response(201, OwnCertificateSchema)
def post_certificate_revocation(certificate_id: str) -> OwnCertificate:
    """Take one's own certificate back: strangers are told that alone, name and figures no more."""
    return take_back_certificate(certificate_id, by=caller())


@blp.get("/service-certificates/<string:certificate_id>", parameters=_NAMED)
@may_call(ANYONE)
@limiter.limit(PROOFS_PER_ADDRESS)
@documents(404, 429)
@blp.response(200, ProvenCertificateSchema)
def get_proven_certificate(certificate_id: str) -> ProvenCertificate:
    """Whether a certificate (by id or by the number on the paper) is genuine and stands now."""
    return proven_certificate(certificate_id)


@blp.get("/service-certificates/<string:certificate_id>/verification")
@may_call(ANYONE)
@limiter.limit(PROOFS_PER_ADDRESS)
@documents(429)
@blp.arguments(LanguageQuerySchema, location="query")
@blp.response(200, _PAGE, content_type="text/html")
def get_certificate_verification(query: dict[str, Any], certificate_id: str) -> Response:
    """The same as a page for whoever scanned the QR on the paper; of what is none of ours too."""
    said_in = query.get("language") or language()
    try:
        return _html(proof_html(proven_certificate(certificate_id), said_in))
    except CertificateNotFound:
        return _html(proof_html(None, said_in))


@blp.get("/certificate-keys")
@may_call(ANYONE)
@blp.response(200, CertificateKeysSchema)
def get_certificate_keys() -> dict[str, list[CertificateKey]]:
    """The public keys by which certificates are checked without us, earlier ones included."""
    return {"keys": certificate_keys()}


def _html(page: str) -> Response:
    return Response(page, content_type=_HTML, headers=_HEADERS)
