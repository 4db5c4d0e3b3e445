"""The device: a phone app that sends positions for one person, under a secret of its own."""

from enum import StrEnum
from typing import Any

import mongoengine as me

from shared.database import Document
from shared.datums import DATUMS

# Nobody walks with more phones; each holds one of these places.
MAX_DEVICES = 10


class PhoneApp(StrEnum):
    """What sends: an app known here, or another one that can speak one of their languages."""

    OWNTRACKS = "owntracks"
    TRACCAR = "traccar"
    GPSLOGGER = "gpslogger"
    OTHER = "other"


class Device(Document):
    """One person's phone app; revoking deletes it. Its secret is kept as a SHA-256 only."""

    id = me.StringField(primary_key=True)
    person_id = me.StringField(required=True)
    name = me.StringField(required=True)
    app = me.StringField(required=True, choices=[app.value for app in PhoneApp])
    # What its degrees are in: said once by its owner, never guessed.
    datum = me.StringField(required=True, choices=DATUMS)
    secret_hash = me.StringField(required=True)
    # Which of the person's places it holds: a unique key bounds how many there are.
    place = me.IntField(required=True, min_value=0, max_value=MAX_DEVICES - 1)
    created_at = me.DateTimeField(required=True)
    # When it last sent something readable, to the minute.
    seen_at = me.DateTimeField()
    # The walk whose places it was last told to watch.
    told_of = me.StringField()
    # How many of its messages were quarantined so far.
    quarantined = me.LongField(required=True, default=0)

    meta: dict[str, Any] = {
        "collection": "devices",
        "indexes": [
            {"fields": ["person_id", "place"], "unique": True, "name": "place_of_person"},
            {"fields": ["person_id", "name"], "unique": True, "name": "name_of_person"},
        ],
    }
