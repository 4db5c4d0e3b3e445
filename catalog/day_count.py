"""How often somebody did one thing on one day, where a rule says how often they may."""

from mongoengine import DateTimeField, IntField, StringField

from shared.database import Document


class DayCount(Document):
    """One count, `id` being `what:person:day`; gone by itself once its day is long over."""

    id = StringField(primary_key=True)
    count = IntField(required=True, min_value=0)
    expires_at = DateTimeField(required=True)

    meta = {
        "collection": "day_counts",
        "indexes": [{"fields": ["expires_at"], "expireAfterSeconds": 0}],
    }
