"""Certificates of service on the wire: wishes, one's own in full, and what strangers are told."""

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import PageQuerySchema, moment_out, one_line
from honours import MOST_KINDS, CertificateStanding, CertificateState, RevokedBecause
from shared.codes import LONGEST_TYPED
from shared.i18n import LANGUAGES
from tasks import KIND_PATTERN


class NewCertificateSchema(ma.Schema):
    """Which of one's own verified work to certify, by the days it began on, both included."""

    since = fields.Date(required=True)
    until = fields.Date(required=True, metadata={"description": "not after today"})
    kinds = fields.List(
        fields.String(validate=validate.Regexp(KIND_PATTERN)),
        load_default=[],
        validate=validate.Length(max=MOST_KINDS),
        metadata={"description": "only these kinds of task; empty: all"},
    )


class LanguageQuerySchema(ma.Schema):
    """In which language a page is; without it the caller's."""

    language = fields.String(validate=validate.OneOf(LANGUAGES))


class FiguresSchema(ma.Schema):
    """How much was done."""

    participations = fields.Integer()
    seconds = fields.Integer()
    metres = fields.Integer()


class CertifiedKindSchema(FiguresSchema):
    """How much was done of one kind of task."""

    kind = fields.String()
    name = fields.Dict(keys=fields.String(), values=fields.String())


class CertificateFactsSchema(FiguresSchema):
    """What was signed, every field of it; docs/certificates.md says over which bytes."""

    document = fields.String()
    number = fields.String()
    address = fields.String(metadata={"description": "where it is verified: scheme and host"})
    issuer = fields.Dict(keys=fields.String(), values=fields.String())
    holder = fields.String(metadata={"description": "the real name, masked"})
    name_hash = fields.String(
        metadata={"description": "SHA-256 over the name key on the paper and the whole name"}
    )
    since = fields.String(metadata={"description": "the first day"})
    until = fields.String(metadata={"description": "the last day"})
    time_zone = fields.String()
    only_kinds = fields.List(fields.String())
    kinds = fields.List(fields.Nested(CertifiedKindSchema))
    work_hash = fields.String()
    issued_at = fields.String()
    key_id = fields.String()


class NameCheckSchema(ma.Schema):
    """The whole name and the name key, both as they stand on the paper."""

    name = one_line(1, LONGEST_TYPED, required=True)
    name_key = one_line(1, LONGEST_TYPED, required=True)


class NameCheckedSchema(ma.Schema):
    """Whether that is the name which was certified."""

    is_name = fields.Boolean()


class OwnCertificateSchema(ma.Schema):
    """A certificate as its owner sees it."""

    id = fields.String()
    number = fields.String()
    state = fields.Enum(CertificateState, by_value=True)
    real_name = fields.String()
    name_key = fields.String(
        metadata={"description": "printed on the paper; by it a stranger checks the whole name"}
    )
    facts = fields.Nested(CertificateFactsSchema)
    signature = fields.String()
    issued_at = moment_out()
    revoked_at = moment_out(allow_none=True)
    revoked_because = fields.Enum(RevokedBecause, by_value=True, allow_none=True)


class CertificatesQuerySchema(PageQuerySchema):
    """Where the list of one's certificates goes on."""


class OwnCertificatePageSchema(ma.Schema):
    """One's certificates, newest first."""

    items = fields.List(fields.Nested(OwnCertificateSchema))
    next_cursor = fields.String(allow_none=True)


class ProvenCertificateSchema(ma.Schema):
    """What anybody is told of a certificate; of a revoked one its number and when, no more."""

    number = fields.String()
    revoked_at = moment_out(allow_none=True)
    standing = fields.Enum(
        CertificateStanding,
        by_value=True,
        metadata={
            "description": "genuine; no_longer_agrees: certified work was withdrawn since, "
            "stands_now says what is left; revoked; unproven: the signature cannot be confirmed"
        },
    )
    facts = fields.Nested(CertificateFactsSchema, allow_none=True)
    signature = fields.String(allow_none=True, metadata={"description": "Ed25519, 128 hex digits"})
    total_now = fields.Nested(FiguresSchema, allow_none=True)
    stands_now = fields.Function(
        lambda proven: (
            None
            if proven.stands_now is None
            else [{"kind": kind, **one._asdict()} for kind, one in proven.stands_now.items()]
        ),
        metadata={
            "type": "array",
            "nullable": True,
            "items": {
                "type": "object",
                "properties": {
                    "kind": {"type": "string"},
                    "participations": {"type": "integer"},
                    "seconds": {"type": "integer"},
                    "metres": {"type": "integer"},
                },
            },
        },
    )


class CertificateKeySchema(ma.Schema):
    """A key that signs certificates, or did."""

    key_id = fields.String()
    algorithm = fields.String(metadata={"description": "Ed25519"})
    public_key = fields.String(metadata={"description": "64 hex digits"})


class CertificateKeysSchema(ma.Schema):
    """Every key still held."""

    keys = fields.List(fields.Nested(CertificateKeySchema))
