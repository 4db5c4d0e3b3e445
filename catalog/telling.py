"""Telling people what became of a voucher: at once where possible, else in the sweep's next pass.

What is still to be told stands in the document itself, written together with the move, so that a
process killed right after the move leaves nobody untold.
"""

from collections.abc import Callable
from typing import Any

import structlog
from pymongo.errors import PyMongoError

from catalog.offering import reward_of
from catalog.voucher import Voucher
from notices import tell
from people import people_of, unit_of
from shared.database import collection
from shared.errors import DomainError
from shared.sweeping import sweep_each

log = structlog.get_logger()

GIFTED = "gifted"
AWARDED = "awarded"
REFUNDED = "refunded"
MOST_PER_RUN = 500


def tell_moves() -> int:
    """Tell of gifts, awards and refunds that nobody was told of yet; how many vouchers."""
    found = collection(Voucher).find({"untold": {"$in": list(_TELLINGS)}}, {"_id": 1})
    return sweep_each([row["_id"] for row in found.limit(MOST_PER_RUN)], tell_voucher)


def try_to_tell(voucher_id: str) -> None:
    """Tell at once: the move stands, so a failure waits for the sweep."""
    try:
        tell_voucher(voucher_id)
    except (DomainError, PyMongoError) as error:
        log.warning("voucher_not_told", voucher=voucher_id, error=type(error).__name__)


def tell_voucher(voucher_id: str) -> bool:
    """Tell what is untold of one voucher; False where nothing was. Safe to repeat and to race."""
    moved = Voucher.objects(id=voucher_id).first()
    if moved is None or not moved.untold:
        return False
    for word in list(moved.untold):
        if word in _TELLINGS:
            _TELLINGS[word](moved)
        collection(Voucher).update_one({"_id": moved.id}, {"$pull": {"untold": word}})
    return True


def title_of(moved: Voucher) -> dict[str, str]:
    """The title of the voucher's reward in both languages, as notices say it."""
    reward = reward_of(moved.reward_id)
    return {"zh-CN": reward.title, "en": reward.title_en or reward.title}


def facts_of(moved: Voucher) -> dict[str, Any]:
    """What every notice about a voucher says or hands the app."""
    point = unit_of(moved.point_id)
    place = {"zh-CN": point.name, "en": point.name_en or point.name}
    return {
        "title": title_of(moved),
        "place": place,
        "expires_at": moved.expires_at,
        "voucher_id": moved.id,
    }


def _tell_gift(moved: Voucher) -> None:
    people = people_of([moved.ordered_by, moved.person_id])
    names = {person_id: person.nickname or "" for person_id, person in people.items()}
    giver, receiver = names.get(moved.ordered_by, ""), names.get(moved.person_id, "")
    facts = facts_of(moved)
    key = f"{GIFTED}:{moved.id}"
    tell(moved.person_id, "voucher_given_to_you", facts | {"who": giver}, key=key)
    tell(moved.ordered_by, "voucher_given_away", facts | {"who": receiver}, key=key)


def _tell_award(moved: Voucher) -> None:
    tell(moved.person_id, "reward_awarded", facts_of(moved), key=f"{AWARDED}:{moved.id}")


def _tell_refund(moved: Voucher) -> None:
    facts = facts_of(moved) | {"coins": moved.price}
    key = f"{REFUNDED}:{moved.id}"
    tell(moved.ordered_by, "voucher_refunded", facts, key=key)
    if moved.person_id != moved.ordered_by:
        tell(moved.person_id, "gift_refunded", facts, key=key)


_TELLINGS: dict[str, Callable[[Voucher], None]] = {
    GIFTED: _tell_gift,
    AWARDED: _tell_award,
    REFUNDED: _tell_refund,
}
