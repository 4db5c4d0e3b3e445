"""The trace of a reward's picture arriving: what a cut-off upload leaves for the sweep to find."""

from mongoengine import DateTimeField, StringField

from shared.database import Document


class PictureArrival(Document):
    """A file about to be written for a reward, under the file's own id."""

    id = StringField(primary_key=True)
    reward_id = StringField(required=True)
    began_at = DateTimeField(required=True)

    meta = {
        "collection": "picture_arrivals",
        "indexes": [{"fields": ["began_at"], "name": "oldest"}],
    }
