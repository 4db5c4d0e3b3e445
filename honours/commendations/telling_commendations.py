"""Telling whom a step of a commendation concerns; the notices never carry the words of a deed."""

from collections.abc import Callable
from typing import Any

import structlog
from pymongo.errors import PyMongoError

from honours.commendations.commendation import Commendation, CommendationState
from honours.commendations.commendation_roles import AWARDERS, CHECKERS, SPEAKERS
from notices import tell, tell_people
from people import Role, holders_at, holders_of, unit_of
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
_ANSWERS = {
    True: Text("agrees", "同意"),
    False: Text("does not agree any more", "不再同意"),
}


def tell_commendations() -> int:
    """Tell whatever step was not told yet; of how many commendations."""
    found = collection(Commendation).find({"untold.0": {"$exists": True}}, {"_id": 1})
    return sweep_each([row["_id"] for row in found.limit(MOST_PER_RUN)], tell_steps)


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
    facts, key = _facts(found), f"nominated:{found.id}"
    tell_people(_officers(found, *CHECKERS), "commendation_to_check", facts, key=key)
    tell_people(_subjects(found), "commendation_for_you", facts, key=key)


def _tell_checked(found: Commendation) -> None:
    facts, key = _facts(found, title=found.title), f"checked:{found.id}"
    tell_people(_officers(found, *AWARDERS), "commendation_to_award", facts, key=key)
    tell(found.nominated_by, "nomination_checked", facts, key=key)


def _tell_awarded(found: Commendation) -> None:
    facts, key = _facts(found, title=found.title), f"awarded:{found.id}"
    tell_people(_subjects(found), "commendation_awarded", facts, key=key)
    tell(found.nominated_by, "nomination_awarded", facts, key=key)


def _tell_declined(found: Commendation) -> None:
    facts, key = _facts(found, title=found.title, why=found.why), f"declined:{found.id}"
    tell(found.nominated_by, "nomination_declined", facts, key=key)
    tell_people(_subjects(found), "commendation_not_given", _facts(found), key=key)


def _tell_withdrawn(found: Commendation) -> None:
    key = f"withdrawn:{found.id}"
    if found.awarded_at is None:
        tell_people(_subjects(found), "commendation_not_given", _facts(found), key=key)
        return
    facts = _facts(found, title=found.title, why=found.why)
    tell_people(_subjects(found), "commendation_withdrawn", facts, key=key)
    if found.decided_by != found.nominated_by:
        tell(found.nominated_by, "commendation_withdrawn", facts, key=key)


def _tell_consent(found: Commendation) -> None:
    """Who awarded it, while it stands: before, an officer learns it from the commendation."""
    if found.state != CommendationState.AWARDED:
        return
    answer = _ANSWERS[bool(found.is_consented)].both()
    facts = _facts(found, title=found.title, answer=answer)
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
