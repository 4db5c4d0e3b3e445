"""A street with a centre, a funded budget and a rate card; tasks to claim, walks to judge."""

from datetime import timedelta
from itertools import count
from types import SimpleNamespace

import pytest

from fixtures.factories import put_card
from fixtures.walk_simulator import simulate_walk
from ledger import EntryKind, Leg, NewEntry, budget, issued, post_one
from people import Actor, Held, Person, Role, Unit, UnitKind
from rates import budget_year_of
from shared.clock import now, pretending
from shared.database import collection
from shared.ids import new_id, random_id
from tasks import (
    Participation,
    Task,
    claim_task,
    draft_task,
    finish_participation,
    publish_task,
    start_participation,
    store_positions,
)
from tasks.agenda import Agenda

CENTRE = (26.09, 119.29)
PATROL_RATE = [{"kind": "patrol", "base": 0, "per_hour": 50, "minimum": 1}]
LONG_AGO = timedelta(days=1)
_PARTICIPATION_TIMES = (
    "starts_at",
    "ends_at",
    "held_until",
    "free_until",
    "offered_until",
    "finish_received_at",
    "look_again_at",
)


def add_unit(name, level, parent=None):
    unit_id = new_id()
    return Unit(
        id=unit_id,
        kind=UnitKind.CIVIL if parent else UnitKind.CITY,
        level=level,
        name=name,
        name_en=level,
        code=unit_id,
        parent_id=parent.id if parent else "",
        lineage=[*(parent.lineage if parent else []), unit_id],
    ).save()


def staff(role, unit):
    return Actor(random_id(), "s", (Held(role, unit.id),))


@pytest.fixture
def town():
    city = add_unit("福州市", "")
    district = add_unit("鼓楼区", "district", city)
    street = add_unit("鼓西街道", "street", district)
    rate_admin = staff(Role.RATE_ADMIN, city)
    with pretending(now() - timedelta(days=2)):
        put_card(
            city.id,
            now() + timedelta(minutes=1),
            PATROL_RATE,
            fen_per_10000_coins=20_000,
            by=rate_admin,
        )
    fund(street, 10_000)
    return SimpleNamespace(
        city=city,
        district=district,
        street=street,
        rate_admin=rate_admin,
        officer=staff(Role.CENTRE_OFFICER, street),
        other_officer=staff(Role.CENTRE_OFFICER, street),
    )


def fund(unit, coins, slice_number=0, *, name="general"):
    year = budget_year_of(now())
    into = budget(unit.id, year, slice_number, fund=name)
    legs = [Leg(issued("350102", year), -coins), Leg(into, coins)]
    about = ("unit", unit.id)
    key = f"grant:{new_id()}"
    post_one(NewEntry(key, EntryKind.BUDGET_GRANT, legs, about, unit=unit.id))


@pytest.fixture
def volunteer():
    """Somebody signed in; `volunteer(real_name=False)` has not done that step."""

    def make(*, real_name=True, roles=(), **more):
        person = Person(id=random_id(), real_name_at=now() if real_name else None, **more).save()
        return Actor(person.id, "s", tuple(roles))

    return make


def content(**changes):
    """What a centre writes into a draft: two hours around the middle of the street."""
    lat, lon = CENTRE
    starts_at = now() + timedelta(minutes=5)
    return {
        "kind": "patrol",
        "title": "夜间平安巡防",
        "brief": "",
        "address": "鼓西派出所",
        "area": {
            "shape": "circle",
            "geometry": {"type": "Point", "coordinates": [lon, lat]},
            "radius_m": 400,
        },
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=2),
        "slots": 5,
        "claim_from": "anywhere",
        "claim_within_m": None,
        "checks": [
            {"check": "inside_time", "parameters": {"min_s": 600}},
            {"check": "inside_distance", "parameters": {"min_m": 500}},
            {"check": "plausible_speed", "parameters": {}},
        ],
    } | changes


@pytest.fixture
def draft(town):
    """Drafts a task of the street."""
    return lambda key="", **changes: draft_task(
        town.street.id, content(**changes), key=key or new_id(), by=town.officer
    )


@pytest.fixture
def published(town, draft):
    """Publishes a task of the street."""
    return lambda **changes: publish_task(draft(**changes).id, by=town.officer)


def loop_around(place=CENTRE, side_m=150):
    """A square to walk around `place`, as (lat, lon) corners."""
    lat, lon = place
    up, right = side_m / 111_000, side_m / 99_700
    return [
        (lat - up, lon - right),
        (lat - up, lon + right),
        (lat + up, lon + right),
        (lat + up, lon - right),
        (lat - up, lon - right),
    ]


_walks = count(1)


def played(task, actor, move=simulate_walk, *, minutes=30, seed=None):
    """A claim of the task, walked (or driven) to the finish by the demo clock, not yet judged.

    No two walk the same line at the same pace, unless they have one `seed`.
    """
    began, seed = task.starts_at, seed or next(_walks)
    loop = loop_around(side_m=90 + 37 * seed % 120)
    recorded = move(loop, began, seed, duration_s=minutes * 60)
    with pretending(began):
        taken = claim_task(task.id, position=None, by=actor)
        start_participation(taken.id, by=actor)
    batch = [point | {"at": point["at"].isoformat()} for point in recorded.points]
    with pretending(recorded.points[-1]["at"] + timedelta(seconds=1)):
        for first in range(0, len(batch), 100):
            upload = batch[first : first + 100]
            store_positions(taken.id, f"u{first}", "wgs84", upload, by=actor)
        return finish_participation(taken.id, by=actor)


def make_older(by=LONG_AGO):
    """Let the past happen: every time written so far lies further back."""
    for document, fields in (
        (Task, ("starts_at", "ends_at", "look_again_at")),
        (Participation, _PARTICIPATION_TIMES),
    ):
        for row in collection(document).find():
            moved = {name: row[name] - by for name in fields if row.get(name)}
            collection(document).update_one({"_id": row["_id"]}, {"$set": moved})
    for row in collection(Agenda).find():
        for engagement in row["engagements"]:
            engagement["reserved_at"] -= by
        collection(Agenda).replace_one({"_id": row["_id"]}, row)
