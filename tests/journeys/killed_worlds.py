"""What the killed verbs are set in: worlds that share nothing, and a picture to compare them by.

Each world has its own street, people, task or voucher, so that none waits for another's dead
transaction.
"""

import re
from collections import Counter
from datetime import timedelta
from itertools import count

from catalog import Stock, Voucher
from catalog.award import Award
from catalog.points.stock_count import StockCount
from catalog.pools.pool_code import PoolCode
from catalog.providers.delivery import TopUpDelivery
from catalog.scanning.offline_hand_over import OfflineHandOver
from catalog.settlement.point_statement import PointStatement
from fixtures.walk_simulator import simulate_walk
from ledger import Balance, Entry
from people import Actor, Person, Role
from rates import BudgetGrant, budget_year_of
from shared.clock import now, pretending
from shared.database import collection
from shared.ids import new_id, random_id
from tasks import (
    Participation,
    Task,
    Verdict,
    claim_task,
    draft_task,
    finish_participation,
    publish_task,
    start_participation,
    store_positions,
)
from tasks.agenda import Agenda
from tasks.jobs import verify_participation
from tests.tasks.street import CENTRE, add_unit, content, fund, loop_around, staff

HOUR = timedelta(hours=1)
_places = count(1)
# Whose belongings a picture shows.
PEOPLE = ("person_id", "owner_id", "claimant_id", "receiver_id")


def plain(by=None, moment=None, **ids) -> dict:
    """A world as plain values: who acts, at which moment, and the ids of what there is."""
    roles = [[str(held.role), held.unit_id] for held in by.roles] if by else []
    said = {"person_id": by.person_id if by else "", "roles": roles, **ids}
    return said | ({"moment": moment.isoformat()} if moment else {})


def volunteer():
    return Actor(Person(id=random_id(), real_name_at=now()).save().id, "s")


def drafted(city, starts_at):
    """A street with 1,000 coins and a draft of five slots."""
    street = add_unit("鼓西街道", "street", city)
    officer = staff(Role.CENTRE_OFFICER, street)
    fund(street, 1_000)
    window = {"starts_at": starts_at, "ends_at": starts_at + 2 * HOUR}
    # Two kilometres from the next world's: nobody walks where somebody else did.
    lat, lon = CENTRE[0] + 0.02 * next(_places), CENTRE[1]
    area = {"shape": "circle", "geometry": {"type": "Point", "coordinates": [lon, lat]}}
    whole = content(**window, area=area | {"radius_m": 400})
    return street, officer, draft_task(street.id, whole, key=new_id(), by=officer)


def published(city, starts_at):
    street, officer, draft = drafted(city, starts_at)
    return street, officer, publish_task(draft.id, by=officer)


def claimed(task):
    actor = volunteer()
    return actor, claim_task(task.id, position=None, by=actor)


def walked(task):
    """A claim, walked to its end and uploaded; the moment after which it is finished."""
    with pretending(task.starts_at):
        actor, taken = claimed(task)
        start_participation(taken.id, by=actor)
    lon, lat = task.area["geometry"]["coordinates"]
    loop = loop_around((lat, lon))
    recorded = simulate_walk(loop, task.starts_at, next(_places), duration_s=1_800)
    batch = [point | {"at": point["at"].isoformat()} for point in recorded.points]
    moment = recorded.points[-1]["at"] + timedelta(seconds=1)
    with pretending(moment):
        store_positions(taken.id, "all", "wgs84", batch, by=actor)
    return actor, taken, moment


def to_publish(city):
    street, officer, draft = drafted(city, now() + HOUR)
    return plain(officer, unit_id=street.id, task_id=draft.id)


def to_cancel(city):
    """A task with one claim not yet started."""
    street, officer, task = published(city, now() + HOUR)
    with pretending(now() - timedelta(minutes=1)):
        claimant, _ = claimed(task)
    return plain(officer, unit_id=street.id, task_id=task.id, claimant_id=claimant.person_id)


def to_claim(city):
    street, _, task = published(city, now() + HOUR)
    return plain(volunteer(), now() - timedelta(minutes=1), unit_id=street.id, task_id=task.id)


def to_give_up(city):
    street, _, task = published(city, now() + HOUR)
    with pretending(now() - timedelta(minutes=1)):
        actor, taken = claimed(task)
    return plain(actor, unit_id=street.id, task_id=task.id, participation_id=taken.id)


def to_finish(city):
    """A walk whose window is over by now, so that the sweep will also close the task."""
    began = now() - 3 * HOUR
    with pretending(began - HOUR):
        street, _, task = published(city, began)
    actor, taken, moment = walked(task)
    ids = {"unit_id": street.id, "task_id": task.id, "participation_id": taken.id}
    return plain(actor, moment, **ids)


