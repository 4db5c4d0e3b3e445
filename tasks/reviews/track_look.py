"""The look: that somebody of the staff saw where a person walked. Written once, never altered."""

from enum import StrEnum

import mongoengine as me

from shared.database import Document

# Longer than a year, so that a yearly question about it can be answered.
KEPT_FOR_DAYS = 400


class Seen(StrEnum):
    """What was looked at."""

    TRACK = "track"
    LIVE_TRACK = "live_track"
    ON_DUTY = "on_duty"
    PHOTO = "photo"


class TrackLook(Document):
    """One look at somebody's track, place or photo; several within one minute are one."""

    id = me.StringField(primary_key=True)
    person_id = me.StringField(required=True)
    participation_id = me.StringField(required=True)
    by_id = me.StringField(required=True)
    what = me.StringField(required=True, choices=[seen.value for seen in Seen])
    at = me.DateTimeField(required=True)

    meta = {
        "collection": "track_looks",
        "indexes": [
            {"fields": ["person_id", "-_id"], "name": "of_person"},
            {"fields": ["by_id", "-_id"], "name": "of_staff"},
            {"fields": ["at"], "name": "old", "expireAfterSeconds": KEPT_FOR_DAYS * 86_400},
        ],
    }
