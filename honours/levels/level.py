"""The table of levels, one document a version: what verified work each level asks for."""

from typing import Any

import mongoengine as me

from shared.database import Document, EmbeddedDocument


class LevelLine(EmbeddedDocument):
    """One level: from how many verified hours and weeks on; both only rise from line to line."""

    name = me.DictField(required=True)
    least_hours = me.IntField(required=True, min_value=0)
    # Different ISO weeks with verified work, so that no single long month makes a veteran.
    least_weeks = me.IntField(required=True, min_value=0, default=0)
    # The roles that may be given from this level on; which kinds of task it opens, these say.
    roles = me.ListField(me.StringField())


class LevelTable(Document):
    """A version of the table of levels; its first line is level 1, below it is level 0."""

    id = me.IntField(primary_key=True)
    lines = me.EmbeddedDocumentListField(LevelLine, required=True)
    put_by = me.StringField()
    put_at = me.DateTimeField()

    meta: dict[str, Any] = {"collection": "level_tables", "indexes": []}

    @property
    def version(self) -> int:
        """Which version it is; 0 as it came with the programme."""
        return int(self.id)
