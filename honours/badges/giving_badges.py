"""Badges by hand: given by officers for what no count can know, revoked by admins, hidden."""

from collections.abc import Mapping
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from honours.badges.badge import Badge
from honours.badges.badge_held import BadgeHeld, BadgeState, held_id_for
from honours.badges.defining_badges import badge_of
from honours.badges.held_badge import HeldBadge, with_words
from honours.badges.telling_badges import tell_of_badge
from honours.service import Service
from people import (
    Actor,
    Person,
    Role,
    Unit,
    person_of,
    record_change,
    root_unit_id,
    sound_why,
    unit_of,
    units_of,
)
from shared.clock import real_now
from shared.database import collection, in_transaction
from shared.errors import Conflict, NotAllowed, NotFound, Refused, Unavailable
from shared.i18n import Text

GIVERS = (Role.CENTRE_OFFICER, Role.ADMIN)
# Races with a count or another officer, each of which ends the other's reason to go on.
_TRIES = 3


class BadgeNotByHand(Refused):
    """Raised when an officer would give a badge that only verified work gives."""

    message = Text("This badge is given by verified work alone.", "该徽章仅凭通过核验的服务获得。")


class BadgeRetired(Refused):
    """Raised when a badge would be given that is given to nobody any more."""

    message = Text("This badge is retired.", "该徽章已停用。")


class OwnBadge(Refused):
    """Raised when an officer would give themselves a badge."""

    message = Text("Nobody gives themselves a badge.", "不得授予自己徽章。")


class BadgeWasRevoked(Conflict):
    """Raised when an officer would give a badge that an admin revoked from this person."""

    message = Text(
        "An admin revoked this badge from them; an admin of the city can give it again.",
        "该徽章已被管理员撤销，须由市级管理员重新授予。",
    )


class BadgeNotHeld(NotFound):
    """Raised when the person does not hold this badge."""

    message = Text("They do not hold this badge.", "该人员未持有此徽章。")


def give_badge(person_id: str, badge_id: str, *, why: str, by: Actor) -> HeldBadge:
    """Give somebody a badge by hand, told with `why`; repeating it changes nothing.

    By an officer of a unit where they are at home or worked. A revoked badge, whatever its rule,
    an admin of the whole city may give again. Raises PersonNotFound, NotAllowed, WhyMissing,
    BadgeNotFound, OwnBadge, BadgeRetired, BadgeNotByHand, BadgeWasRevoked, and Unavailable where
    others changed it all the while.
    """
    unit = _must_reach(person_id, *GIVERS, by=by)
    badge, why = badge_of(badge_id), sound_why(why)
    if person_id == by.person_id:
        raise OwnBadge
    if not badge.active:
        raise BadgeRetired
    for _ in range(_TRIES):
        before = BadgeHeld.objects.with_id(held_id_for(person_id, badge_id))
        if before is not None and before.state == BadgeState.HELD:
            return _told(before)
        _refuse_giving(badge, before, by)
        if _given(person_id, badge, before, why=why, unit=unit, by=by):
            return _told(_held(person_id, badge_id))
    raise Unavailable


def _refuse_giving(badge: Badge, before: BadgeHeld | None, by: Actor) -> None:
    was_revoked = before is not None and before.state == BadgeState.REVOKED
    if was_revoked:
        if not by.holds(Role.ADMIN, at=unit_of(root_unit_id())):
            raise BadgeWasRevoked
    elif badge.rule["rule"] != "by_hand":
        raise BadgeNotByHand


def _given(
    person_id: str, badge: Badge, before: BadgeHeld | None, *, why: str, unit: Unit, by: Actor
) -> bool:
    """Whether this very write gave it. A badge with a rule of its own goes back to that rule."""
    is_by_hand = badge.rule["rule"] == "by_hand"
    given = BadgeHeld(
        id=held_id_for(person_id, badge.badge_id),
        person_id=person_id,
        badge_id=badge.badge_id,
        version=badge.version,
        state=BadgeState.HELD,
        earned_at=real_now(),
        given_by=by.person_id if is_by_hand else None,
        words=why,
        hidden=before.hidden if before else False,
        times=before.times + 1 if before else 1,
    )
    row = given.to_mongo().to_dict()

    def decide(session: ClientSession) -> bool:
        if before is None:
            collection(BadgeHeld).insert_one(row, session=session)
        else:
            seen = {"_id": given.id, "state": before.state.value, "times": before.times}
            # Its holder may hide or show it meanwhile: that wish must not be written over.
            seen["hidden"] = before.hidden
            if not collection(BadgeHeld).replace_one(seen, row, session=session).matched_count:
                return False
        _record(given, "give", before, why=why, unit=unit, by=by, session=session)
        return True

    try:
        return in_transaction(decide)
    except DuplicateKeyError:
        return False


