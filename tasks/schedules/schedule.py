"""The schedule: a task's content with a rule by which it is published again and again."""

from enum import StrEnum

import mongoengine as me

from shared.database import Document, EmbeddedDocument

MAX_DATES = 400
MAX_TIMES = 12


class Days(StrEnum):
    """Which of a rule's dates count."""

    EVERY_DAY = "every_day"
    WORKING_DAYS = "working_days"
    SCHOOL_DAYS = "school_days"


class TimeOfDay(EmbeddedDocument):
    """One duty of each day; `at` is HH:MM in the business time zone."""

    name = me.StringField(required=True)
    at = me.StringField(required=True)
    minutes_before = me.IntField(required=True, min_value=0, max_value=240)
    duration_minutes = me.IntField(required=True, min_value=1, max_value=1_440)
    # Takes the place of the content's title where it is given.
    title = me.StringField()


class Schedule(Document):
    """What a unit has published by itself; days are ISO dates in the business time zone."""

    id = me.StringField(primary_key=True)
    unit_id = me.StringField(required=True)
    # What a draft holds, all but its window.
    content = me.DictField(required=True)
    rule = me.StringField(required=True)
    starts_on = me.StringField(required=True)
    ends_on = me.StringField()
    times = me.EmbeddedDocumentListField(TimeOfDay, required=True)
    days = me.StringField(required=True, choices=[days.value for days in Days])
    dates_left_out = me.ListField(me.StringField(), max_length=MAX_DATES)
    extra_dates = me.ListField(me.StringField(), max_length=MAX_DATES)
    publish_ahead_days = me.IntField(required=True, min_value=1, max_value=60)
    active = me.BooleanField(required=True, default=True)
    version = me.IntField(required=True, default=1)
    created_by = me.StringField(required=True)
    created_at = me.DateTimeField(required=True)
    # In whose name it publishes: the officer who last changed it.
    publishes_as = me.StringField(required=True)
    # The author's own name for it, and what was sent then: a repeat makes no second.
    key = me.StringField(required=True)
    content_hash = me.StringField(required=True)
    # When the timetable has to look at it again, by the true clock.
    look_at = me.DateTimeField(required=True)

    meta = {
        "collection": "schedules",
        "indexes": [
            {"fields": ["created_by", "key"], "unique": True, "name": "of_author"},
            {"fields": ["unit_id", "-_id"], "name": "of_unit"},
            {"fields": ["active", "look_at"], "name": "due"},
        ],
    }
