"""A town full of work to measure with: open tasks, walkers under way, vouchers to scan.

One of each is made by the rooms' own verbs; the many are copies of that document with ids,
places and keys of their own, so that the verbs accept them. The bare app gets the same documents.
"""

import random
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import cycle, islice
from typing import Any, NamedTuple

from pymongo.database import Database

from api.signing_in import tokens_for
from bench.parts import bare_app
from catalog import Reward, live_qr, offer_reward, order_reward, stock_point
from fixtures.factories import CENTRE, a_point, a_resident, a_reward, a_task, a_town, staff
from people import Actor, Role, Unit
from shared.clock import now
from shared.database import database
from shared.ids import new_id, random_id
from tasks import claim_task, start_participation

# About 6 km by 6 km of town.
TOWN_HALF_DEG = (0.027, 0.030)
COPIED = ("people", "units", "tasks", "participations", "rewards", "vouchers", "balances")
WALKED_FOR = timedelta(hours=2)
PRICE = 10
# So many that nobody fetches much more than a person does in an hour.
BUYERS_A_DESK = 20


@dataclass(frozen=True)
class Sizes:
    """How much there is of everything; `claims` and `vouchers` for each client and round."""

    tasks: int = 5_000
    walkers: int = 200
    readers: int = 200
    claims: int = 120
    vouchers: int = 90
    clients: int = 4


class Caller(NamedTuple):
    """Somebody signed in, and the token that each side knows them by."""

    person_id: str
    ours: str
    bare: str


class Desk(NamedTuple):
    """One redemption point: its clerk, and people with coins who order there."""

    point: Unit
    clerk: Caller
    buyers: list[Actor]


@dataclass
class PreparedTown:
    """What stands in both databases; `claims_made` counts the tasks already given out."""

    sizes: Sizes
    bare: Database
    template: dict[str, Any]
    reward: Reward
    desks: list[Desk]
    task_ids: list[str]
    started_at: datetime
    walkers: list[tuple[str, Caller]] = field(default_factory=list)
    readers: list[Caller] = field(default_factory=list)
    claims_made: int = 0


def prepare_town(sizes: Sizes, bare: Database) -> PreparedTown:
    """Fill the connected database, and `bare` with the same; call inside an app context."""
    town = a_town()
    officer = staff(Role.CENTRE_OFFICER, at=town.street)
    task = a_task(at=town.street, by=officer)
    resident = a_resident()
    reward = a_reward(at=town.street, by=officer, price=PRICE, offered=False)
    desks = [_desk(town.street, reward, officer, i) for i in range(sizes.clients)]
    reward = offer_reward(reward.id, by=officer)
    made = PreparedTown(
        sizes,
        bare,
        _model("people", resident.person_id),
        reward,
        desks,
        _more_tasks(task.id, sizes.tasks),
        now() - WALKED_FOR,
    )
    made.walkers = _more_walkers(made.template, sizes.walkers, made.started_at, task.id, resident)
    made.readers = more_people(made.template, sizes.readers)
    for name in COPIED:
        copy_across(name, bare)
    for name, keys, options in bare_app.INDEXES:
        bare[name].create_index(keys, **options)
    return made


def _desk(street: Unit, reward: Reward, officer: Actor, number: int) -> Desk:
    point = a_point(street, code=f"bench-point-{number}")
    stock_point(reward.id, point.id, supplied=1_000_000, by=officer)
    clerk = staff(Role.CLERK, at=point)
    buyers = [a_resident(coins=1_000_000) for _ in range(BUYERS_A_DESK)]
    return Desk(point, _caller(clerk.person_id, clerk.session_id), buyers)


def _caller(person_id: str, session_id: str) -> Caller:
    ours = tokens_for(person_id, session_id, 1)["access_token"]
    return Caller(person_id, ours, bare_app.bearer(person_id, session_id))


def _model(name: str, document_id: str) -> dict[str, Any]:
    """The document just made, to copy from. Raises LookupError where it is not there."""
    found: dict[str, Any] | None = database()[name].find_one({"_id": document_id})
    if found is None:
        raise LookupError(f"there is no {document_id} in {name}")
    return found


def copy_across(name: str, bare: Database, which: dict[str, Any] | None = None) -> None:
    """Copy documents into the bare database; none of them may be there yet."""
    found = list(database()[name].find(which or {}))
    if found:
        bare[name].insert_many(found)


