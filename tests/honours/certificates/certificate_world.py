"""A town with a volunteer whose work is verified, for tests of certificates of service."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

from fixtures.factories import a_resident, a_town
from honours import certify_service
from tests.worked import work

SINCE, UNTIL = date(2026, 1, 1), date(2026, 6, 30)
NAME = "示例居民"


def march(day, hour=11):
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def a_volunteer():
    """A town, a volunteer, two patrols and a care visit of March; their ids in `done`."""
    town = a_town()
    volunteer = a_resident(home=town.street)
    done = [
        work(volunteer, town.street, starts_at=march(2), hours=2.0, km=3.2),
        work(volunteer, town.street, starts_at=march(3), hours=1.5, km=2.9),
        work(volunteer, town.street, starts_at=march(4), hours=0.75, km=0.0, kind="care_visit"),
    ]
    return SimpleNamespace(town=town, who=volunteer, done=done)


def certified(world, key="certificate-0001", **more):
    """A certificate of the volunteer's half year."""
    wish = {"since": SINCE, "until": UNTIL} | more
    return certify_service(**wish, key=key, by=world.who)
