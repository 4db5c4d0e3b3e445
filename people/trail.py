"""The trail: who changed roles and who opened sealed data, written once and never altered."""

from enum import StrEnum
from typing import Any

import mongoengine as me
from pymongo.client_session import ClientSession

from people.actor import Actor
from people.roles import Role
from shared.clock import real_now
from shared.database import Document, collection
from shared.ids import new_id

PAGE_MAX = 200


class Act(StrEnum):
    """What a trail record tells of."""

    ROLE_GRANTED = "role_granted"
    ROLE_REVOKED = "role_revoked"
    STAFF_ADDED = "staff_added"
    SEAL_OPENED = "seal_opened"
    SESSION_STOLEN = "session_stolen"


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


def record_act(
    act: Act, about_id: str, *, by_id: str, session: ClientSession | None = None, **facts: Any
) -> str:
    """Add one record to the trail and give its id; with `session`, inside its transaction.

    `facts` are role, unit_id, opened (names of fields), reason.
    """
    entry = TrailRecord(act=act, about_id=about_id, by_id=by_id, at=real_now(), **facts)
    collection(TrailRecord).insert_one(entry.to_mongo().to_dict(), session=session)
    return str(entry.id)


def trail_about(
    person_id: str, *, by: Actor, before_id: str = "", limit: int = 50
) -> list[TrailRecord]:
    """What was done about a person, newest first, at most 200; `before_id` goes on from a page.

    Raises NotAllowed unless the caller is an auditor, ombudsman or admin.
    """
    by.must_hold(Role.AUDITOR, Role.OMBUDSMAN, Role.ADMIN)
    found = TrailRecord.objects(about_id=person_id)
    if before_id:
        found = found.filter(id__lt=before_id)
    return list(found.order_by("-id").limit(min(limit, PAGE_MAX)))
