"""A budget rule: from which share of a unit's budget on it is warned, and from which it stops."""

from typing import Any

from mongoengine import DateTimeField, IntField, StringField

from shared.database import Document


class BudgetRule(Document):
    """The thresholds of a unit's budget of a year from a fund, in percent of what it has in all.

    `draws` counts what was published under a stop threshold: each publication writes it, so that
    of two at once the second sees what the first one took.
    """

    # <unit>:<year>:<fund>
    id = StringField(primary_key=True)
    unit_id = StringField(required=True)
    year = IntField(required=True)
    fund = StringField(required=True)
    warn_percent = IntField(min_value=1, max_value=100)
    stop_percent = IntField(min_value=1, max_value=100)
    put_by = StringField(required=True)
    put_at = DateTimeField(required=True)
    version = IntField(required=True, default=1)
    draws = IntField(required=True, default=0)

    meta: dict[str, Any] = {
        "collection": "budget_rules",
        "indexes": [{"fields": ["year", "unit_id", "fund"], "unique": True}],
    }


def rule_id(unit_id: str, year: int, fund: str) -> str:
    """The id of the rule of that budget."""
    return f"{unit_id}:{year}:{fund}"
