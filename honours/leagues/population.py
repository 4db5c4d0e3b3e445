"""How many residents a unit has, as an admin put it: what a league's sums are held against."""

from typing import Any

import mongoengine as me

from shared.database import Document

MOST_RESIDENTS = 2_000_000_000


class Population(Document):
    """A unit's residents (the id is the unit's), where the figure is from and of which day."""

    id = me.StringField(primary_key=True)
    residents = me.IntField(required=True, min_value=1)
    source = me.StringField(required=True)
    # A day, 2025-12-31.
    as_of = me.StringField(required=True)
    put_by = me.StringField(required=True)
    put_at = me.DateTimeField(required=True)
    version = me.IntField(required=True)

    meta: dict[str, Any] = {"collection": "populations", "indexes": [["put_at"]]}
