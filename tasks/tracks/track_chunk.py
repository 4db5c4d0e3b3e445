"""The track chunk: one upload of positions, packed, immutable, with its receipt."""

import mongoengine as me

from shared.database import Document


class TrackChunk(Document):
    """One upload of a participation's track; unique by the phone's own upload key."""

    id = me.StringField(primary_key=True)
    participation_id = me.StringField(required=True)
    upload_key = me.StringField(required=True)
    content_hash = me.StringField(required=True)
    datum = me.StringField(required=True)
    # WGS-84 columns as tasks/tracks/track_packing.py writes them, `n` points.
    packed = me.BinaryField()
    n = me.IntField(required=True)
    # The points not taken: {index, code}.
    rejected = me.ListField(me.DictField())
    # Which points begin a new segment: after a pause of the recorder nothing joins them.
    segment_starts = me.ListField(me.IntField())
    # How many of the points the phone itself called made up.
    mocked = me.IntField()
    # A keyed hash of the phone that sent it, where it said which.
    device = me.StringField()
    received_at = me.DateTimeField(required=True)

    meta = {
        "collection": "track_chunks",
        "indexes": [
            {"fields": ["participation_id", "upload_key"], "unique": True, "name": "upload"},
        ],
    }
