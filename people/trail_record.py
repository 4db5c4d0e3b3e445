"""A trail record: one change of a role or one opening of sealed data, never altered."""

from enum import StrEnum
from typing import Any

import mongoengine as me

from shared.database import Document
from shared.ids import new_id


class Act(StrEnum):
    """What a trail record tells of."""

    ROLE_GRANTED = "role_granted"
    ROLE_REVOKED = "role_revoked"
    STAFF_ADDED = "staff_added"
    SEAL_OPENED = "seal_opened"
    SESSION_STOLEN = "session_stolen"
    CARD_SHOWN = "card_shown"
    CARD_REISSUED = "card_reissued"


class TrailRecord(Document):
    """One act upon one person; `by_id` is empty where the server itself acted."""

    id = me.StringField(primary_key=True, default=new_id)
    act = me.EnumField(Act, required=True)
    by_id = me.StringField(default="")
    about_id = me.StringField(required=True)
    role = me.StringField(default="")
    unit_id = me.StringField(default="")
    opened = me.ListField(me.StringField())
    reason = me.StringField(default="")
    at = me.DateTimeField(required=True)

    meta: dict[str, Any] = {
        "collection": "trail",
        "indexes": [["about_id", "-_id"], ["by_id", "-_id"]],
    }

    # Whoever writes: a record names its act, its moment and whom it is about.
    VALIDATOR = {
        "$jsonSchema": {
            "required": ["_id", "act", "about_id", "at"],
            "properties": {
                "act": {"enum": [act.value for act in Act]},
                "about_id": {"bsonType": "string", "minLength": 1},
                "at": {"bsonType": "date"},
            },
        }
    }
