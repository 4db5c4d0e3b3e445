"""Questions about transfers between budgets: one, and a unit's, asked for, approved, refused."""

from dataclasses import dataclass

from mongoengine import Q

from people import Actor, Role, unit_of, units_of
from rates.budgets.budget_transfer import BudgetTransfer, TransferState
from rates.budgets.transferring import TransferNotFound
from shared.cursors import from_cursor, to_cursor

READERS = (Role.RATE_ADMIN, Role.CENTRE_OFFICER, Role.ADMIN, Role.AUDITOR)
MOST_TRANSFERS = 100


@dataclass(frozen=True)
class TransferPage:
    """Transfers, newest first; where the list goes on."""

    items: tuple[BudgetTransfer, ...]
    next_cursor: str | None


def transfer_of(transfer_id: str, *, by: Actor) -> BudgetTransfer:
    """The transfer, for whoever may read one of the two budgets, or asked for it.

    Raises TransferNotFound.
    """
    found: BudgetTransfer | None = BudgetTransfer.objects.with_id(transfer_id)
    if found is None:
        raise TransferNotFound
    units = units_of([found.from_unit_id, found.to_unit_id]).values()
    if found.asked_by != by.person_id and not any(by.holds(*READERS, at=unit) for unit in units):
        raise TransferNotFound
    return found


def transfers_page(
    unit_id: str,
    *,
    state: TransferState | None = None,
    cursor: str | None = None,
    limit: int = 50,
    by: Actor,
) -> TransferPage:
    """The transfers out of a unit's budgets and into them, newest first.

    Raises UnitNotFound, NotAllowed, BadCursor.
    """
    by.must_hold(*READERS, at=unit_of(unit_id))
    limit = max(1, min(limit, MOST_TRANSFERS))
    wanted = Q(from_unit_id=unit_id) | Q(to_unit_id=unit_id)
    if state:
        wanted &= Q(state=state)
    if cursor:
        wanted &= Q(id__lt=from_cursor(cursor, str)[0])
    found = list(BudgetTransfer.objects(wanted).order_by("-id").limit(limit + 1))
    more = to_cursor(found[limit - 1].id) if len(found) > limit else None
    return TransferPage(tuple(found[:limit]), more)


def transfers_of(unit_id: str, year: int, fund: str, *, most: int) -> tuple[BudgetTransfer, ...]:
    """The newest transfers out of a budget of a year and into it, newest first."""
    sides = Q(from_unit_id=unit_id) | Q(to_unit_id=unit_id)
    found = BudgetTransfer.objects(sides & Q(year=year, fund=fund))
    return tuple(found.order_by("-id").limit(most))
