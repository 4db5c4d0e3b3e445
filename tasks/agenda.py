"""A person's agenda: the hours already promised, so that no two claims overlap."""

import mongoengine as me

from shared.database import Document, EmbeddedDocument


class Engagement(EmbeddedDocument):
    """Hours promised to one task under one participation."""

    participation_id = me.StringField(required=True)
    task_id = me.StringField(required=True)
    starts_at = me.DateTimeField(required=True)
    ends_at = me.DateTimeField(required=True)
    # By the true clock, for the sweep that finds what was cut off.
    reserved_at = me.DateTimeField(required=True)
    # False until the sweep has seen that the participation really stands.
    confirmed = me.BooleanField(required=True, default=False)


class Agenda(Document):
    """One document a person; a guarded push into `engagements` decides whether hours are free."""

    person_id = me.StringField(primary_key=True)
    # The participation being walked now: nobody walks two tasks at once.
    walking = me.StringField()
    engagements = me.EmbeddedDocumentListField(Engagement)

    meta = {
        "collection": "agendas",
        "indexes": [{"fields": ["engagements.confirmed"], "name": "unconfirmed"}],
    }
