"""What the killed verbs are set in: worlds that share nothing, and a picture to compare them by.

Each world has its own street, people, task or voucher, so that none waits for another's dead
transaction.
"""

import re
from collections import Counter
from datetime import timedelta
from itertools import count
from types import SimpleNamespace

from catalog import Stock, Voucher, draft_reward, offer_reward, order_reward, voucher_of
from catalog import stock_point as supply
from fixtures.walk_simulator import simulate_walk
from ledger import Balance, Entry
from people import Actor, Person, Role, UnitKind
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
from tests.catalog.catalog_town import add_person
from tests.tasks.street import CENTRE, add_unit, content, fund, loop_around, staff

HOUR = timedelta(hours=1)
_places = count(1)


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


def shop(city):
    """A redemption point with ten of a reward for 60 coins, and its people."""
    point = add_unit("示例兑换点", "", city)
    collection(type(point)).update_one(
        {"_id": point.id}, {"$set": {"kind": UnitKind.REDEMPTION_POINT.value}}
    )
    officer, clerk = staff(Role.CENTRE_OFFICER, city), staff(Role.CLERK, point)
    terms = {"title": "洗衣液", "price": 60, "validity_days": 30}
    reward = draft_reward(city.id, key=new_id(), by=officer, **terms)
    supply(reward.id, point.id, supplied=10, by=officer)
    offer_reward(reward.id, by=officer)
    return SimpleNamespace(
        officer=officer,
        clerk=clerk,
        resident=add_person(100),
        ids={"reward_id": reward.id, "point_id": point.id},
    )


def to_order(city):
    made = shop(city)
    return plain(made.resident, **made.ids)


def to_stock(city):
    made = shop(city)
    return plain(made.officer, **made.ids)


def ordered(made):
    return order_reward(made.ids["reward_id"], made.ids["point_id"], key="k", by=made.resident)


def to_cancel_voucher(city):
    made = shop(city)
    return plain(made.resident, voucher_id=ordered(made).id, **made.ids)


def to_scan(city):
    made = shop(city)
    held = voucher_of(ordered(made).id, by=made.resident)
    ids = {"voucher_id": held.voucher.id, "owner_id": made.resident.person_id, **made.ids}
    return plain(made.clerk, code=held.code, **ids)


def to_expire(city):
    made = shop(city)
    with pretending(now() - timedelta(days=31)):
        held = ordered(made)
    return plain(made.resident, voucher_id=held.id, **made.ids)


def to_grant(city):
    street = add_unit("鼓西街道", "street", city)
    by = staff(Role.RATE_ADMIN, street)
    return plain(by, unit_id=street.id, year=budget_year_of(now()))


# ---- what a world looks like: everything in it, ids by what they name, no moments


def picture(world: dict) -> dict:
    """All that stands in the world, to compare two worlds of the same making."""
    people = {world.get(name) for name in ("person_id", "owner_id", "claimant_id")} - {None, ""}
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
        "vouchers": [(str(one.state), bool(one.settled_entry_id)) for one in vouchers],
        "stocks": [
            (one.supplied, one.available)
            for one in Stock.objects(point_id=world.get("point_id", ""))
        ],
        "grants": BudgetGrant.objects(unit_id=world.get("unit_id", "")).count(),
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
