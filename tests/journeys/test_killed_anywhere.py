"""Every verb that moves coins, slots or stock, killed at each of its writes: the repeat and the
sweeps bring the world to where an undisturbed run would have brought it, and nobody is paid twice.
"""

import re
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from bson import Binary
from killed_verbs import AFTER, BEFORE, Zygote, run_verb
from pymongo.errors import PyMongoError

from catalog import Stock, Voucher, draft_reward, offer_reward, order_reward, voucher_of
from catalog import stock_point as supply
from catalog.jobs import sweep as sweep_catalog
from fixtures.walk_simulator import simulate_walk
from ledger import Balance, Entry, prove
from people import Person, Role, UnitKind
from rates import BudgetGrant, budget_year_of, put_card_in_force
from shared.clock import now, pretending
from shared.database import collection, database
from shared.errors import Unavailable
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
from tasks.jobs import sweep as sweep_tasks
from tasks.jobs import verify_participation
from tests.catalog.catalog_town import add_person
from tests.tasks.street import add_unit, content, fund, loop_around, staff

pytestmark = [pytest.mark.slow, pytest.mark.timeout(150)]

# A dead process's open transaction is ended by the server after its limit of 5 s, and some.
PATIENCE_S = 40
MOST_WRITES = 60
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def zygote(app):
    made = Zygote()
    yield made
    made.close()


@pytest.fixture
def city():
    """A city whose rates are in force: two hours of patrol are 100 coins."""
    made = add_unit("福州市", "")
    with pretending(now() - timedelta(days=60)):
        lines = [{"kind": "patrol", "base": 0, "per_hour": 50, "minimum": 1}]
        moment, by = now() + timedelta(minutes=1), staff(Role.RATE_ADMIN, made)
        put_card_in_force(made.id, moment, lines, fen_per_10000_coins=20_000, by=by)
    return made


# ---- worlds: each has its own street, people, task or voucher, so that none waits for another


def plain(by=None, moment=None, **ids) -> dict:
    """A world as plain values: who acts, at which moment, and the ids of what there is."""
    roles = [[str(held.role), held.unit_id] for held in by.roles] if by else []
    said = {"person_id": by.person_id if by else "", "roles": roles, **ids}
    return said | ({"moment": moment.isoformat()} if moment else {})


def volunteer():
    return SimpleNamespace(
        person_id=Person(id=random_id(), real_name_at=now()).save().id, session_id="s", roles=()
    )


def drafted(city, starts_at):
    """A street with 1,000 coins and a draft of five slots."""
    street = add_unit("鼓西街道", "street", city)
    officer = staff(Role.CENTRE_OFFICER, street)
    fund(street, 1_000)
    window = {"starts_at": starts_at, "ends_at": starts_at + 2 * HOUR}
    return street, officer, draft_task(street.id, content(**window), key=new_id(), by=officer)


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
    recorded = simulate_walk(loop_around(), task.starts_at, 1, duration_s=1_800)
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


# ---- the kills


def every_kill(zygote: Zygote, verb: str, build: Callable[[], dict], after_each) -> int:
    """Kill the verb before and after each of its writes, in a fresh world each; how often."""
    kills = 0
    for when in (BEFORE, AFTER):
        for number in range(1, MOST_WRITES):
            world = build()
            ending = zygote.run(verb, world, number, when)
            after_each(world, ending, f"{verb} killed {when} write {number}")
            if not ending.is_killed:
                break
            kills += 1
        else:
            pytest.fail(f"{verb} writes without end")
    return kills


def say_again(verb: str, world: dict) -> None:
    """The survivors' repeat; what a dead transaction still holds is waited for, as callers do."""
    give_up_at = time.monotonic() + PATIENCE_S
    while True:
        try:
            return run_verb(verb, world)
        except Unavailable:
            assert time.monotonic() < give_up_at
        except PyMongoError as error:  # which the API answers as "come again"
            assert error.timeout, error
            assert time.monotonic() < give_up_at


