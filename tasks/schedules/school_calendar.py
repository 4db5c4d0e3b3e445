"""The school calendar: a unit's terms and holidays, by which school days are known."""

import mongoengine as me

from shared.database import Document, EmbeddedDocument

MAX_SPANS = 40


class NamedSpan(EmbeddedDocument):
    """A term or a holiday: first and last day, ISO dates, both included."""

    name = me.StringField(required=True)
    first_day = me.StringField(required=True)
    last_day = me.StringField(required=True)


class SchoolCalendar(Document):
    """One calendar of a unit, say a school year; it serves the units below as well."""

    id = me.StringField(primary_key=True)
    unit_id = me.StringField(required=True)
    name = me.StringField(required=True)
    terms = me.EmbeddedDocumentListField(NamedSpan, required=True)
    holidays = me.EmbeddedDocumentListField(NamedSpan)
    # Days taught although they lie in a weekend or a holiday.
    extra_days = me.ListField(me.StringField())
    version = me.IntField(required=True, default=1)
    created_by = me.StringField(required=True)
    created_at = me.DateTimeField(required=True)

    meta = {
        "collection": "school_calendars",
        "indexes": [{"fields": ["unit_id", "name"], "unique": True, "name": "of_unit"}],
    }
