"""A person: who acts, what they may do where, and the sessions they are signed in by."""

from datetime import datetime
from typing import Any

import mongoengine as me

from people.roles import Role
from shared.clock import now
from shared.database import Document, EmbeddedDocument
from shared.i18n import DEFAULT_LANGUAGE, LANGUAGES
from shared.ids import random_id

# A person is one document, so what is embedded in it is bounded.
MAX_SESSIONS = 20


def _unique_where_present(field: str) -> dict[str, Any]:
    return {
        "fields": [field],
        "unique": True,
        "partialFilterExpression": {field: {"$type": "string"}},
    }


class Membership(EmbeddedDocument):
    """One role held at one unit, reaching down its subtree.

    `is_home` where the person belongs there: the home they gave in their real-name step, or the
    post they were added to the staff for. A role granted later never makes anybody belong.
    """

    role = me.EnumField(Role, required=True)
    unit_id = me.StringField(required=True)
    since = me.DateTimeField(required=True)
    is_home = me.BooleanField(default=False)


class Certificate(EmbeddedDocument):
    """What a training gave: a name (a slug), from when and until when it is worth something."""

    name = me.StringField(required=True)
    given_at = me.DateTimeField(required=True)
    ends_at = me.DateTimeField()
    # The participation that earned it: the same one gives it once.
    about_id = me.StringField(required=True)


class Session(EmbeddedDocument):
    """One signed-in device; the generation of its refresh token rises at every rotation."""

    id = me.StringField(required=True)
    generation = me.IntField(required=True, default=1)
    expires_at = me.DateTimeField(required=True)
    rotated_at = me.DateTimeField(required=True)


class Person(Document):
    """A resident or a member of staff; what identifies them is sealed or hashed."""

    id = me.StringField(primary_key=True, default=random_id)
    phone_sealed = me.StringField()
    phone_hash = me.StringField()
    login = me.StringField()
    password_hash = me.StringField()
    real_name_sealed = me.StringField()
    id_number_sealed = me.StringField()
    id_number_hash = me.StringField()
    real_name_at = me.DateTimeField()
    nickname = me.StringField(default="")
    language = me.StringField(choices=LANGUAGES, default=DEFAULT_LANGUAGE)
    trade = me.StringField(default="")
    organisations = me.ListField(me.StringField())
    serves_as = me.ListField(me.StringField())
    recruited_by = me.StringField()
    groups = me.ListField(me.StringField())
    level = me.IntField(default=0)
    memberships = me.EmbeddedDocumentListField(Membership)
    certificates = me.EmbeddedDocumentListField(Certificate)
    sessions = me.EmbeddedDocumentListField(Session)
    # The printed card by which a captain knows a member without a smartphone: how often one was
    # issued, and the newest one's readable code. Older cards are worth nothing.
    card_version = me.IntField(default=0)
    card_code_sealed = me.StringField()
    card_code_hash = me.StringField()
    created_at = me.DateTimeField(required=True, default=now)
    version = me.IntField(required=True, default=1)

    meta: dict[str, Any] = {
        "collection": "people",
        "indexes": [
            _unique_where_present("phone_hash"),
            _unique_where_present("login"),
            _unique_where_present("id_number_hash"),
            _unique_where_present("card_code_hash"),
            ["memberships.unit_id", "memberships.role"],
            {"fields": ["recruited_by"], "sparse": True},
            {"fields": ["real_name_at"], "sparse": True},
        ],
    }

    @property
    def is_real_name_known(self) -> bool:
        """Whether the real-name step is done."""
        return self.real_name_at is not None

    def seal_place(self, field: str) -> str:
        """What a sealed field is bound to, so that it opens on this person only."""
        return f"people.{self.id}.{field}"

    def has_certificate(self, name: str, moment: datetime) -> bool:
        """Whether the person holds a certificate of this name that is worth something then."""
        return any(
            held.name == name and (held.ends_at is None or moment < held.ends_at)
            for held in self.certificates
        )

    def is_member(self, role: Role, unit_id: str) -> bool:
        """Whether the person holds `role` at exactly this unit."""
        return any(held.role == role and held.unit_id == unit_id for held in self.memberships)
