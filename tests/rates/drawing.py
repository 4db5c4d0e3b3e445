"""A process that draws from a budget in many threads at once and says how each draw ended.

`python tests/rates/drawing.py <unit> <year> <coins> <threads>`; says "ready", then waits for a
line, so that several of them start together.
"""

import json
import sys

from ledger import EntryKind, Leg, NewEntry, accounts, post_one
from rates import Budget, Draw, draw_from_budget
from shared.database import connect, in_transaction
from shared.ids import new_id
from tests.racing import at_once


def draw(budget: Budget, coins: int) -> Draw:
    """Put coins into a task of its own in one transaction, as a publication does."""
    task_id = new_id()

    def decide(session):
        made = draw_from_budget(budget, coins, session=session)
        legs, about = [*made.legs, Leg(accounts.task(task_id), coins)], ("task", task_id)
        key, kind = f"publication:{task_id}", EntryKind.PUBLICATION
        post_one(NewEntry(key, kind, legs, about, unit=budget.unit_id), session=session)
        return made

    return in_transaction(decide)


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
