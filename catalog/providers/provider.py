"""A provider: a company that delivers top-ups over its own HTTP interface."""

from datetime import datetime
from typing import Any

import mongoengine as me

from shared.database import Document, EmbeddedDocument

# What a provider's id may look like: it stands in addresses, accounts and signatures.
SLUG_PATTERN = r"^[a-z][a-z0-9-]{1,39}$"


class OldSecret(EmbeddedDocument):
    """A secret that was replaced: call-backs signed with it are still taken until then."""

    sealed = me.StringField(required=True)
    taken_until = me.DateTimeField(required=True)


class Provider(Document):
    """Who delivers, where to ask, and the redemption point whose account is paid for it.

    `name` holds both languages. The secret is sealed and never shown; what it was before is taken
    for call-backs for a while, for the other side cannot change over in the same instant.
    """

    id = me.StringField(primary_key=True, regex=SLUG_PATTERN)
    name = me.MapField(me.StringField(), required=True)
    point_id = me.StringField(required=True)
    base_url = me.StringField(required=True)
    secret_sealed = me.StringField(required=True)
    old_secrets = me.EmbeddedDocumentListField(OldSecret)
    # Every exchange is cut after ten seconds in all.
    timeout_s = me.IntField(required=True, min_value=1, max_value=8)
    active = me.BooleanField(required=True)
    made_at = me.DateTimeField(required=True)
    # When the file of a day is fetched next: pushed ahead by who fetches it.
    next_file_at = me.DateTimeField()
    # How often in a row nothing usable was answered, and until when nothing is tried because of it.
    failures = me.IntField(required=True, default=0)
    resting_until = me.DateTimeField()
    put_by = me.StringField(required=True)
    put_at = me.DateTimeField(required=True)
    version = me.IntField(required=True, min_value=1)

    meta: dict[str, Any] = {"collection": "providers", "indexes": [("point_id",)]}

    @property
    def seal_place(self) -> str:
        """What the sealed secrets are bound to."""
        return f"providers.{self.id}.secret"

    def sealed_at(self, moment: datetime) -> list[str]:
        """The sealed secrets whose signatures are taken then, the present one first."""
        old = [one.sealed for one in self.old_secrets if moment < one.taken_until]
        return [self.secret_sealed, *old]
