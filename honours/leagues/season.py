"""A season of a league: its time, the terms it is played by, and which edition of ranks counts."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import mongoengine as me

from honours.leagues.league import TEAMS, Measure
from shared.database import Document

# After its end appeals are decided; then the last edition stands for good.
APPEALS = timedelta(days=3)


class SeasonState(StrEnum):
    """OPEN until the final edition is published, which is the very write that makes it CLOSED."""

    OPEN = "open"
    CLOSED = "closed"


class Season(Document):
    """One season; the league's terms as they stood at its opening, so that none changes midway."""

    # "grid_hours:2026-11"
    id = me.StringField(primary_key=True)
    league_id = me.StringField(required=True)
    league_version = me.IntField(required=True)
    name = me.DictField(required=True)
    unit_id = me.StringField(required=True)
    field = me.StringField(required=True)
    measure = me.EnumField(Measure, required=True)
    least_contributors = me.IntField(required=True)
    # 2026-11 or 2026Q4
    period = me.StringField(required=True)
    from_at = me.DateTimeField(required=True)
    until_at = me.DateTimeField(required=True)
    state = me.EnumField(SeasonState, required=True, default=SeasonState.OPEN)
    # Editions begun so far, and when the last was; the published one (0: none yet), when, and how
    # many units it ranks.
    editions = me.IntField(required=True, default=0)
    begun_at = me.DateTimeField()
    published_edition = me.IntField(required=True, default=0)
    published_at = me.DateTimeField()
    # The true moment from which on its work was read.
    counted_at = me.DateTimeField()
    ranked = me.IntField(required=True, default=0)
    closed_at = me.DateTimeField()
    # Once CLOSED: whether people were told, and whether the older editions are gone.
    is_told = me.BooleanField(required=True, default=False)
    is_tidy = me.BooleanField(required=True, default=False)

    meta: dict[str, Any] = {
        "collection": "league_seasons",
        "indexes": [
            # Two versions of a league may disagree about the length, not about what comes next.
            {"fields": ["league_id", "-from_at"], "unique": True, "name": "of_league"},
            {"fields": ["state", "published_at"], "name": "to_publish"},
        ],
    }

    @property
    def is_of_teams(self) -> bool:
        """Whether bodies compete, by their members, rather than places by their residents."""
        return self.field in TEAMS

    def is_final_at(self, moment: datetime) -> bool:
        """Whether the next edition is the last one: the time of appeals is over."""
        return moment >= self.until_at + APPEALS