def note(verb: str, kills: int) -> None:
    """How much was tried, for whoever reads the output (-s)."""
    print(f"{verb}: {kills} kills")


def sweep() -> None:
    sweep_tasks()
    sweep_catalog()


def sweep_until(world: dict, wanted: list[dict], where: str) -> None:
    """Sweep until the world is as one of `wanted`."""
    give_up_at = time.monotonic() + PATIENCE_S
    while (seen := picture(world)) not in wanted:
        if time.monotonic() > give_up_at:
            assert seen == wanted[-1], where
        sweep()


def swept(world: dict) -> dict:
    """What the sweeps make of a world that nothing disturbs."""
    for _ in range(3):
        sweep()
    return picture(world)


def undisturbed(verb: str, build: Callable[[], dict]) -> dict:
    world = build()
    run_verb(verb, world)
    return swept(world)


# Who makes the world, and what its accounts hold in the end.
VERBS = {
    "publish_task": (to_publish, {"unit_id": 500, "task_id": 500}),
    "claim_task": (to_claim, {"unit_id": 500, "task_id": 500}),
    "give_up": (to_give_up, {"unit_id": 500, "task_id": 500}),
    "cancel_task": (to_cancel, {"unit_id": 1_000}),
    "finish_and_verify": (to_finish, {"unit_id": 900, "person_id": 100}),
    "order_reward": (to_order, {"person_id": 40, "voucher": 60}),
    "cancel_voucher": (to_cancel_voucher, {"person_id": 100}),
    "scan_voucher": (to_scan, {"owner_id": 40, "point_id": 60}),
    "stock_point": (to_stock, {"person_id": 0}),
    "grant_budget": (to_grant, {"unit_id": 700}),
    "review": (to_review, {"unit_id": 900, "claimant_id": 100}),
}


def held(seen: dict) -> dict:
    """What each id's account holds, whatever the kind of account."""
    return {re.search(r"[a-z]+_id|voucher(?=\\|)", name)[0]: n for name, n in seen.items()}


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_killed_at_any_write_is_finished_by_its_repeat_and_the_sweeps(verb, zygote, city):
    make, coins = VERBS[verb]
    untouched, whole = swept(make(city)), undisturbed(verb, lambda: make(city))
    assert whole != untouched
    assert {name: n for name, n in held(whole["balances"]).items() if n} == {
        name: n for name, n in coins.items() if n
    }
    repeated, abandoned = [], []
    builds = {"repeated": repeated, "abandoned": abandoned}
    kills = sum(
        every_kill(
            zygote,
            verb,
            lambda: make(city),
            lambda world, _ending, where, to=to: to.append((world, where)),
        )
        for to in builds.values()
    )
    for world, where in repeated:
        say_again(verb, world)
        sweep_until(world, [whole], where)
    for world, where in abandoned:
        sweep_until(world, [untouched, whole], where)
    assert kills >= 4
    assert prove() == []
    note(verb, kills)


SWEEPS = {
    "sweep_tasks": (to_close, {"unit_id": 900, "person_id": 100}),
    "sweep_catalog": (to_expire, {"person_id": 100}),
}


@pytest.mark.parametrize("verb", SWEEPS)
def test_a_sweep_killed_at_any_write_is_finished_by_the_next(verb, zygote, city):
    make, coins = SWEEPS[verb]
    whole = undisturbed(verb, lambda: make(city))
    assert held(whole["balances"]) == coins

    def go_on(world, ending, where):
        # A sweep sees every world, so the next one may not find this one still held.
        if ending.session:
            ids = [{"id": Binary(ending.session, 4)}]
            database().client.admin.command("killSessions", ids)
        sweep_until(world, [whole], where)

    kills = every_kill(zygote, verb, lambda: make(city), go_on)
    assert kills >= 4
    assert prove() == []
    note(verb, kills)
