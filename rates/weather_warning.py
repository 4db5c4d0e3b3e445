"""A weather warning: heat or a storm over a unit's ground, as one officer declared it."""

from typing import Any

from mongoengine import DateTimeField, EnumField, ListField, StringField

from rates.rate_card import Occasion
from shared.database import Document


class WeatherWarning(Document):
    """Heat or a storm for a unit and all below it, from when until when, and why it was declared.

    Ended early, or taken back before it began, it stops at `withdrawn_at`; nothing else of it
    changes.
    """

    id = StringField(primary_key=True)
    unit_id = StringField(required=True)
    # The unit and those above it, for the officers that see it.
    lineage = ListField(StringField(), required=True)
    occasion = EnumField(Occasion, required=True)
    starts_at = DateTimeField(required=True)
    ends_at = DateTimeField(required=True)
    why = StringField(required=True)
    key = StringField(required=True)
    declared_by = StringField(required=True)
    declared_at = DateTimeField(required=True)
    withdrawn_by = StringField()
    withdrawn_at = DateTimeField()

    VALIDATOR: dict[str, Any] = {
        "occasion": {"$in": [Occasion.HEAT.value, Occasion.STORM.value]},
        "$expr": {"$gt": ["$ends_at", "$starts_at"]},
    }
    meta: dict[str, Any] = {
        "collection": "weather_warnings",
        "indexes": [
            {"fields": ["declared_by", "key"], "unique": True, "name": "once"},
            {"fields": ["unit_id", "ends_at"], "name": "over_unit"},
            {"fields": ["lineage", "-_id"], "name": "of_unit"},
        ],
    }
