"""The fingerprint of a finished track as it is stored: to know it again when it is copied."""

import mongoengine as me

from shared.database import Document


class TrackFingerprint(Document):
    """One finished track, under its participation's id; without positions once they are erased."""

    id = me.StringField(primary_key=True)
    person_id = me.StringField(required=True)
    task_id = me.StringField(required=True)
    is_team = me.BooleanField(required=True, default=False)
    # What people who walk together for a reason share: ids of participations and orders.
    company = me.ListField(me.StringField())
    started_at = me.DateTimeField(required=True)
    ended_at = me.DateTimeField(required=True)
    # When the server had the whole track: a copy is known later than its source.
    known_at = me.DateTimeField(required=True)
    # Whole numbers of 8 bytes, low first; the samples as tasks/tracks/track_packing.py writes.
    cells = me.BinaryField()
    packed = me.BinaryField()
    n = me.IntField(required=True, default=0)
    # 64 floats of 4 bytes: how the pace went, nothing of where.
    signature = me.BinaryField(required=True)
    # By the database's own clock, at each change: what other processes have not seen yet.
    stored_at = me.DateTimeField(required=True)
    # When its positions were erased; they never come back.
    forgotten_at = me.DateTimeField()

    meta = {
        "collection": "track_fingerprints",
        "indexes": [{"fields": ["-stored_at"], "name": "newest"}],
    }
