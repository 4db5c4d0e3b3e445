"""A standing: the place of one unit in one edition of a season; never altered."""

from typing import Any

import mongoengine as me

from honours.leagues.ranking import band_of, rounded
from shared.database import Document


class Standing(Document):
    """One unit's rank and score, and what they come from. `score` is in thousandths.

    `place` runs from 1 without gaps or ties, in the order of ranks, so that neighbours are a
    range of it; `rank` is shared by equal scores.
    """

    # "<season>:<edition>:<unit>", so that one's own is found by its key.
    id = me.StringField(primary_key=True)
    season_id = me.StringField(required=True)
    edition = me.IntField(required=True)
    unit_id = me.StringField(required=True)
    place = me.IntField(required=True)
    rank = me.IntField(required=True)
    score = me.IntField(required=True)
    # Seconds, metres or participations; residents or members; people.
    raw = me.IntField(required=True)
    population = me.IntField(required=True)
    contributors = me.IntField(required=True)

    meta: dict[str, Any] = {
        "collection": "league_standings",
        "indexes": [
            {"fields": ["season_id", "edition", "place"], "unique": True, "name": "in_order"}
        ],
    }

    @property
    def score_shown(self) -> int:
        """To two digits, so that no difference of two editions is one person's hours."""
        return rounded(self.score)

    @property
    def contributors_shown(self) -> int:
        """At least so many people, so that nobody is missed by name."""
        return band_of(self.contributors)


def standing_id(season_id: str, edition: int, unit_id: str) -> str:
    """The id of a unit's standing in an edition."""
    return f"{season_id}:{edition}:{unit_id}"
