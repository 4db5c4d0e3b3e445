"""What one volunteer has done, counted whole from their verified work; and units' shares of it."""

from typing import Any

import mongoengine as me

from shared.database import Document


class Service(Document):
    """A person's verified work in figures; its id is the person's. Never added to: counted anew.

    `kinds` holds by kind of task {"count", "seconds", "metres", "first_at"}, `unit_ids` how many
    participations each unit saw, `weeks` the ISO weeks worked in ("2026-W47"), in order, and
    `days` how many days. `bests` holds by name {"value", "about", "at"}: see `bests.py`. Weeks,
    days and months are those of the business time zone, by the moment the work began.
    """

    id = me.StringField(primary_key=True)
    count = me.IntField(required=True)
    seconds = me.LongField(required=True)
    metres = me.FloatField(required=True)
    coins = me.LongField(required=True)
    kinds = me.DictField()
    unit_ids = me.DictField()
    weeks = me.ListField(me.StringField())
    days = me.IntField(required=True)
    bests = me.DictField()
    first_at = me.DateTimeField()
    last_at = me.DateTimeField()
    level = me.IntField(required=True, default=0)
    # When the work was read, by the true clock.
    counted_at = me.DateTimeField(required=True)
    # Rises with every count: of two that race, the one that read the earlier work starts anew.
    version = me.IntField(required=True)
    # The level and the bests of which the person was told, or that were there before any telling.
    level_told = me.IntField(required=True, default=0)
    bests_told = me.DictField()

    meta: dict[str, Any] = {"collection": "services", "indexes": []}

    @property
    def week_count(self) -> int:
        """In how many weeks there was verified work."""
        return len(self.weeks)

    @property
    def hours(self) -> float:
        """Verified hours."""
        return float(self.seconds / 3600)

    @property
    def kilometres(self) -> float:
        """Verified kilometres."""
        return float(self.metres / 1000)