def revoke_badge(person_id: str, badge_id: str, *, why: str, by: Actor) -> HeldBadge:
    """Take a badge away for a reason, which its holder is told; no count gives it again.

    By an admin of a unit where they are at home or worked. Repeating it changes nothing. Raises
    PersonNotFound, NotAllowed, WhyMissing, BadgeNotHeld, and Unavailable where others changed it
    all the while.
    """
    unit = _must_reach(person_id, Role.ADMIN, by=by)
    why = sound_why(why)
    for _ in range(_TRIES):
        before = _held(person_id, badge_id)
        if before.state == BadgeState.REVOKED:
            return _told(before)
        if before.state != BadgeState.HELD:
            raise BadgeNotHeld
        if _revoked(before, why=why, unit=unit, by=by):
            return _told(_held(person_id, badge_id))
    raise Unavailable


def _revoked(before: BadgeHeld, *, why: str, unit: Unit, by: Actor) -> bool:
    seen = {"_id": before.id, "state": BadgeState.HELD.value, "times": before.times}
    what = {
        "state": BadgeState.REVOKED.value,
        "revoked_at": real_now(),
        "revoked_by": by.person_id,
        "why": why,
        "told": False,
    }

    def decide(session: ClientSession) -> bool:
        update = {"$set": what, "$inc": {"times": 1}}
        if not collection(BadgeHeld).update_one(seen, update, session=session).matched_count:
            return False
        after = BadgeHeld(id=before.id, state=BadgeState.REVOKED)
        _record(after, "revoke", before, why=why, unit=unit, by=by, session=session)
        return True

    return in_transaction(decide)


def hide_badge(badge_id: str, *, hidden: bool, by: Actor) -> HeldBadge:
    """Keep one of one's own badges from the page that others see, or show it again.

    Raises BadgeNotHeld.
    """
    held: BadgeHeld | None = BadgeHeld.objects(
        id=held_id_for(by.person_id, badge_id), state=BadgeState.HELD
    ).modify(new=True, set__hidden=hidden)
    if held is None:
        raise BadgeNotHeld
    return _in_words(held)


def unit_reached(person: Person, *roles: Role, by: Actor) -> Unit | None:
    """A unit where the person is at home or worked, or else the root, that one of `roles` reaches.

    None where none does.
    """
    homes = [held.unit_id for held in person.memberships if held.is_home]
    service: Service | None = Service.objects.with_id(person.id)
    unit_ids = [*homes, *(service.unit_ids if service else []), root_unit_id()]
    known = units_of(unit_ids)
    reached = (known[one] for one in unit_ids if one in known)
    return next((unit for unit in reached if by.holds(*roles, at=unit)), None)


def _must_reach(person_id: str, *roles: Role, by: Actor) -> Unit:
    """Raises PersonNotFound, NotAllowed."""
    unit = unit_reached(person_of(person_id), *roles, by=by)
    if unit is None:
        raise NotAllowed
    return unit


def _held(person_id: str, badge_id: str) -> BadgeHeld:
    held: BadgeHeld | None = BadgeHeld.objects.with_id(held_id_for(person_id, badge_id))
    if held is None:
        raise BadgeNotHeld
    return held


def _told(held: BadgeHeld) -> HeldBadge:
    if not held.told:
        tell_of_badge(held)
    return _in_words(held)


def _in_words(held: BadgeHeld) -> HeldBadge:
    known = with_words([held])
    return known[0] if known else HeldBadge(held, badge_of(held.badge_id))


def _record(
    after: BadgeHeld,
    verb: str,
    before: BadgeHeld | None,
    *,
    why: str,
    unit: Unit,
    by: Actor,
    session: ClientSession,
) -> None:
    record_change(
        "badge_held",
        after.id,
        verb,
        unit=unit,
        before=_plain(before),
        after=_plain(after),
        why=why,
        by_id=by.person_id,
        person_id=after.person_id,
        session=session,
    )


def _plain(held: BadgeHeld | None) -> Mapping[str, Any] | None:
    return {"state": BadgeState(held.state).value} if held else None