def to_review(city):
    """A walk that waits for a reviewer."""
    began = now() - 3 * HOUR
    with pretending(began - HOUR):
        street, _, task = published(city, began)
    actor, taken, moment = walked(task)
    with pretending(moment):
        finish_participation(taken.id, by=actor)
    unclear = Verdict(number=1, outcome="needs_review", reason={}, judged_at=moment)
    Participation.objects(id=taken.id).update_one(set__state="in_review", push__verdicts=unclear)
    ids = {"unit_id": street.id, "task_id": task.id, "claimant_id": actor.person_id}
    return plain(staff(Role.CENTRE_OFFICER, street), participation_id=taken.id, **ids)


def to_close(city):
    """A task over by now: one walk verified and paid, one claim never started, three slots free."""
    began = now() - 3 * HOUR
    with pretending(began - HOUR):
        street, _, task = published(city, began)
        absent, _ = claimed(task)
    actor, taken, moment = walked(task)
    with pretending(moment):
        finish_participation(taken.id, by=actor)
        verify_participation(taken.id)
    return plain(actor, unit_id=street.id, task_id=task.id, claimant_id=absent.person_id)


def to_grant(city):
    street = add_unit("鼓西街道", "street", city)
    by = staff(Role.RATE_ADMIN, street)
    return plain(by, unit_id=street.id, year=budget_year_of(now()))


# ---- what a world looks like: everything in it, ids by what they name, no moments


def picture(world: dict) -> dict:
    """All that stands in the world, to compare two worlds of the same making."""
    people = {world.get(name) for name in PEOPLE} - {None, ""}
    names = {world[name]: name for name in world if name.endswith("_id") and world[name]}
    parts = list(Participation.objects(person_id__in=people))
    vouchers = list(Voucher.objects(person_id__in=people))
    names |= {one.id: "participation" for one in parts} | {one.id: "voucher" for one in vouchers}
    task = Task.objects(id=world.get("task_id", "")).first()
    engagements = [
        (names[agenda.person_id], one.participation_id in names, one.confirmed)
        for agenda in Agenda.objects(person_id__in=people)
        for one in agenda.engagements
    ]
    return {
        "balances": balances(names),
        "entries": entries(names),
        "task": task and (task.state, task.slots_left, task.settled, task.unheld_slots),
        "claims": task
        and sorted((names[one.person_id], one.participation_id in names) for one in task.claims),
        "participations": sorted(
            (names[one.person_id], one.state, one.settled, len(one.verdicts), bool(one.coins))
            for one in parts
        ),
        "agenda": sorted(engagements),
        "vouchers": sorted(
            (str(one.state), names[one.person_id], bool(one.settled_entry_id), one.code_turn or 0)
            for one in vouchers
        ),
        "point": at_point(world.get("point_id", "")),
        "grants": BudgetGrant.objects(unit_id=world.get("unit_id", "")).count(),
    }


def at_point(point_id: str) -> dict:
    """All that stands at a redemption point but its vouchers."""
    here = {"point_id": point_id}
    statements = [
        (str(one.state), one.sums.coins, one.sums.total_fen, bool(one.payment))
        for one in PointStatement.objects(**here)
    ]
    return {
        # One opened and never supplied is left out: nothing is in it, and the next import uses it.
        "stocks": sorted(
            (one.supplied, one.available)
            for one in Stock.objects(**here)
            if one.supplied or one.available
        ),
        "codes": Counter(str(one.state) for one in PoolCode.objects(**here)),
        "deliveries": Counter(str(one.state) for one in TopUpDelivery.objects(**here)),
        "awards": Counter(str(one.state) for one in Award.objects(**here)),
        "counts": Counter(str(one.state) for one in StockCount.objects(**here)),
        # That a line was accepted is noted for the device, which asks until it is told.
        "disputed": OfflineHandOver.objects(**here, outcome="disputed").count(),
        "statements": sorted(statements),
    }


def balances(names) -> dict[str, int]:
    """What each account of the world holds, the empty ones left out."""
    found = collection(Balance).find({"_id": any_of(names), "posted": {"$ne": 0}})
    return {named(row["_id"], names): row["posted"] for row in found}


def entries(names) -> Counter:
    """How often each entry stands in the book: its key, and what it moved where."""
    found = collection(Entry).find({"legs.account": any_of(names)})
    return Counter(
        (
            re.sub("[0-9a-f]{24,}", "*", named(row["key"], names)),
            *sorted((named(leg["account"], names), int(leg["amount"])) for leg in row["legs"]),
        )
        for row in found
    )


def any_of(names) -> dict:
    return {"$regex": "|".join(map(re.escape, names))}


def named(text: str, names: dict[str, str]) -> str:
    for found, name in names.items():
        text = text.replace(found, name)
    return text
