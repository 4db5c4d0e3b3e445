"""Every verb that moves coins or slots, killed at each of its writes: the repeat and the sweeps
bring the world to where an undisturbed run would have brought it, and nobody is paid twice.
"""

import re

import killed_worlds as worlds
import pytest
from killed_city import city, zygote
from killing import finished_by_sweeps, finished_everywhere

from ledger import prove

__all__ = ["city", "zygote"]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(150)]

# Who makes the world, and what its accounts hold in the end.
VERBS = {
    "publish_task": (worlds.to_publish, {"unit_id": 500, "task_id": 500}),
    "claim_task": (worlds.to_claim, {"unit_id": 500, "task_id": 500}),
    "give_up": (worlds.to_give_up, {"unit_id": 500, "task_id": 500}),
    "cancel_task": (worlds.to_cancel, {"unit_id": 1_000}),
    "finish_and_verify": (worlds.to_finish, {"unit_id": 900, "person_id": 100}),
    "grant_budget": (worlds.to_grant, {"unit_id": 700}),
    "review": (worlds.to_review, {"unit_id": 900, "claimant_id": 100}),
}


def held(seen: dict) -> dict:
    """What each id's account holds, whatever the kind of account."""
    return {re.search(r"[a-z]+_id", name)[0]: n for name, n in seen.items()}


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_killed_at_any_write_is_finished_by_its_repeat_and_the_sweeps(verb, zygote, city):
    make, coins = VERBS[verb]
    assert held(finished_everywhere(zygote, verb, lambda: make(city))) == coins
    assert prove() == []


def test_a_sweep_killed_at_any_write_is_finished_by_the_next(zygote, city):
    balances = finished_by_sweeps(zygote, "sweep_tasks", lambda: worlds.to_close(city))
    assert held(balances) == {"unit_id": 900, "person_id": 100}
    assert prove() == []
