"""Kills a verb at each of its writes, lets the survivors repeat it and sweep, and looks."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from bson import Binary
from killed_verbs import AFTER, BEFORE, Ending, Zygote, run_verb
from killed_worlds import picture
from pymongo.errors import PyMongoError

from catalog import Voucher
from catalog.jobs import sweep as sweep_catalog
from catalog.providers.delivery import TopUpDelivery
from shared.clock import now, real_now
from shared.database import collection, database
from shared.errors import Unavailable
from tasks import Participation, Task
from tasks.agenda import Agenda
from tasks.jobs import sweep as sweep_tasks

# A dead process's open transaction is ended by the server after its limit of 5 s, and some.
PATIENCE_S = 40
MOST_WRITES = 60


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
    for document in (Task, Participation, Voucher):
        collection(document).update_many({}, {"$unset": {"look_again_at": ""}})
    # Who died with a delivery in hand holds it no more.
    waiting = {"next_try_at": {"$gt": real_now()}}
    collection(TopUpDelivery).update_many(waiting, {"$set": {"next_try_at": real_now()}})
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


def let_go(ending: Ending) -> None:
    """End at once the transaction that a dead process left open, as the server would later."""
    if ending.session:
        ids = [{"id": Binary(ending.session, 4)}]
        database().client.admin.command("killSessions", ids)


def finished_everywhere(zygote: Zygote, verb: str, make: Callable[[], dict]) -> dict:
    """The balances of a world in which the verb was done, once every killed one ends like it.

    Half of the killed ones are repeated and swept, half are only swept and may be untouched, too.
    """
    untouched, whole = swept(make()), undisturbed(verb, make)
    assert whole != untouched
    repeated, abandoned = [], []
    kills = sum(
        every_kill(
            zygote, verb, make, lambda world, _ending, where, to=to: to.append((world, where))
        )
        for to in (repeated, abandoned)
    )
    for world, where in repeated:
        say_again(verb, world)
        sweep_until(world, [whole], where)
    for world, where in abandoned:
        sweep_until(world, [untouched, whole], where)
    assert kills >= 4
    note(verb, kills)
    return whole["balances"]


def finished_by_sweeps(zygote: Zygote, verb: str, make: Callable[[], dict]) -> dict:
    """The balances of a world after a pass, once every world of a killed pass ends like it."""
    whole = undisturbed(verb, make)

    def go_on(world: dict, ending: Ending, where: str) -> None:
        # A sweep sees every world, so the next one may not find this one still held.
        let_go(ending)
        sweep_until(world, [whole], where)

    kills = every_kill(zygote, verb, make, go_on)
    assert kills >= 4
    note(verb, kills)
    return whole["balances"]
