"""A rate card: what a unit's actions are worth from a moment on, kind by kind."""

from typing import Any

from mongoengine import DateTimeField, EmbeddedDocumentListField, IntField, StringField

from shared.database import Document, EmbeddedDocument

MAX_MONTHS = 120


class RateLine(EmbeddedDocument):
    """What one kind of action is worth, in Fu coins: `base` once, `per_hour` by its length.

    Never less than `minimum`, which is at least one coin: an action that is rated pays something.
    """

    kind = StringField(required=True)
    base = IntField(required=True, min_value=0)
    per_hour = IntField(required=True, min_value=0)
    minimum = IntField(required=True, min_value=1)


class RateCard(Document):
    """The rates of a unit and of all below it that have no card of their own; never changed.

    `fen_per_10000_coins` is what 10,000 coins are worth in fen while the card is in force;
    `coins_last_months` how many months after the one they were earned in coins may be spent, for
    ever where it is not said.
    """

    id = StringField(primary_key=True)
    unit_id = StringField(required=True)
    in_force_from = DateTimeField(required=True)
    lines = EmbeddedDocumentListField(RateLine, required=True)
    fen_per_10000_coins = IntField(required=True, min_value=0)
    coins_last_months = IntField(min_value=1, max_value=MAX_MONTHS)
    put_by = StringField(required=True)
    put_at = DateTimeField(required=True)

    meta: dict[str, Any] = {
        "collection": "rate_cards",
        "indexes": [{"fields": ["unit_id", "-in_force_from"], "unique": True}],
    }

    def line_for(self, kind: str) -> RateLine | None:
        """The line of that kind of action, where the card has one."""
        return next((line for line in self.lines if line.kind == kind), None)
