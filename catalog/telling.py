"""Telling people what became of a voucher: at once where possible, else in the sweep's next pass.

What is still to be told stands in the document itself, written together with the move, so that a
process killed right after the move leaves nobody untold.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog
from pymongo.errors import PyMongoError

from catalog.offering import reward_of
from catalog.voucher import Voucher
from notices import tell
from people import people_of, unit_of
from shared.clock import real_now
from shared.database import collection
from shared.errors import DomainError
from shared.sweeping import sweep_each

log = structlog.get_logger()

GIFTED = "gifted"
AWARDED = "awarded"
REFUNDED = "refunded"
FETCHED = "fetched"
RECALLED_TELLING = "recalled"
TAKEN_BACK = "taken_back"
RETURNED = "returned"
LAPSED = "lapsed"
MOST_PER_RUN = 500
LOOK_AGAIN = timedelta(minutes=1)


def tell_moves() -> int:
    """Tell of moves of vouchers that people were not told of yet; how many vouchers.

    Those that could not be told come last, so that they hold up nobody.
    """
    due = {"untold": {"$in": list(_TELLINGS)}, "look_again_at": {"$not": {"$gt": real_now()}}}
    found = collection(Voucher).find(due, {"_id": 1}).sort("look_again_at", 1).limit(MOST_PER_RUN)
    return sweep_each([row["_id"] for row in found], _tell_or_later)


def _tell_or_later(voucher_id: str) -> bool:
    try:
        return tell_voucher(voucher_id)
    except Exception:
        again = {"look_again_at": real_now() + LOOK_AGAIN}
        collection(Voucher).update_one({"_id": voucher_id}, {"$set": again})
        raise


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
    return {
        "title": title_of(moved),
        "place": _place_of(moved.point_id),
        "expires_at": moved.expires_at,
        "voucher_id": moved.id,
    }


def _place_of(point_id: str) -> dict[str, str]:
    point = unit_of(point_id)
    return {"zh-CN": point.name, "en": point.name_en or point.name}


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


def _tell_hand_over(moved: Voucher) -> None:
    """To the holder, whoever scanned what: the one who can say that it was not them."""
    place = _place_of(moved.redeemed_point_id or moved.point_id)
    at = {"redeemed_at": moved.redeemed_at, "place": place}
    name = "voucher_handed_over_offline" if moved.is_offline else "voucher_handed_over"
    tell(moved.person_id, name, facts_of(moved) | at, key=f"{FETCHED}:{moved.id}")


def _tell_recall(moved: Voucher) -> None:
    facts, key = facts_of(moved), f"{RECALLED_TELLING}:{moved.id}"
    if moved.is_award():
        tell(moved.person_id, "award_recalled", facts, key=key)
    elif moved.is_gift():
        tell(moved.person_id, "gift_recalled", facts, key=key)
    else:
        tell(moved.person_id, "voucher_recalled", facts, key=key)


def _tell_taken_back(moved: Voucher) -> None:
    tell(moved.person_id, "award_taken_back", facts_of(moved), key=f"{TAKEN_BACK}:{moved.id}")


def _tell_return(moved: Voucher) -> None:
    """To who paid for a gift that was not used: their coins are back."""
    facts = facts_of(moved) | {"coins": moved.price}
    tell(moved.ordered_by, "gift_coins_back", facts, key=f"{RETURNED}:{moved.id}")


def _tell_lapse(moved: Voucher) -> None:
    tell(moved.person_id, "voucher_lapsed", facts_of(moved), key=f"{LAPSED}:{moved.id}")


_TELLINGS: dict[str, Callable[[Voucher], None]] = {
    GIFTED: _tell_gift,
    AWARDED: _tell_award,
    REFUNDED: _tell_refund,
    FETCHED: _tell_hand_over,
    RECALLED_TELLING: _tell_recall,
    TAKEN_BACK: _tell_taken_back,
    RETURNED: _tell_return,
    LAPSED: _tell_lapse,
}
