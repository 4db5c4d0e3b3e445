"""A change record: what somebody changed of the rules, before and after, and why; never altered."""

from typing import Any

import mongoengine as me

from shared.database import Document


class ChangeRecord(Document):
    """One change of a rule that people live by: a rate card, a budget's threshold, a badge.

    `subject` says what kind of thing it is, `about_id` which one, `unit_id` whose. `before` and
    `after` hold plain values, those that changed; `before` is empty for what is new.
    """

    id = me.StringField(primary_key=True)
    subject = me.StringField(required=True)
    about_id = me.StringField(required=True)
    unit_id = me.StringField(required=True)
    # The unit and those above it, for whoever watches a whole district.
    lineage = me.ListField(me.StringField(), required=True)
    verb = me.StringField(required=True)
    before = me.DictField()
    after = me.DictField()
    why = me.StringField(required=True)
    by_id = me.StringField(required=True)
    # Whom it is about, where that is one person: they do not read it here.
    person_id = me.StringField()
    at = me.DateTimeField(required=True)

    meta: dict[str, Any] = {
        "collection": "change_records",
        "indexes": [
            {"fields": ["lineage", "-_id"], "name": "of_unit"},
            {"fields": ["about_id", "-_id"], "name": "of_thing"},
        ],
    }
    # Whoever writes: a record says what, whose, who, when and why.
    VALIDATOR = {
        "$jsonSchema": {
            "required": ["_id", "subject", "about_id", "unit_id", "verb", "why", "by_id", "at"],
            "properties": {
                "why": {"bsonType": "string", "minLength": 1},
                "at": {"bsonType": "date"},
            },
        }
    }
