"""Every verb that moves coins, slots or stock, killed at each of its writes: the repeat and the
sweeps bring the world to where an undisturbed run would have brought it, and nobody is paid twice.
"""

import re
import time
from collections.abc import Callable
from datetime import timedelta

import killed_worlds as worlds
import pytest
from bson import Binary
from killed_verbs import AFTER, BEFORE, Zygote, run_verb
from killed_worlds import picture
from pymongo.errors import PyMongoError

from catalog.jobs import sweep as sweep_catalog
from ledger import prove
from people import Role
from rates import put_card_in_force
from shared.clock import now, pretending
from shared.database import collection, database
from shared.errors import Unavailable
from tasks import Participation, Task
from tasks.agenda import Agenda
from tasks.jobs import sweep as sweep_tasks
from tests.tasks.street import add_unit, staff

pytestmark = [pytest.mark.slow, pytest.mark.timeout(150)]

# A dead process's open transaction is ended by the server after its limit of 5 s, and some.
PATIENCE_S = 40
MOST_WRITES = 60


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
        except PyMongoError as error:
            if not error.timeout:  # which the API answers as "come again"
                raise
            assert time.monotonic() < give_up_at


def note(verb: str, kills: int) -> None:
    """How much was tried, for whoever reads the output (-s)."""
    print(f"{verb}: {kills} kills")


def sweep() -> None:
    """One pass over everything, as if what was cut off had been left alone for long enough."""
    long_ago = {"$set": {"engagements.$[].reserved_at": now() - timedelta(hours=1)}}
    collection(Agenda).update_many({"engagements.0": {"$exists": True}}, long_ago)
    for document in (Task, Participation):
        collection(document).update_many({}, {"$unset": {"look_again_at": ""}})
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
    "publish_task": (worlds.to_publish, {"unit_id": 500, "task_id": 500}),
    "claim_task": (worlds.to_claim, {"unit_id": 500, "task_id": 500}),
    "give_up": (worlds.to_give_up, {"unit_id": 500, "task_id": 500}),
    "cancel_task": (worlds.to_cancel, {"unit_id": 1_000}),
    "finish_and_verify": (worlds.to_finish, {"unit_id": 900, "person_id": 100}),
    "order_reward": (worlds.to_order, {"person_id": 40, "voucher": 60}),
    "cancel_voucher": (worlds.to_cancel_voucher, {"person_id": 100}),
    "scan_voucher": (worlds.to_scan, {"owner_id": 40, "point_id": 60}),
    "stock_point": (worlds.to_stock, {"person_id": 0}),
    "grant_budget": (worlds.to_grant, {"unit_id": 700}),
    "review": (worlds.to_review, {"unit_id": 900, "claimant_id": 100}),
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
    "sweep_tasks": (worlds.to_close, {"unit_id": 900, "person_id": 100}),
    "sweep_catalog": (worlds.to_expire, {"person_id": 100}),
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
