"""Who walks in the tracks benchmark: participations under way, and batches as phones send them."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, NamedTuple

from fixtures.factories import CENTRE, a_resident, a_task, a_town, staff
from fixtures.walk_simulator import simulate_walk
from people import Actor, Role
from shared.clock import now
from shared.database import database
from shared.ids import new_id, random_id
from tasks import claim_task, start_participation

BATCH_POINTS = 60
WALKED_FOR = timedelta(hours=3)
WALKS = 8


class Walker(NamedTuple):
    """One participation under way, and who walks it."""

    participation_id: str
    actor: Actor


class Walkers:
    """Participations under way since three hours; `more` makes copies of the first."""

    def __init__(self) -> None:
        town = a_town()
        officer = staff(Role.CENTRE_OFFICER, at=town.street)
        task = a_task(at=town.street, by=officer)
        claimed = claim_task(task.id, position=None, by=a_resident())
        start_participation(claimed.id, by=Actor(claimed.person_id, "s"))
        self.started_at = now() - WALKED_FOR
        self._model: dict[str, Any] = database()["participations"].find_one({"_id": claimed.id})

    def more(self, number: int) -> list[Walker]:
        """So many of them, each another person's."""
        own = [{"_id": new_id(), "person_id": random_id()} for _ in range(number)]
        copies = [{**deepcopy(self._model), "started_at": self.started_at, **one} for one in own]
        database()["participations"].insert_many(copies)
        return [Walker(one["_id"], Actor(one["person_id"], "s")) for one in own]


def batches(started_at: datetime, points: int = BATCH_POINTS) -> list[list[dict[str, Any]]]:
    """Simulated walks of two hours in batches, as a phone sends them; all five fields."""
    lat, lon = CENTRE
    route = [CENTRE, (lat + 0.004, lon), (lat + 0.004, lon + 0.004), (lat, lon + 0.004), CENTRE]
    found = []
    for seed in range(WALKS):
        walk = simulate_walk(route, started_at + timedelta(minutes=2), seed, duration_s=7_200)
        sent = [{**point, "at": point["at"].astimezone(UTC).isoformat()} for point in walk.points]
        found += [sent[i : i + points] for i in range(0, len(sent) - points + 1, points)]
    return found


def fresh_keys(name: str) -> Iterator[str]:
    """Upload keys of one length, without end."""
    return (f"{name}-{number:08d}" for number in count())
