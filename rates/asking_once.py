"""What everybody who moves money of a budget or fund has in common: sound figures, and a key of
their own under which the same again is the same.
"""

from collections.abc import Sequence
from typing import TypeVar

from shared.database import Document, confirmed
from shared.errors import Conflict, Unavailable
from shared.i18n import Text

YEARS = (2000, 2100)
MAX_AMOUNT = 1_000_000_000_000
MAX_AUTHORISATION_LENGTH = 500
MAX_KEY_LENGTH = 200

Made = TypeVar("Made", bound=Document)


class BudgetKeyReused(Conflict):
    """Raised when the key was used by the same person for other coins, another unit or year."""

    message = Text(
        "This Idempotency-Key was used for another change of a budget.",
        "该 Idempotency-Key 已用于另一笔预算变更。",
    )


class GrantKeyReused(BudgetKeyReused):
    """Raised when the key was used by the same person for another grant."""

    message = Text(
        "This Idempotency-Key was used for another grant.", "该 Idempotency-Key 已用于另一笔拨付。"
    )


def flaw_of(
    year: int, amount: int, key: str, authorisation: str | None = None, *, name: str
) -> str | None:
    """What cannot be used: "year", the amount by its `name`, "authorisation", "key"; None: all can.

    An amount is whole minor units from 1 to 10^12. Without an authorisation none is looked at.
    """
    if not is_year(year):
        return "year"
    # bool is an int to Python, and True would become one coin.
    if type(amount) is not int or not 1 <= amount <= MAX_AMOUNT:
        return name
    if authorisation is not None and not 1 <= len(authorisation) <= MAX_AUTHORISATION_LENGTH:
        return "authorisation"
    return None if 1 <= len(key) <= MAX_KEY_LENGTH else "key"


def is_year(year: int) -> bool:
    """Whether there can be budgets of that year."""
    return type(year) is int and YEARS[0] <= year <= YEARS[1]


def made_before(
    draft: Made, whose: Sequence[str], says: Sequence[str], reused: type[Conflict]
) -> Made | None:
    """What was made before under the key of the same person, None where nothing was.

    `whose` names the fields that are unique together, `says` those that a repeat must have the
    same. Raises `reused` where they differ.
    """
    found: Made | None = type(draft).objects(**{name: draft[name] for name in whose}).first()
    if found is not None and any(found[name] != draft[name] for name in says):
        raise reused
    return found


def made_meanwhile(
    draft: Made, whose: Sequence[str], says: Sequence[str], reused: type[Conflict]
) -> Made:
    """The same, once the insertion of `draft` met it.

    Raises `reused`, and Unavailable where it is gone again: it belonged to a primary that lost
    its last writes.
    """
    confirmed(type(draft)).find_one({name: draft[name] for name in whose})
    found = made_before(draft, whose, says, reused)
    if found is None:
        raise Unavailable
    return found
