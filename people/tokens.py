"""Sessions: what a signed-in device holds, how its refresh token rotates, how it ends."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from people.actor import Actor, Held
from people.person import MAX_SESSIONS, Person
from people.roles import Role
from people.trail import record_act
from people.trail_record import Act
from settings import settings
from shared.clock import real_now
from shared.database import collection
from shared.errors import NotSignedIn
from shared.i18n import Text
from shared.ids import random_id

# A phone that lost the answer to a rotation repeats with the generation before.
GRACE_S = 30


class SessionRevoked(NotSignedIn):
    """Raised when a refresh token was used again long after it was replaced: maybe a theft."""

    message = Text(
        "This session was ended for safety: an old token was used. Please sign in again.",
        "检测到旧令牌被重复使用，为安全起见会话已结束，请重新登录。",
    )


@dataclass(frozen=True)
class OpenSession:
    """What tokens are made from; `is_new_person` where signing in made the person."""

    person_id: str
    session_id: str
    generation: int
    is_new_person: bool = False


def open_session(person_id: str, *, is_new_person: bool = False) -> OpenSession:
    """Open a session for a person whose sign-in was just proved; the oldest of 20 ends for it.

    Raises NotSignedIn where there is no such person.
    """
    moment = real_now()
    session_id = random_id()
    session = {
        "id": session_id,
        "generation": 1,
        "expires_at": _expiry(moment),
        "rotated_at": moment,
    }
    written = collection(Person).update_one(
        {"_id": person_id},
        {"$push": {"sessions": {"$each": [session], "$slice": -MAX_SESSIONS}}},
    )
    if not written.matched_count:
        raise NotSignedIn
    return OpenSession(person_id, session_id, 1, is_new_person)


def rotate_session(person_id: str, session_id: str, generation: int) -> OpenSession:
    """Replace a session's refresh token: the generation rises by one guarded write.

    The generation before is answered with the current one for 30 seconds. Raises
    SessionRevoked for an older one, which ends the session, and NotSignedIn for an ended one.
    """
    moment = real_now()
    mine = {"id": session_id, "generation": generation, "expires_at": {"$gt": moment}}
    rotated = collection(Person).update_one(
        {"_id": person_id, "sessions": {"$elemMatch": mine}},
        {
            "$inc": {"sessions.$.generation": 1},
            "$set": {"sessions.$.rotated_at": moment, "sessions.$.expires_at": _expiry(moment)},
        },
    )
    if rotated.matched_count:
        return OpenSession(person_id, session_id, generation + 1)
    return _answer_to_reuse(person_id, session_id, generation, moment)


def _answer_to_reuse(
    person_id: str, session_id: str, generation: int, moment: datetime
) -> OpenSession:
    session = _session_of(person_id, session_id)
    if session is None or session["expires_at"] <= moment or generation > session["generation"]:
        raise NotSignedIn
    is_fresh = moment - session["rotated_at"] <= timedelta(seconds=GRACE_S)
    if generation == session["generation"] - 1 and is_fresh:
        return OpenSession(person_id, session_id, session["generation"])
    _pull_sessions(person_id, {"id": session_id})
    record_act(Act.SESSION_STOLEN, person_id, by_id="")
    raise SessionRevoked


def _session_of(person_id: str, session_id: str) -> dict[str, Any] | None:
    found = collection(Person).find_one(
        {"_id": person_id}, {"sessions": {"$elemMatch": {"id": session_id}}}
    )
    sessions = (found or {}).get("sessions", [])
    return sessions[0] if sessions else None


def end_session(session_id: str, *, by: Actor) -> None:
    """Sign the caller out of one of their sessions; repeating changes nothing."""
    _pull_sessions(by.person_id, {"id": session_id})


def end_all_sessions(*, by: Actor) -> None:
    """Sign the caller out everywhere; repeating changes nothing."""
    _pull_sessions(by.person_id, {})


def _pull_sessions(person_id: str, which: dict[str, Any]) -> None:
    collection(Person).update_one({"_id": person_id}, {"$pull": {"sessions": which}})


def actor_of(person_id: str, session_id: str) -> Actor:
    """The caller behind a session, with the roles held now: one database command.

    Raises NotSignedIn where the session has ended or never was.
    """
    live = {"id": session_id, "expires_at": {"$gt": real_now()}}
    found = collection(Person).find_one(
        {"_id": person_id, "sessions": {"$elemMatch": live}},
        {"memberships.role": 1, "memberships.unit_id": 1},
    )
    if found is None:
        raise NotSignedIn
    held = tuple(Held(Role(one["role"]), one["unit_id"]) for one in found.get("memberships", []))
    return Actor(person_id, session_id, held)


def _expiry(moment: datetime) -> datetime:
    return moment + timedelta(days=settings().refresh_token_days)
