"""A certificate of service: what somebody's verified work came to on the day it was issued."""

from enum import StrEnum
from typing import Any

import mongoengine as me

from shared.database import Document


class CertificateState(StrEnum):
    """VALID → REVOKED, by its owner or because work that it certifies does not stand any more."""

    VALID = "valid"
    REVOKED = "revoked"


class RevokedBecause(StrEnum):
    """Why a certificate was revoked."""

    WORK_WITHDRAWN = "work_withdrawn"
    OWNER_WISH = "owner_wish"


class ServiceCertificate(Document):
    """`facts` and their `signature` never change; the real name is sealed beside them.

    `number` is what people read aloud and type, 18 letters; neither it nor the id can be guessed.
    `work_ids` are the participations certified, by which a later look tells what stands of them.
    """

    id = me.StringField(primary_key=True)
    number = me.StringField(required=True)
    person_id = me.StringField(required=True)
    # The owner's own name for the wish, and a hash of what was wished: a repeat answers the same.
    key = me.StringField(required=True)
    wish = me.StringField(required=True)
    since = me.DateTimeField(required=True)
    until = me.DateTimeField(required=True)
    facts = me.DictField(required=True)
    key_id = me.StringField(required=True)
    signature = me.StringField(required=True)
    name_sealed = me.StringField(required=True)
    name_key_sealed = me.StringField(required=True)
    work_ids = me.ListField(me.StringField(), required=True)
    issued_at = me.DateTimeField(required=True)
    state = me.EnumField(CertificateState, required=True, default=CertificateState.VALID)
    revoked_at = me.DateTimeField()
    revoked_because = me.EnumField(RevokedBecause)
    # When something of its owner's was settled that nobody compared with it yet, or since when it
    # is doubted while it disagrees.
    doubted_at = me.DateTimeField()
    # Since when it was seen to disagree with the work that stands.
    disagrees_since = me.DateTimeField()
    # Set where it waits, or where looking or telling failed: it is tried again then.
    look_again_at = me.DateTimeField()
    # True while the owner has not been told of the revocation.
    untold = me.BooleanField()

    meta: dict[str, Any] = {
        "collection": "service_certificates",
        "indexes": [
            {"fields": ["number"], "unique": True, "name": "by_number"},
            {"fields": ["person_id", "key"], "unique": True, "name": "wished_once"},
            {"fields": ["person_id", "-issued_at", "-_id"], "name": "of_person"},
            {
                "fields": ["doubted_at"],
                "name": "doubted",
                "partialFilterExpression": {"doubted_at": {"$type": "date"}},
            },
            {
                "fields": ["untold"],
                "name": "untold",
                "partialFilterExpression": {"untold": True},
            },
        ],
    }
    # Whoever writes: a revoked certificate says since when and why.
    VALIDATOR: dict[str, Any] = {
        "$or": [
            {"state": "valid", "revoked_at": None, "revoked_because": None},
            {
                "state": "revoked",
                "revoked_at": {"$type": "date"},
                "revoked_because": {"$type": "string"},
            },
        ]
    }

    def seal_place(self, field: str) -> str:
        """What a sealed field is bound to, so that it opens on this certificate only."""
        return f"service_certificates.{self.id}.{field}"
