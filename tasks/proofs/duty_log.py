"""The duty log: what a duty leaves in writing when it closes; one a participation, no names."""

import mongoengine as me

from shared.database import Document, EmbeddedDocument


class Presence(EmbeddedDocument):
    """So many people of one role were there."""

    role = me.StringField(required=True)
    count = me.IntField(required=True, min_value=0)


class DutyLog(Document):
    """What happened on one duty; its id is the participation's."""

    id = me.StringField(primary_key=True)
    text = me.StringField(required=True)
    incidents = me.IntField(required=True, min_value=0)
    present = me.EmbeddedDocumentListField(Presence)
    # When the duty was closed by it first; what was put right afterwards moves changed_at alone.
    logged_at = me.DateTimeField(required=True)
    changed_at = me.DateTimeField(required=True)

    meta = {"collection": "duty_logs"}
