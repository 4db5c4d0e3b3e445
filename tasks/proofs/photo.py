"""The photo: one picture sent as proof of a participation, and the trace of one arriving."""

import mongoengine as me

from shared.database import Document


class Photo(Document):
    """One picture; unique by the phone's own upload key. Positions are [lat, lon] in WGS-84."""

    id = me.StringField(primary_key=True)
    participation_id = me.StringField(required=True)
    upload_key = me.StringField(required=True)
    # What was sent with it and of it: the same key with another content is refused.
    content_hash = me.StringField(required=True)
    # What it shows, in the sender's words: a place of a hand-out, "incident".
    about = me.StringField()
    # Of the bytes as they were received.
    sha256 = me.StringField(required=True)
    # Perceptual hashes of the picture and its mirror image; none where it is too plain.
    looks = me.ListField(me.StringField())
    # The bands of the first one, by which others find this picture.
    bands = me.ListField(me.StringField())
    file_id = me.StringField(required=True)
    width = me.IntField(required=True)
    height = me.IntField(required=True)
    # What the camera noted in the file, and what the app said beside it.
    camera_at = me.DateTimeField()
    camera_position = me.ListField(me.FloatField())
    said_at = me.DateTimeField()
    said_position = me.ListField(me.FloatField())
    # By the server's true clock: which of two alike came first.
    stored_at = me.DateTimeField(required=True)
    # When the picture was erased by rule; what is left is to know it again by.
    file_dropped_at = me.DateTimeField()

    meta = {
        "collection": "photos",
        "indexes": [
            {"fields": ["participation_id", "upload_key"], "unique": True, "name": "upload"},
            {"fields": ["sha256", "stored_at"], "name": "same_bytes"},
            {"fields": ["bands", "stored_at"], "name": "same_look"},
            {"fields": ["file_id"], "unique": True, "name": "of_file"},
            {"fields": ["stored_at", "participation_id"], "name": "oldest"},
        ],
    }


class PhotoArrival(Document):
    """A file about to be written; stays behind where that was cut off, for the sweep to find."""

    # The file's own id.
    id = me.StringField(primary_key=True)
    began_at = me.DateTimeField(required=True)

    meta = {
        "collection": "photo_arrivals",
        "indexes": [{"fields": ["began_at"], "name": "oldest"}],
    }
