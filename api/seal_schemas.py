"""Seals on the wire: signed heads, public keys, proofs. Hashes are 64 hex digits.

Moments are texts here, for hashes and signatures are over these very characters.
"""

import marshmallow as ma
from marshmallow import fields, validate

HASH = {"description": "SHA-256, 64 hex digits"}
MOMENT = {"description": "RFC 3339, UTC, to the millisecond"}


class HeadQuerySchema(ma.Schema):
    """Which head is asked for."""

    number = fields.Integer(
        load_default=None,
        validate=validate.Range(1, 2**53 - 1),
        metadata={"description": "of its newest seal; without it the newest head"},
    )


class ProofQuerySchema(ma.Schema):
    """To which head the proof shall lead."""

    head = fields.Integer(
        load_default=None,
        validate=validate.Range(1, 2**53 - 1),
        data_key="head",
        attribute="head_number",
        metadata={"description": "number of a published head; without it the newest"},
    )


class HeadSchema(ma.Schema):
    """All seals up to one, signed."""

    number = fields.Integer(metadata={"description": "how many seals; the number of the newest"})
    total = fields.Integer(metadata={"description": "how many entries they hold"})
    sealed_at = fields.String(metadata=MOMENT)
    seal_hash = fields.String(metadata={"description": "of the newest seal"})
    root = fields.String(metadata={"description": "Merkle root over all seal hashes, RFC 6962"})
    key_id = fields.String()
    signature = fields.String(
        metadata={
            "description": "Ed25519, 128 hex digits, over the other fields as JSON: names in "
            "order, no spaces"
        }
    )


class PublicKeySchema(ma.Schema):
    """A key that signs heads, or did."""

    key_id = fields.String()
    algorithm = fields.String(metadata={"description": "Ed25519"})
    public_key = fields.String(metadata={"description": "64 hex digits"})


class PublicKeysSchema(ma.Schema):
    """Every key still held."""

    keys = fields.List(fields.Nested(PublicKeySchema))


class SealHeaderSchema(ma.Schema):
    """What the hash of a seal is over."""

    number = fields.Integer()
    sealed_at = fields.String(metadata=MOMENT)
    posted_through = fields.String(metadata=MOMENT)
    count = fields.Integer(metadata={"description": "how many entries the seal holds"})
    total = fields.Integer(metadata={"description": "this and all seals before"})
    root = fields.String(metadata={"description": "Merkle root over its entries, RFC 6962"})
    previous = fields.String(metadata={"description": "hash of the seal before; zeros: none"})


class ProofSchema(ma.Schema):
    """The way from an entry to a signed head; docs/check_inclusion.py checks it."""

    entry = fields.String(
        metadata={"description": "the whole entry, canonical MongoDB Extended JSON; the leaf"}
    )
    index = fields.Integer(metadata={"description": "its place in its seal, from 0"})
    path = fields.List(fields.String(metadata=HASH))
    seal = fields.Nested(SealHeaderSchema)
    seal_path = fields.List(fields.String(metadata=HASH))
    head = fields.Nested(HeadSchema)
