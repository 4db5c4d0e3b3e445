"""The question sheet a training's short test asks, never changed; and one attempt at it."""

import mongoengine as me

from shared.database import Document, EmbeddedDocument


class Question(EmbeddedDocument):
    """One question: its options, and which of them (by place) are the right ones."""

    text = me.StringField(required=True)
    options = me.ListField(me.StringField(), required=True)
    right = me.ListField(me.IntField(), required=True)


class QuestionSheet(Document):
    """A unit's questions; another wording is another sheet."""

    id = me.StringField(primary_key=True)
    unit_id = me.StringField(required=True)
    title = me.StringField(required=True)
    questions = me.EmbeddedDocumentListField(Question, required=True)
    created_by = me.StringField(required=True)
    key = me.StringField(required=True)
    content_hash = me.StringField(required=True)
    created_at = me.DateTimeField(required=True)

    meta = {
        "collection": "question_sheets",
        "indexes": [
            {"fields": ["created_by", "key"], "unique": True, "name": "key"},
            {"fields": ["unit_id", "-_id"], "name": "of_unit"},
        ],
    }


class TestAttempt(Document):
    """One go at a sheet: what was chosen, by the options' places on the sheet, and the score."""

    # pytest would take the class for a test of its own.
    __test__ = False

    id = me.StringField(primary_key=True)
    participation_id = me.StringField(required=True)
    key = me.StringField(required=True)
    sheet_id = me.StringField(required=True)
    number = me.IntField(required=True, min_value=1)
    chosen = me.ListField(me.ListField(me.IntField()))
    share = me.FloatField(required=True)
    taken_at = me.DateTimeField(required=True)

    meta = {
        "collection": "test_attempts",
        "indexes": [
            {"fields": ["participation_id", "key"], "unique": True, "name": "key"},
        ],
    }
