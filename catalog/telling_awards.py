"""Telling officers of awards: that one waits for a second officer, that one was dismissed."""

from collections.abc import Callable

import structlog
from pymongo.errors import PyMongoError

from catalog.award import Award
from catalog.offering import OFFICERS, reward_of
from notices import tell, tell_people
from people import holders_of, unit_of
from shared.database import collection
from shared.errors import DomainError
from shared.sweeping import sweep_each

log = structlog.get_logger()

WAITING = "waiting"
DISMISSED = "dismissed"
APPROVED = "approved"
MOST_PER_RUN = 500


def tell_awards() -> int:
    """Tell officers of the awards that they were not told of yet; how many awards."""
    found = collection(Award).find({"untold": {"$in": list(_TELLINGS)}}, {"_id": 1})
    return sweep_each([row["_id"] for row in found.limit(MOST_PER_RUN)], tell_award_officers)


def try_to_tell_award(award_id: str) -> None:
    """Tell at once: the award stands, so a failure waits for the sweep."""
    try:
        tell_award_officers(award_id)
    except (DomainError, PyMongoError) as error:
        log.warning("award_not_told", award=award_id, error=type(error).__name__)


def tell_award_officers(award_id: str) -> bool:
    """Tell what is untold of one award; False where nothing was. Safe to repeat and to race."""
    award = Award.objects(id=award_id).first()
    if award is None or award.untold not in _TELLINGS:
        return False
    word = award.untold
    _TELLINGS[word](award)
    collection(Award).update_one({"_id": award.id, "untold": word}, {"$unset": {"untold": ""}})
    return True


def _title_of(award: Award) -> dict[str, str]:
    reward = reward_of(award.reward_id)
    return {"zh-CN": reward.title, "en": reward.title_en or reward.title}


def _tell_waiting(award: Award) -> None:
    """Every other officer who may approve it."""
    unit = unit_of(award.unit_id)
    officers = {person_id for role in OFFICERS for person_id in holders_of(role, at=unit)}
    officers -= {award.asked_by, award.person_id}
    yuan = f"{award.cost_fen / 100:.2f}"
    facts = {"title": _title_of(award), "yuan": yuan, "award_id": award.id}
    tell_people(sorted(officers), "award_waiting", facts, key=f"{WAITING}:{award.id}")


def _tell_dismissed(award: Award) -> None:
    facts = {"title": _title_of(award), "award_id": award.id}
    tell(award.asked_by, "award_dismissed", facts, key=f"{DISMISSED}:{award.id}")


def _tell_approved(award: Award) -> None:
    facts = {"title": _title_of(award), "award_id": award.id}
    tell(award.asked_by, "award_approved", facts, key=f"{APPROVED}:{award.id}")


_TELLINGS: dict[str, Callable[[Award], None]] = {
    WAITING: _tell_waiting,
    DISMISSED: _tell_dismissed,
    APPROVED: _tell_approved,
}
