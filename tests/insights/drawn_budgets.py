"""Coins of a unit's budget put into a task and given back, as publishing and closing move them."""

from ledger import EntryKind, Leg, NewEntry, accounts, post_one
from rates import budget_year_of
from shared.clock import now
from shared.ids import new_id

TASK = "sample-task"


def draw(unit, coins, *, quarter=None):
    """So many coins go into a task, now."""
    source = accounts.budget(unit.id, budget_year_of(now()), quarter=quarter)
    _post(EntryKind.PUBLICATION, source, accounts.task(TASK), coins, unit)


def give_back(unit, coins):
    """So many coins come back from it, now."""
    target = accounts.budget(unit.id, budget_year_of(now()))
    _post(EntryKind.TASK_RETURN, accounts.task(TASK), target, coins, unit)


def _post(kind, source, target, coins, unit):
    legs = [Leg(source, -coins), Leg(target, coins)]
    post_one(NewEntry(f"sample:{new_id()}", kind, legs, ("task", TASK), unit=unit.id))
