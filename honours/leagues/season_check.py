"""A check of a season's published ranks, kept: what the last recount said of them, and when."""

from typing import Any

import mongoengine as me

from shared.database import Document


class SeasonCheck(Document):
    """The last recount of a season; its id is the season's."""

    id = me.StringField(primary_key=True)
    # When somebody last asked for one.
    asked_at = me.DateTimeField()
    checked_at = me.DateTimeField()
    edition = me.IntField(required=True, default=0)
    counted_at = me.DateTimeField()
    agreeing = me.IntField(required=True, default=0)
    moved_on = me.IntField(required=True, default=0)
    wrong = me.ListField(me.StringField())
    is_whole = me.BooleanField(required=True, default=True)

    meta: dict[str, Any] = {"collection": "league_checks", "indexes": []}

    @property
    def season_id(self) -> str:
        """Of which season."""
        return str(self.id)

    @property
    def agrees(self) -> bool | None:
        """Whether nothing is wrong or missing; None where nothing was checked yet."""
        return None if self.checked_at is None else self.is_whole and not self.wrong
