"""Telling whom a step of a commendation concerns; the notices never carry the words of a deed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog
from pymongo.errors import PyMongoError

from honours.commendations.commendation import Commendation
from honours.commendations.commendation_roles import AWARDERS, CHECKERS, SPEAKERS
from notices import tell, tell_people
from people import Role, holders_at, holders_of, unit_of
from shared.clock import real_now
from shared.database import collection
from shared.errors import DomainError
from shared.i18n import Text
from shared.sweeping import sweep_each

log = structlog.get_logger()

NOMINATED = "nominated"
CHECKED = "checked"
AWARDED = "awarded"
DECLINED = "declined"
WITHDRAWN = "withdrawn"
CONSENT = "consent"
MOST_PER_RUN = 500
LOOK_AGAIN = timedelta(minutes=1)
_AGREES = Text("agrees", "同意")


def tell_commendations() -> int:
    """Tell whatever step was not told yet; of how many commendations.

    Those that could not be told come last, so that they hold up nobody.
    """
    found = collection(Commendation).find(untold_now(), {"_id": 1}).sort("look_again_at", 1)
    return sweep_each([row["_id"] for row in found.limit(MOST_PER_RUN)], _tell_or_later)


def untold_now() -> dict[str, Any]:
    """What the sweep asks for: a step is untold, and its turn has come."""
    return {"untold": {"$in": list(_TELLINGS)}, "look_again_at": {"$not": {"$gt": real_now()}}}


def _tell_or_later(commendation_id: str) -> bool:
    try:
        return tell_steps(commendation_id)
    except Exception:
        again = {"look_again_at": real_now() + LOOK_AGAIN}
        collection(Commendation).update_one({"_id": commendation_id}, {"$set": again})
        raise


def tell_soon(commendation_id: str) -> None:
    """Tell at once: what was decided stands, so a failure waits for the sweep."""
    try:
        tell_steps(commendation_id)
    except (DomainError, PyMongoError) as error:
        log.warning("commendation_not_told", id=commendation_id, error=type(error).__name__)


def tell_steps(commendation_id: str) -> bool:
    """Tell the untold steps of one; False where there were none. Safe to repeat and to race."""
    found = Commendation.objects(id=commendation_id).first()
    if found is None or not found.untold:
        return False
    for step in found.untold:
        _TELLINGS[step](found)
        # Given and taken back again meanwhile, the newer answer stays to be told.
        as_seen = {"_id": found.id, "consent_turn": found.consent_turn}
        collection(Commendation).update_one(as_seen, {"$pull": {"untold": step}})
    return True


def _facts(found: Commendation, **more: Any) -> dict[str, Any]:
    unit = unit_of(found.unit_id)
    names = {"zh-CN": unit.name, "en": unit.name_en or unit.name}
    return {"unit": names, "commendation_id": found.id, **more}


def _subjects(found: Commendation) -> list[str]:
    """Whom it is for: the person, or those who speak for the unit."""
    if found.person_id:
        return [found.person_id]
    return holders_at(found.subject_unit_id, *SPEAKERS)


def _officers(found: Commendation, *roles: Role) -> list[str]:
    """Those of the awarding unit who may take the next step."""
    away = {found.nominated_by, found.checked_by, found.person_id}
    if found.subject_unit_id:
        away |= set(_subjects(found))
    unit = unit_of(found.unit_id)
    return sorted({one for role in roles for one in holders_of(role, at=unit)} - away)


def _tell_nominated(found: Commendation) -> None:
    """The officers alone: whom it is for reads no stranger's words that nobody checked."""
    facts, key = _facts(found), f"nominated:{found.id}"
    tell_people(_officers(found, *CHECKERS), "commendation_to_check", facts, key=key)


def _tell_checked(found: Commendation) -> None:
    facts, key = _facts(found, title=found.title), f"checked:{found.id}"
    tell_people(_officers(found, *AWARDERS), "commendation_to_award", facts, key=key)
    tell(found.nominated_by, "nomination_checked", facts, key=key)


def _tell_awarded(found: Commendation) -> None:
    facts, key = _facts(found, title=found.title), f"awarded:{found.id}"
    tell_people(_subjects(found), "commendation_awarded", facts, key=key)
    tell(found.nominated_by, "nomination_awarded", facts, key=key)


def _tell_declined(found: Commendation) -> None:
    """Who nominated: whom it was for never knew of it, and is told of no refusal."""
    facts, key = _facts(found, title=found.title, why=found.why), f"declined:{found.id}"
    tell(found.nominated_by, "nomination_declined", facts, key=key)


def _tell_withdrawn(found: Commendation) -> None:
    if found.awarded_at is None:
        return
    facts, key = _facts(found, title=found.title, why=found.why), f"withdrawn:{found.id}"
    tell_people(_subjects(found), "commendation_withdrawn", facts, key=key)
    if found.decided_by != found.nominated_by:
        tell(found.nominated_by, "commendation_withdrawn", facts, key=key)


def _tell_consent(found: Commendation) -> None:
    """Who awarded it, of a consent: that one was taken back is told nobody, so it stays free."""
    if not found.is_public:
        return
    facts = _facts(found, title=found.title, answer=_AGREES.both())
    key = f"consent:{found.id}:{found.consent_turn}"
    tell(found.awarded_by, "commendation_consent", facts, key=key)


_TELLINGS: dict[str, Callable[[Commendation], None]] = {
    NOMINATED: _tell_nominated,
    CHECKED: _tell_checked,
    AWARDED: _tell_awarded,
    DECLINED: _tell_declined,
    WITHDRAWN: _tell_withdrawn,
    CONSENT: _tell_consent,
}
