"""A code import: one officer's file of codes for one pool, so that its repeat is known as one."""

from mongoengine import DateTimeField, StringField

from shared.database import Document


class CodeImport(Document):
    """One file: `content_hash` is a keyed hash of its bytes, which are kept nowhere.

    What became of each line follows from the file and from the codes that carry this import's id.
    """

    id = StringField(primary_key=True)
    imported_by = StringField(required=True)
    key = StringField(required=True)
    reward_id = StringField(required=True)
    point_id = StringField(required=True)
    content_hash = StringField(required=True)
    imported_at = DateTimeField(required=True)

    meta = {
        "collection": "code_imports",
        "indexes": [{"fields": ["imported_by", "key"], "unique": True}],
    }
