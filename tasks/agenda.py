"""A person's agenda: the hours already promised, so that no two claims overlap."""

from datetime import timedelta

import mongoengine as me

from shared.database import Document, EmbeddedDocument

# So many marks within MARKS_COUNT_FOR, and nothing is claimed farther than CLAIM_AHEAD ahead.
MARKS_THAT_COUNT = 3
MARKS_COUNT_FOR = timedelta(days=30)
CLAIM_AHEAD = timedelta(hours=2)


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


class MissedMark(EmbeddedDocument):
    """One claim given up late or never started; it dates from the window that it missed."""

    participation_id = me.StringField(required=True)
    at = me.DateTimeField(required=True)


class Agenda(Document):
    """One document a person; a guarded push into `engagements` decides whether hours are free."""

    person_id = me.StringField(primary_key=True)
    # The participation being walked now: nobody walks two tasks at once.
    walking = me.StringField()
    engagements = me.EmbeddedDocumentListField(Engagement)
    # The newest MARKS_THAT_COUNT of them, oldest first: the first one says whether they count.
    missed = me.EmbeddedDocumentListField(MissedMark)

    meta = {
        "collection": "agendas",
        "indexes": [{"fields": ["engagements.confirmed"], "name": "unconfirmed"}],
    }
