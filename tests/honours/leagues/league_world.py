"""What the tests of leagues are set in: grids with people at home there, and their work."""

from datetime import UTC, datetime, timedelta

from fixtures.factories import a_town, a_unit
from honours import Season, Standing, publish_ranks
from honours.leagues.opening_seasons import open_season
from honours.leagues.population import Population
from honours.leagues.putting_leagues import league_of
from people import Actor, Held, Membership, Person, Role, UnitKind
from shared.clock import pretending, real_now
from shared.ids import random_id
from tests.worked import past_task, work

# In the middle of a season: by months and by quarters of Shanghai.
NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
BEGAN = datetime(2026, 10, 31, 16, tzinfo=UTC)
ENDED = datetime(2026, 11, 30, 16, tzinfo=UTC)
WORKED_AT = datetime(2026, 11, 10, 11, tzinfo=UTC)
LEAGUE = "grid_hours"


class World:
    """A street with grids; the people, work and populations a test puts there."""

    def __init__(self):
        self.town = a_town()
        self.admin = self.town.admin
        self.task = past_task(self.town.street, starts_at=WORKED_AT)

    def grid(self, code, residents=1_000, level="grid", parent=None, **more):
        """A unit of the civil territory, its population put where there is one."""
        parent = parent or self.town.street
        unit = a_unit(UnitKind.CIVIL, parent, code=code, name=f"网格{code}", level=level, **more)
        if residents:
            self.populate(unit, residents)
        return unit

    def populate(self, unit, residents):
        Population(
            id=unit.id,
            residents=residents,
            source="示例统计",
            as_of="2025-12-31",
            put_by="somebody",
            put_at=real_now() - timedelta(days=1),
            version=1,
        ).save()

    def volunteers(self, unit, hours, **more):
        """One person at home in the unit for each of these hours, who worked so long; their ids."""
        return [self.volunteer(unit, one, **more) for one in hours]

    def volunteer(self, unit, hours=0.0, *, role=Role.RESIDENT, is_home=True, **more):
        person = a_person(Membership(role=role, unit_id=unit.id, since=BEGAN, is_home=is_home))
        if hours:
            work(person.id, self.task, starts_at=WORKED_AT, hours=hours, **more)
        return person.id


def a_person(*memberships):
    return Person(id=random_id(), memberships=list(memberships)).save()


def acting(person_id, *held):
    return Actor(person_id, "s", tuple(Held(role, unit.id) for role, unit in held))


def season_now(league_id=LEAGUE, moment=NOW):
    """The id of the league's season of a moment, opened."""
    with pretending(moment):
        open_season(league_of(league_id))
    return Season.objects(league_id=league_id).order_by("-from_at").first().id


def published(season_id, moment=NOW):
    """The number of the edition just published."""
    with pretending(moment):
        return publish_ranks(season_id)


def shown(season_id):
    """[(unit id, rank, score, contributors)] of the published edition, in its order."""
    season = Season.objects.get(id=season_id)
    rows = Standing.objects(season_id=season_id, edition=season.published_edition)
    return [(one.unit_id, one.rank, one.score, one.contributors) for one in rows.order_by("place")]
