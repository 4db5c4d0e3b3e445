"""The waiting fix: one position a phone app sent by itself, kept from the answer to its chunk."""

from typing import Any

import mongoengine as me

from shared.database import Document


class WaitingFix(Document):
    """One fix of a started walk; its id is a keyed hash of device, time and position.

    Once a chunk holds it, only the id stays for a while, so that a phone which sends it again is
    answered and nothing is kept twice. What waits never expires.
    """

    id = me.StringField(primary_key=True)
    # All of these until it is packed, none afterwards.
    person_id = me.StringField()
    participation_id = me.StringField()
    device_id = me.StringField()
    datum = me.StringField()
    # As positions.py takes it: {at, lat, lon, accuracy_m?, altitude_m?, mock?}.
    point = me.DictField()
    # By the clock of its request, and by the server's true one.
    received_at = me.DateTimeField()
    waits_since = me.DateTimeField()
    # Which round of packing took it up.
    batch = me.StringField()
    # Once packed: when the id itself goes.
    forget_at = me.DateTimeField()

    meta: dict[str, Any] = {
        "collection": "fix_inbox",
        "indexes": [
            {"fields": ["person_id", "batch"], "sparse": True, "name": "waiting_of_person"},
            {"fields": ["waits_since"], "sparse": True, "name": "waiting"},
            {"fields": ["forget_at"], "expireAfterSeconds": 0, "name": "forgotten"},
        ],
    }
