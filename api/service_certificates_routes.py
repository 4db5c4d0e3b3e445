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
    NameCheckedSchema,
    NameCheckSchema,
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
    is_name_of,
    own_certificate,
    own_certificates,
    proof_html,
    proven_certificate,
    take_back_certificate,
)
from settings import settings

blp = Blueprint(
    "service-certificates", __name__, description="Certificates of service · 志愿服务证明"
)

# Numbers hold 80 random bits; this keeps the questions themselves from costing much.
PROOFS_PER_ADDRESS = "60 per minute; 1000 per day"
# One count for them all: whoever asks for the page asks for the same as in JSON.
_LIMITED = limiter.shared_limit(PROOFS_PER_ADDRESS, scope="certificate-proofs")
# What the number may look like as people type it; an id will do as well.
_NAMED = [
    {
        "in": "path",
        "name": "certificate_id",
        "schema": {"type": "string", "pattern": "^[0-9A-Za-z -]{18,80}$"},
        "description": "the number on the paper, however it is typed, or the id",
    }
]
# Below the address that is set, never the one a request happened to name.
_PROOF = "/api/v1/service-certificates/{}/verification"
_HTML = "text/html; charset=utf-8"
_PAGE = {"type": "string"}
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; "
_HEADERS = {
    # A page with a name on it: kept by nobody, fetches nothing, runs nothing, is framed nowhere.
    "Cache-Control": "no-store",
    "Content-Security-Policy": f"{_POLICY}form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
# The page of proof sends one form, to itself.
_ASKING = {"Content-Security-Policy": f"{_POLICY}form-action 'self'"}


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
        address=f"{settings().public_url}{_PROOF.format(own.number)}",
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
@_LIMITED
@documents(404, 429)
@blp.response(200, ProvenCertificateSchema)
def get_proven_certificate(certificate_id: str) -> ProvenCertificate:
    """Whether a certificate (by id or by the number on the paper) is genuine and stands now."""
    return proven_certificate(certificate_id)


@blp.get("/service-certificates/<string:certificate_id>/verification")
@may_call(ANYONE)
@_LIMITED
@documents(429)
@blp.arguments(LanguageQuerySchema, location="query")
@blp.response(200, _PAGE, content_type="text/html")
def get_certificate_verification(query: dict[str, Any], certificate_id: str) -> Response:
    """The same as a page for whoever scanned the QR on the paper; of what is none of ours too."""
    return _proof(query, certificate_id)


@blp.post("/service-certificates/<string:certificate_id>/verification")
@may_call(ANYONE)
@_LIMITED
@documents(429)
@blp.arguments(LanguageQuerySchema, location="query")
@blp.response(200, _PAGE, content_type="text/html")
def post_certificate_verification(query: dict[str, Any], certificate_id: str) -> Response:
    """The same page; it says as well whether its form's `name` and `name_key` are the paper's."""
    typed = {name: request.form.get(name, "") for name in ("name", "name_key")}
    return _proof(query, certificate_id, **typed)


@blp.post("/service-certificates/<string:certificate_id>/name-check")
@may_call(ANYONE)
@_LIMITED
@documents(404, 429)
@blp.arguments(NameCheckSchema)
@blp.response(200, NameCheckedSchema)
def post_name_check(typed: dict[str, Any], certificate_id: str) -> dict[str, bool]:
    """Whether the whole name on a paper is the one certified; asks for the paper's name key."""
    return {"is_name": is_name_of(certificate_id, **typed)}


@blp.get("/certificate-keys")
@may_call(ANYONE)
@blp.response(200, CertificateKeysSchema)
def get_certificate_keys() -> dict[str, list[CertificateKey]]:
    """The public keys by which certificates are checked without us, earlier ones included."""
    return {"keys": certificate_keys()}


def _proof(query: dict[str, Any], certificate_id: str, **typed: str) -> Response:
    said_in, is_name = query.get("language") or language(), None
    try:
        proven = proven_certificate(certificate_id)
        if typed and proven.facts is not None:
            is_name = is_name_of(certificate_id, **typed)
        return _html(proof_html(proven, said_in, is_name=is_name), _ASKING)
    except CertificateNotFound:
        return _html(proof_html(None, said_in), _ASKING)


def _html(page: str, more: dict[str, str] | None = None) -> Response:
    return Response(page, content_type=_HTML, headers=_HEADERS | (more or {}))
