"""Staff: people with a login and a password, added by an admin with the roles they hold."""

import re
from collections.abc import Sequence
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from people.actor import Actor, Held
from people.counting_attempts import count_attempt, forget_attempts, take_attempt_back
from people.passwords import LONGEST, fresh_hash, hashed_password, is_password
from people.person import Membership, Person
from people.profiles import cleaned_text
from people.questions import unit_of
from people.roles import Role
from people.tokens import OpenSession, open_session
from people.trail import record_act
from people.trail_record import Act
from shared.clock import real_now
from shared.database import collection, in_transaction
from shared.errors import Conflict, Invalid, NotSignedIn
from shared.i18n import Text
from shared.sealing import keyed_hash

# So many tries of a login from one address, then it waits there; its owner, elsewhere, does not.
SIGN_INS_PER_ADDRESS = "10 per 15 minutes"
# Far more from everywhere together: against guesses from many addresses.
SIGN_INS_PER_LOGIN = "100 per 15 minutes"
MAX_ROLES = 50
_LOGIN = re.compile(r"[a-z][a-z0-9._-]{2,31}")


class BadLogin(Invalid):
    """Raised when a login is not 3 to 32 small letters, digits, dots, dashes, from a letter on."""

    message = Text(
        "A login has 3 to 32 letters, digits, dots or dashes and begins with a letter.",
        "登录名须为 3 至 32 个字母、数字、点或短横线，并以字母开头。",
    )


class NoRoles(Invalid):
    """Raised when a member of staff would have no role, or more than fifty."""

    message = Text("Give 1 to 50 roles.", "请授予 1 至 50 个角色。")


class LoginTaken(Conflict):
    """Raised when the login belongs to somebody."""

    message = Text("This login is taken.", "登录名已被使用。")


class WrongPassword(NotSignedIn):
    """Raised when login and password do not belong together, whichever of them is wrong."""

    message = Text("Login or password is wrong.", "登录名或密码错误。")


def normalised_login(login: str) -> str:
    """The login in small letters, without blanks around it. Raises BadLogin."""
    cleaned = login.strip().lower()
    if not _LOGIN.fullmatch(cleaned):
        raise BadLogin("login")
    return cleaned


def add_staff(
    login: str, password: str, *, nickname: str, roles: Sequence[Held], by: Actor
) -> Person:
    """Add a member of staff who holds `roles`, each within the admin's reach; on the trail.

    Raises NotAllowed, UnitNotFound, BadLogin, WeakPassword, NoRoles, BadText, LoginTaken.
    """
    held = tuple(dict.fromkeys(roles))
    if not 1 <= len(held) <= MAX_ROLES:
        raise NoRoles("roles")
    for one in held:
        by.must_hold(Role.ADMIN, at=unit_of(one.unit_id))
    person = new_staff(login, password, nickname=nickname, roles=held)

    def decide(session: ClientSession) -> None:
        insert_staff(person, by_id=by.person_id, session=session)

    try:
        in_transaction(decide)
    except DuplicateKeyError:
        raise LoginTaken from None
    return person


def new_staff(login: str, password: str, *, nickname: str, roles: Sequence[Held]) -> Person:
    """A member of staff, not yet written. Raises BadLogin, WeakPassword, BadText."""
    login = normalised_login(login)
    moment = real_now()
    return Person(
        login=login,
        nickname=cleaned_text(nickname, "nickname"),
        password_hash=hashed_password(password, login=login),
        memberships=[
            Membership(role=one.role, unit_id=one.unit_id, since=moment, is_home=True)
            for one in roles
        ],
        created_at=moment,
    )


def insert_staff(person: Person, *, by_id: str, session: ClientSession) -> None:
    """Write a new member of staff with the trail of each role, inside a transaction."""
    collection(Person).insert_one(person.to_mongo().to_dict(), session=session)
    record_act(Act.STAFF_ADDED, person.id, by_id=by_id, session=session)
    for held in person.memberships:
        facts: dict[str, Any] = {"role": held.role.value, "unit_id": held.unit_id}
        record_act(Act.ROLE_GRANTED, person.id, by_id=by_id, session=session, **facts)


def sign_in_with_password(login: str, password: str, *, address: str = "") -> OpenSession:
    """Open a session for a member of staff, who calls from a network `address`.

    Raises WrongPassword, for an unknown login after the same time as for a wrong password, and
    TooMany after 10 failures from the address, or 100 from anywhere, in 15 minutes.
    """
    login = login.strip().lower()
    # Longer than any password may be: no hashing of megabytes.
    if not _LOGIN.fullmatch(login) or len(password) > LONGEST:
        raise WrongPassword
    here, anywhere = (f"login:{keyed_hash(of)}" for of in (f"{login} {address}", login))
    # Here first: who must wait here uses up nothing of what is for everywhere.
    count_attempt(here, SIGN_INS_PER_ADDRESS)
    tried_at = count_attempt(anywhere, SIGN_INS_PER_LOGIN)
    found = collection(Person).find_one({"login": login}, {"password_hash": 1}) or {}
    stored = found.get("password_hash")
    if not is_password(password, stored) or stored is None:
        raise WrongPassword
    forget_attempts(here)
    # This one was no guess; those of others stay counted.
    take_attempt_back(anywhere, tried_at)
    _renew_hash(found["_id"], password, stored)
    return open_session(found["_id"])


def _renew_hash(person_id: str, password: str, stored: str) -> None:
    renewed = fresh_hash(password, stored)
    if renewed:
        collection(Person).update_one(
            {"_id": person_id, "password_hash": stored}, {"$set": {"password_hash": renewed}}
        )
