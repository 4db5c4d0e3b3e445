"""A process killed at any write of a reversal or a closing: all of it is there, or none, and the
repeat brings the rest.
"""

import time
from collections.abc import Callable

import pytest
from bson import Binary

from ledger import (
    Entry,
    ReversalState,
    balance_of,
    budget,
    close_month,
    closed_months,
    entry_of,
    finish_closings,
    issued,
    post_one,
    prove,
    task,
    wallet,
)
from shared.clock import real_now
from shared.database import collection, database
from shared.errors import Unavailable
from tests.journeys.killed_verbs import AFTER, BEFORE
from tests.ledger.killed_corrections import VERBS, Zygote
from tests.ledger.months import ago, inside, recounted, stored_at_end_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(150)]

PATIENCE_S = 40
MOST_WRITES = 20
SMALL, LARGE = 10, 2_000


@pytest.fixture(scope="module")
def zygote(app):
    made = Zygote()
    yield made
    made.close()


@pytest.fixture
def rewarded(moving, funded):
    """`rewarded(10)` is a world with a reward of 10 coins to somebody of its own."""
    made = []

    def reward(coins):
        made.append(f"{len(made)}-{coins}")
        escrow, purse = funded(task(f"t{made[-1]}"), coins), wallet(f"p{made[-1]}")
        entry_id = post_one(moving(coins, escrow, purse))
        return {"entry_id": entry_id, "purse": purse, "effective_at": real_now().isoformat()}

    return reward


def every_kill(zygote: Zygote, verb: str, build: Callable[[], dict], after_each) -> int:
    """Kill the verb before and after each of its writes, in a fresh world each; how often."""
    kills = 0
    for when in (BEFORE, AFTER):
        for number in range(1, MOST_WRITES):
            world = build()
            ending = zygote.run(verb, world, number, when)
            if ending.session:
                ids = [{"id": Binary(ending.session, 4)}]
                database().client.admin.command("killSessions", ids)
            after_each(world)
            if not ending.is_killed:
                break
            kills += 1
        else:
            pytest.fail(f"{verb} writes without end")
    return kills


def again(verb: str, world: dict) -> object:
    """The survivors' repeat; what a dead transaction still holds is waited for."""
    give_up_at = time.monotonic() + PATIENCE_S
    while True:
        try:
            return VERBS[verb](world)
        except Unavailable:
            assert time.monotonic() < give_up_at


def assert_whole_or_untouched(world: dict, coins: int) -> None:
    seen = entry_of(world["entry_id"])
    is_posted = seen.reversal is not None and seen.reversal.state == ReversalState.POSTED
    assert is_posted == (seen.reversed_by is not None)
    assert balance_of(world["purse"]) == (0 if is_posted else coins)


def test_a_reversal_killed_at_any_write_is_there_whole_or_not_at_all(zygote, rewarded):
    def look(world):
        assert_whole_or_untouched(world, SMALL)
        assert again("reverse", world).state == ReversalState.POSTED
        assert_whole_or_untouched(world, SMALL)
        reversing = collection(Entry).count_documents({"reverses": world["entry_id"]})
        assert (reversing, balance_of(world["purse"])) == (1, 0)

    # The entry, the balances, the request, the commit: each before and after.
    assert every_kill(zygote, "reverse", lambda: rewarded(SMALL), look) >= 8
    assert prove() == []


@pytest.mark.parametrize(("verb", "kills"), [("approve", 8), ("decline", 2)])
def test_a_decision_killed_at_any_write_is_taken_whole_or_not_at_all(zygote, rewarded, verb, kills):
    def ask():
        world = rewarded(LARGE)
        VERBS["reverse"](world)
        return world

    def look(world):
        assert_whole_or_untouched(world, LARGE)
        done = again(verb, world)
        assert (done.state, done.decided_by) == (
            {"approve": ReversalState.POSTED, "decline": ReversalState.DECLINED}[verb],
            "o2",
        )
        assert_whole_or_untouched(world, LARGE)

    assert every_kill(zygote, verb, ask, look) >= kills
    assert prove() == []


@pytest.mark.parametrize("verb", ["close", "finish"])
def test_a_closing_killed_at_any_write_is_finished_by_its_repeat(zygote, moving, verb):
    months = iter(range(MOST_WRITES * 2, 0, -1))

    def build():
        month = ago(next(months))
        way = (issued("350102", 2026), budget("street", 2026))
        post_one(moving(5, *way, effective_at=inside(month)))
        if verb == "finish":
            # The sweep of a closing that was cut off before anything was stored.
            zygote.run("close", {"month": month}, 1, AFTER)
        return {"month": month}

    def look(world):
        again(verb, world)
        (newest, *_) = closed_months()
        assert (newest.month, newest.stored) == (world["month"], True)
        assert stored_at_end_of(world["month"]) == recounted(world["month"])

    # The closing, its balances, the note that they are stored.
    assert every_kill(zygote, verb, build, look) >= (6 if verb == "close" else 4)
    assert finish_closings() == 0
    assert close_month(closed_months()[0].month, by_id="o2").closed_by == "o1"
