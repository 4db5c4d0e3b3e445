"""Consenting: nobody learns of a commendation in public without the word of whom it is for.

From the award on, when they learn of it, the person may give it and take it back at any time; for
a unit an officer of that very unit does.
"""

from typing import Any

from honours.commendations.commendation import Commendation, CommendationState, ShownName
from honours.commendations.commendation_roles import speaks_for
from honours.commendations.commending import (
    CommendationMoved,
    CommendationNotFound,
    SamePersonTwice,
)
from honours.commendations.telling_commendations import CONSENT, tell_soon
from people import Actor, masked_name, own_name_of, person_of, unit_of
from shared.clock import now, stored
from shared.database import collection, confirmed
from shared.errors import Invalid, Refused
from shared.i18n import Text


class ShownNameMissing(Invalid):
    """Raised when a person consents without saying how to be named."""

    message = Text(
        "Say how you want to be named: by nickname or by your masked real name.",
        "请选择公开的称呼：昵称或隐去部分的真实姓名。",
    )


class NicknameMissing(Refused):
    """Raised when a person wants to be named by a nickname and has none."""

    message = Text("You have no nickname yet: choose one first.", "您尚未设置昵称，请先设置。")


def give_consent(
    commendation_id: str, *, shown_as: ShownName | None, with_words: bool, by: Actor
) -> Commendation:
    """Let an awarded commendation be public; its title and words only where `with_words`.

    The name is kept as it is at this moment. Repeating it changes nothing, another choice takes
    the place of the one before. Raises CommendationNotFound, ShownNameMissing, NicknameMissing,
    RealNameMissing, SamePersonTwice, CommendationMoved.
    """
    seen = _own(commendation_id, by)
    if seen.subject_unit_id and by.person_id in (
        seen.nominated_by,
        seen.checked_by,
        seen.awarded_by,
    ):
        raise SamePersonTwice
    wanted: dict[str, Any] = {
        "is_consented": True,
        "are_words_consented": with_words,
        "shown_as": shown_as.value if shown_as and seen.person_id else None,
        "shown_name": _name(seen, shown_as, by),
    }
    _change(seen, {"state": CommendationState.AWARDED.value}, wanted, by)
    stands = _stands(seen.id)
    if any(getattr(stands, name) != value for name, value in wanted.items()):
        raise CommendationMoved
    if stands.state != CommendationState.AWARDED:
        raise CommendationMoved
    tell_soon(stands.id)
    return stands


def take_consent_back(commendation_id: str, *, by: Actor) -> Commendation:
    """Let a commendation be public no more, from this moment, whatever became of it.

    Repeating it changes nothing. Raises CommendationNotFound.
    """
    seen = _own(commendation_id, by)
    wanted = {
        "is_consented": False,
        "are_words_consented": False,
        "shown_as": None,
        "shown_name": None,
    }
    _change(seen, {}, wanted, by)
    stands = _stands(seen.id)
    tell_soon(stands.id)
    return stands


def _own(commendation_id: str, by: Actor) -> Commendation:
    """The commendation, where it is the caller's to consent to. Raises CommendationNotFound."""
    found: Commendation | None = Commendation.objects(id=commendation_id).first()
    if found is None or found.awarded_at is None:
        raise CommendationNotFound
    is_own = found.person_id == by.person_id
    if not is_own and not (found.subject_unit_id and speaks_for(by, found.subject_unit_id)):
        raise CommendationNotFound
    return found


def _name(seen: Commendation, shown_as: ShownName | None, by: Actor) -> str:
    if seen.subject_unit_id:
        return str(unit_of(seen.subject_unit_id).name)
    if shown_as is None:
        raise ShownNameMissing("shown_as")
    if shown_as == ShownName.MASKED_NAME:
        return masked_name(own_name_of(by))
    nickname = str(person_of(by.person_id).nickname or "").strip()
    if not nickname:
        raise NicknameMissing
    return nickname


def _change(seen: Commendation, guard: dict[str, Any], wanted: dict[str, Any], by: Actor) -> None:
    """The deciding write; what is so already is left as it is."""
    differs = {"$or": [{name: {"$ne": value}} for name, value in wanted.items()]}
    change = wanted | {"consented_by": by.person_id, "consented_at": stored(now())}
    collection(Commendation).update_one(
        {"_id": seen.id, **guard, **differs},
        {
            "$set": change,
            "$addToSet": {"untold": CONSENT},
            "$inc": {"consent_turn": 1, "version": 1},
        },
    )


def _stands(commendation_id: str) -> Commendation:
    confirmed(Commendation).find_one({"_id": commendation_id})
    found: Commendation = Commendation.objects.get(id=commendation_id)
    return found
