"""The notice: one thing that one person is told, as a name and facts that become words."""

from typing import Any

import mongoengine as me

from shared.database import Document
from shared.ids import new_id


class Notice(Document):
    """One thing one person is told; its template makes words of the facts when it is read."""

    id = me.StringField(primary_key=True, default=new_id)
    person_id = me.StringField(required=True)
    # The template's name and its wording then, so that a later wording asks no fact that is not
    # there.
    name = me.StringField(required=True)
    wording = me.IntField(required=True, default=1)
    facts = me.DictField()
    # The teller's own name for what happened: the same one tells this person once.
    key = me.StringField(required=True)
    created_at = me.DateTimeField(required=True)
    # The end of the person's quiet hours, where it was made in them and is not urgent.
    shown_from = me.DateTimeField(required=True)
    read_at = me.DateTimeField()
    # By the server's true clock: MongoDB forgets it then.
    expires_at = me.DateTimeField(required=True)
    # True while the webhooks that want it have not all been given it.
    to_hand_on = me.BooleanField(required=True, default=False)

    meta: dict[str, Any] = {
        "collection": "notices",
        "indexes": [
            {"fields": ["person_id", "name", "key"], "unique": True, "name": "told_once"},
            {"fields": ["person_id", "-shown_from", "-_id"], "name": "inbox"},
            {
                "fields": ["person_id", "shown_from"],
                "name": "unread",
                "partialFilterExpression": {"read_at": None},
            },
            {
                "fields": ["to_hand_on"],
                "name": "to_hand_on",
                "partialFilterExpression": {"to_hand_on": True},
            },
            {"fields": ["expires_at"], "expireAfterSeconds": 0, "name": "forgotten"},
        ],
    }