def random_place(rng: random.Random) -> tuple[float, float]:
    """A (lat, lon) somewhere in the town."""
    lat, lon = CENTRE
    up, right = TOWN_HALF_DEG
    return lat + rng.uniform(-up, up), lon + rng.uniform(-right, right)


def _more_tasks(task_id: str, count: int) -> list[str]:
    """`count` open tasks all over the town, like the one published."""
    model = _model("tasks", task_id)
    rng, copies = random.Random(1), []
    for number in range(count):
        lat, lon = random_place(rng)
        place = {"type": "Point", "coordinates": [lon, lat]}
        starts_at = now() + timedelta(minutes=rng.randrange(30, 1_200))
        own = {
            "_id": new_id(),
            "title": f"示例巡防 {number}",
            "draft_key": f"bench-task-{number}",
            "location": place,
            "area": {"shape": "circle", "geometry": place, "radius_m": 400.0},
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(hours=2),
        }
        copies.append({**deepcopy(model), **own})
    database()["tasks"].insert_many(copies)
    return [copy["_id"] for copy in copies]


def more_people(model: dict[str, Any], count: int) -> list[Caller]:
    """`count` signed-in residents like the one who signed up, real-name step and all."""
    copies = []
    for _ in range(count):
        person_id = random_id()
        own = {
            "_id": person_id,
            "phone_hash": f"k1.{person_id}",
            "id_number_hash": f"k1.{person_id}",
            "sessions": [{**model["sessions"][0], "id": random_id()}],
        }
        copies.append({**deepcopy(model), **own})
    database()["people"].insert_many(copies)
    return [_caller(copy["_id"], copy["sessions"][0]["id"]) for copy in copies]


def _more_walkers(
    template: dict[str, Any], count: int, started_at: datetime, task_id: str, resident: Actor
) -> list[tuple[str, Caller]]:
    """Participations under way since then, with who walks them."""
    claimed = claim_task(task_id, position=None, by=resident)
    start_participation(claimed.id, by=resident)
    model = _model("participations", claimed.id)
    callers = more_people(template, count)
    copies = [{**deepcopy(model), "_id": new_id(), "person_id": one.person_id} for one in callers]
    for copy in copies:
        copy["started_at"] = started_at
    database()["participations"].insert_many(copies)
    return [(copy["_id"], one) for copy, one in zip(copies, callers, strict=True)]


def walkers_of(sizes: Sizes) -> tuple[datetime, list[dict[str, str]]]:
    """Since when so many people walk one task, and for each the participation and a token."""
    town = a_town()
    officer = staff(Role.CENTRE_OFFICER, at=town.street)
    task = a_task(at=town.street, by=officer)
    resident = a_resident()
    template, started_at = _model("people", resident.person_id), now() - WALKED_FOR
    walkers = _more_walkers(template, sizes.walkers, started_at, task.id, resident)
    return started_at, [{"participation_id": one, "token": who.ours} for one, who in walkers]


def claims_for_a_round(town: PreparedTown) -> list[list[tuple[str, Caller]]]:
    """For each client, (task, somebody who never claimed before): no two alike."""
    count = town.sizes.claims * town.sizes.clients
    callers = more_people(town.template, count)
    copy_across("people", town.bare, {"_id": {"$in": [one.person_id for one in callers]}})
    first = town.claims_made
    town.claims_made += count
    pairs = [
        (town.task_ids[(first + number) % len(town.task_ids)], one)
        for number, one in enumerate(callers)
    ]
    return [pairs[client :: town.sizes.clients] for client in range(town.sizes.clients)]


def codes_for_a_round(town: PreparedTown) -> list[list[str]]:
    """For each client, live QRs of fresh vouchers at its own desk: good for a minute at least."""
    with ThreadPoolExecutor(town.sizes.clients) as pool:
        ordered = list(pool.map(lambda desk: _order(town, desk), town.desks))
    return [[live_qr(one, by=owner).text for one, owner in mine] for mine in ordered]


def _order(town: PreparedTown, desk: Desk) -> list[tuple[str, Actor]]:
    buyers = islice(cycle(desk.buyers), town.sizes.vouchers)
    ordered = [
        (order_reward(town.reward.id, desk.point.id, key=new_id(), by=buyer).id, buyer)
        for buyer in buyers
    ]
    ids = [voucher_id for voucher_id, _ in ordered]
    copy_across("vouchers", town.bare, {"_id": {"$in": ids}})
    accounts = [f"voucher:{voucher_id}|FUB" for voucher_id in ids]
    copy_across("balances", town.bare, {"_id": {"$in": accounts}})
    return ordered
