"""Granting and revoking roles: by an admin within reach, together with the trail of it."""

from pymongo.client_session import ClientSession

from people.actor import Actor
from people.levels import must_have_level_for
from people.person import Person
from people.questions import person_of, unit_of
from people.roles import Role
from people.trail import record_act
from people.trail_record import Act
from people.unit import Unit
from shared.clock import real_now
from shared.database import collection, in_transaction
from shared.errors import Refused
from shared.i18n import Text

MAX_MEMBERSHIPS = 100


class TooManyRoles(Refused):
    """Raised when a person holds a hundred roles."""

    message = Text("A person holds at most {limit} roles.", "每人最多持有 {limit} 个角色。")


class LastAdmin(Refused):
    """Raised when nobody would be left to administer the root of the tree."""

    message = Text("The last admin of the city stays.", "不能撤销全市最后一名管理员。")


def grant_role(person_id: str, role: Role, unit_id: str, *, by: Actor) -> Person:
    """Let a person hold `role` at a unit; who holds it already keeps it as it is.

    Raises NotAllowed, UnitNotFound, PersonNotFound, LevelTooLowForRole, TooManyRoles.
    """
    by.must_hold(Role.ADMIN, at=unit_of(unit_id))
    person_of(person_id)
    held = {"role": role.value, "unit_id": unit_id}

    def decide(session: ClientSession) -> None:
        written = collection(Person).update_one(
            {
                "_id": person_id,
                "memberships": {"$not": {"$elemMatch": held}},
                f"memberships.{MAX_MEMBERSHIPS - 1}": {"$exists": False},
            },
            {"$push": {"memberships": {**held, "since": real_now()}}, "$inc": {"version": 1}},
            session=session,
        )
        if written.matched_count:
            must_have_level_for(role, person_id, session=session)
            record_act(Act.ROLE_GRANTED, person_id, by_id=by.person_id, session=session, **held)

    in_transaction(decide)
    person = person_of(person_id)
    if not person.is_member(role, unit_id):
        raise TooManyRoles(limit=MAX_MEMBERSHIPS)
    return person


def revoke_role(person_id: str, role: Role, unit_id: str, *, by: Actor) -> Person:
    """Take `role` at a unit from a person; who does not hold it stays as they are.

    Raises NotAllowed, UnitNotFound, PersonNotFound, LastAdmin.
    """
    unit = unit_of(unit_id)
    by.must_hold(Role.ADMIN, at=unit)
    held = {"role": role.value, "unit_id": unit_id}

    def decide(session: ClientSession) -> None:
        if role is Role.ADMIN and not unit.parent_id:
            _keep_an_admin(person_id, unit_id, session)
        written = collection(Person).update_one(
            {"_id": person_id, "memberships": {"$elemMatch": held}},
            {"$pull": {"memberships": held}, "$inc": {"version": 1}},
            session=session,
        )
        if written.matched_count:
            record_act(Act.ROLE_REVOKED, person_id, by_id=by.person_id, session=session, **held)

    in_transaction(decide)
    return person_of(person_id)


def _keep_an_admin(person_id: str, root_id: str, session: ClientSession) -> None:
    # Touching the root makes two admins who revoke one another meet: one of them must try again.
    collection(Unit).update_one({"_id": root_id}, {"$inc": {"version": 1}}, session=session)
    held = {"role": Role.ADMIN.value, "unit_id": root_id}
    others = collection(Person).count_documents(
        {"_id": {"$ne": person_id}, "memberships": {"$elemMatch": held}}, limit=1, session=session
    )
    if not others:
        raise LastAdmin
