"""A process that draws from a budget in many threads at once and says how each draw ended.

`python tests/rates/drawing.py <unit> <year> <coins> <threads>`; says "ready", then waits for a
line, so that several of them start together.
"""

import json
import sys
from collections.abc import Callable

from ledger import GENERAL_FUND, EntryKind, Leg, NewEntry, accounts, post_one
from rates import Budget, Draw, budget_for, draw_from_budget, draw_owed
from shared.clock import real_now
from shared.database import connect, in_transaction
from shared.ids import new_id
from tests.racing import at_once


def draw(budget: Budget, coins: int, **how) -> Draw:
    """Put coins into a task of its own in one transaction, as a publication does."""
    return into_a_task(
        budget.unit_id,
        coins,
        lambda session: draw_from_budget(budget, coins, session=session, **how),
    )


def publish(unit_id: str, coins: int, moment=None, fund: str = GENERAL_FUND) -> Draw:
    """The same out of whichever budget pays at that moment (now), decided in the transaction."""

    def taken(session):
        budget = budget_for(unit_id, moment or real_now(), fund, session=session)
        return draw_from_budget(budget, coins, session=session)

    return into_a_task(unit_id, coins, taken)


def pay_owed(unit_id: str, coins: int, fund: str = GENERAL_FUND) -> Draw:
    """The same for what is owed already."""
    return into_a_task(
        unit_id,
        coins,
        lambda session: draw_owed(unit_id, real_now(), fund, coins, session=session),
    )


def give_back(task_account: str, budget_account: str, coins: int) -> None:
    """What a task did not pay comes home to the very account it was drawn from."""
    legs = [Leg(task_account, -coins), Leg(budget_account, coins)]
    unit = budget_account.split(":")[1]
    post_one(NewEntry(new_id(), EntryKind.TASK_RETURN, legs, ("task", new_id()), unit=unit))


def into_a_task(unit_id: str, coins: int, taken: Callable[..., Draw], **how) -> Draw:
    """Put coins into a task of its own in one transaction, drawn by `taken(session)` in it."""
    task_id = new_id()

    def decide(session):
        made = taken(session)
        legs, about = [*made.legs, Leg(accounts.task(task_id), coins)], ("task", task_id)
        key, kind = f"publication:{task_id}", EntryKind.PUBLICATION
        post_one(NewEntry(key, kind, legs, about, unit=unit_id), session=session)
        return made

    return in_transaction(decide, **how)


def main() -> None:
    unit_id, year, coins, threads = sys.argv[1:]
    connect()
    print("ready", flush=True)
    sys.stdin.readline()
    budget = Budget(unit_id, int(year))
    answers = at_once(int(threads), lambda _: draw(budget, int(coins)))
    print(json.dumps([type(answer).__name__ for answer in answers]), flush=True)


if __name__ == "__main__":
    main()
