"""Seals over HTTP: the signed head for everybody, and the proof that an entry stands under it."""

from typing import Any

from api.blueprint import Blueprint
from api.errors import documents
from api.seal_schemas import (
    HeadQuerySchema,
    HeadSchema,
    ProofQuerySchema,
    ProofSchema,
    PublicKeysSchema,
)
from api.signing_in import ANYONE, SIGNED_IN, caller, may_call
from ledger import (
    Head,
    Proof,
    PublicKey,
    inclusion_proof,
    owed,
    public_keys,
    published_head,
    wallet,
)
from people import Role, must_hold_at_root

blp = Blueprint("seals", __name__, description="What was posted stays so · 账本封存")


@blp.get("/ledger-head")
@may_call(ANYONE)
@documents(404)
@blp.arguments(HeadQuerySchema, location="query")
@blp.response(200, HeadSchema)
def get_ledger_head(query: dict[str, Any]) -> Head:
    """The newest signed head of the ledger, or an earlier one, for everybody to keep."""
    return published_head(query["number"])


@blp.get("/ledger-keys")
@may_call(ANYONE)
@blp.response(200, PublicKeysSchema)
def get_ledger_keys() -> dict[str, list[PublicKey]]:
    """The public keys by which heads are checked, those of earlier heads included."""
    return {"keys": public_keys()}


@blp.get("/me/wallet/statement/<string:entry_id>/proof")
@may_call(SIGNED_IN)
@documents(404)
@blp.arguments(ProofQuerySchema, location="query")
@blp.response(200, ProofSchema)
def get_own_proof(query: dict[str, Any], entry_id: str) -> Proof:
    """The proof that a line of the caller's statement stands in the sealed ledger."""
    person_id = caller().person_id
    return inclusion_proof(entry_id, touching=(wallet(person_id), owed(person_id)), **query)


@blp.get("/entries/<string:entry_id>/proof")
@may_call(Role.AUDITOR)
@documents(404)
@blp.arguments(ProofQuerySchema, location="query")
@blp.response(200, ProofSchema)
def get_entry_proof(query: dict[str, Any], entry_id: str) -> Proof:
    """The proof that any entry stands in the sealed ledger, for the city's auditors."""
    must_hold_at_root(Role.AUDITOR, by=caller())
    return inclusion_proof(entry_id, **query)
