"""A league as data: which units compete, by what; one document a version, the newest counts."""

from enum import StrEnum
from typing import Any

import mongoengine as me

from shared.database import Document

# Fields of bodies rather than places, by the kinds of unit: their members count, not the residents
# around them.
TEAMS: dict[str, tuple[str, ...]] = {
    "team": ("association", "school", "shop_group"),
    "association": ("association",),
    "school": ("school",),
    "shop_group": ("shop_group",),
}


class Measure(StrEnum):
    """What of verified work is added up."""

    HOURS = "hours"
    PARTICIPATIONS = "participations"
    KILOMETRES = "kilometres"


class SeasonLength(StrEnum):
    """How long a season lasts, by the calendar of the business time zone."""

    MONTH = "month"
    QUARTER = "quarter"


class League(Document):
    """One version of a league. `field` is a level of the civil territory or a name of TEAMS."""

    # "grid_hours:2": whoever inserts a version's key first made it.
    key = me.StringField(primary_key=True)
    league_id = me.StringField(required=True)
    version = me.IntField(required=True, min_value=1)
    # A retired league opens no new season; the open one goes on to its end.
    active = me.BooleanField(required=True, default=True)
    name = me.DictField(required=True)
    # The district or city in which they compete.
    unit_id = me.StringField(required=True)
    field = me.StringField(required=True)
    measure = me.EnumField(Measure, required=True)
    # A unit with fewer people behind its sum is not shown: it would be a ranking of people.
    least_contributors = me.IntField(required=True, min_value=3)
    season = me.EnumField(SeasonLength, required=True)
    # None under the standard leagues, which nobody put.
    put_by = me.StringField()
    put_at = me.DateTimeField()

    meta: dict[str, Any] = {
        "collection": "leagues",
        "indexes": [{"fields": ["league_id", "-version"], "unique": True, "name": "of_league"}],
    }

    def terms(self) -> dict[str, Any]:
        """What an admin says of it, as plain values: for the log, and to compare versions."""
        return {
            "active": self.active,
            "name": dict(self.name),
            "unit_id": self.unit_id,
            "field": self.field,
            "measure": Measure(self.measure).value,
            "least_contributors": self.least_contributors,
            "season": SeasonLength(self.season).value,
        }
