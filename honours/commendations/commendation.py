"""A commendation: a person, a unit or a brave deed, thanked by a unit in words."""

from enum import StrEnum
from typing import Any

import mongoengine as me

from shared.database import Document


class CommendationKind(StrEnum):
    """What is commended: somebody's service, a unit's, or one brave deed (见义勇为)."""

    PERSON = "person"
    UNIT = "unit"
    BRAVE_DEED = "brave_deed"


class CommendationState(StrEnum):
    """NOMINATED → CHECKED → AWARDED; the first two → DECLINED, all three → WITHDRAWN."""

    NOMINATED = "nominated"
    CHECKED = "checked"
    AWARDED = "awarded"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class ShownName(StrEnum):
    """How a commended person is named in public: the nickname, or the real name masked."""

    NICKNAME = "nickname"
    MASKED_NAME = "masked_name"


class Commendation(Document):
    """What was nominated, what became of it, and whether the public may know.

    `title` and `words` never change, so that a consent is to these very words. Public is what is
    AWARDED and `is_consented`, under `shown_name`; title and words, which are the nominator's own,
    only where `are_words_consented`.
    """

    id = me.StringField(primary_key=True)
    kind = me.EnumField(CommendationKind, required=True)
    person_id = me.StringField()
    subject_unit_id = me.StringField()
    # The awarding unit and those above it, for the officers that see it.
    unit_id = me.StringField(required=True)
    lineage = me.ListField(me.StringField(), required=True)
    title = me.StringField(required=True)
    words = me.StringField(required=True)
    deed_on = me.StringField()
    state = me.EnumField(CommendationState, required=True)
    nominated_by = me.StringField(required=True)
    nominated_at = me.DateTimeField(required=True)
    # The nominator's own name for the wish, and a hash of what was wished.
    key = me.StringField(required=True)
    wish = me.StringField(required=True)
    # What the checker found out: for officers alone.
    found = me.StringField()
    checked_by = me.StringField()
    checked_at = me.DateTimeField()
    # Who awarded, declined or withdrew it, and why.
    decided_by = me.StringField()
    decided_at = me.DateTimeField()
    why = me.StringField()
    awarded_by = me.StringField()
    awarded_at = me.DateTimeField()
    is_consented = me.BooleanField(required=True, default=False)
    are_words_consented = me.BooleanField(required=True, default=False)
    shown_as = me.EnumField(ShownName)
    shown_name = me.StringField()
    consented_by = me.StringField()
    consented_at = me.DateTimeField()
    # How often a consent was given or taken back: each is told once.
    consent_turn = me.IntField(required=True, default=0)
    # The steps that are still to be told to whom they concern.
    untold = me.ListField(me.StringField())
    # Set where telling failed: it is tried again then, and holds up nobody until.
    look_again_at = me.DateTimeField()
    version = me.IntField(required=True, default=1)

    meta: dict[str, Any] = {
        "collection": "commendations",
        "indexes": [
            {"fields": ["nominated_by", "key"], "unique": True, "name": "nominated_once"},
            {"fields": ["lineage", "-_id"], "name": "by_unit"},
            {"fields": ["lineage", "state", "-_id"], "name": "of_unit"},
            {"fields": ["person_id", "-_id"], "name": "of_person"},
            {"fields": ["subject_unit_id", "-_id"], "name": "of_subject_unit"},
            {
                "fields": ["-awarded_at", "-_id"],
                "name": "public",
                "partialFilterExpression": {"state": "awarded", "is_consented": True},
            },
            {
                "fields": ["lineage", "-awarded_at", "-_id"],
                "name": "public_of_unit",
                "partialFilterExpression": {"state": "awarded", "is_consented": True},
            },
            {
                "fields": ["subject_unit_id", "-awarded_at", "-_id"],
                "name": "public_for_unit",
                "partialFilterExpression": {"state": "awarded", "is_consented": True},
            },
            {"fields": ["untold"], "name": "untold", "sparse": True},
        ],
    }
    # Whoever writes: three different people stand behind an award, and no consent lacks a name.
    VALIDATOR: dict[str, Any] = {
        "$and": [
            {
                "$or": [
                    {"kind": "unit", "subject_unit_id": {"$type": "string"}, "person_id": None},
                    {
                        "kind": {"$in": ["person", "brave_deed"]},
                        "person_id": {"$type": "string"},
                        "subject_unit_id": None,
                    },
                ]
            },
            {
                "$or": [
                    {"state": {"$ne": "awarded"}},
                    {
                        "$expr": {
                            "$and": [
                                {"$gt": ["$checked_by", ""]},
                                {"$gt": ["$awarded_by", ""]},
                                {"$ne": ["$checked_by", "$nominated_by"]},
                                {"$ne": ["$awarded_by", "$nominated_by"]},
                                {"$ne": ["$awarded_by", "$checked_by"]},
                            ]
                        }
                    },
                ]
            },
            {"$or": [{"is_consented": False}, {"shown_name": {"$type": "string"}}]},
        ]
    }

    @property
    def is_public(self) -> bool:
        """Whether anybody may know of it."""
        return bool(self.state == CommendationState.AWARDED and self.is_consented)
