"""Verified work, as rewards outside the rates ask for it: who did it, and that it counts."""

from people import Actor, Role, unit_of
from shared.errors import Conflict
from shared.i18n import Text
from tasks.participation import Participation, ParticipationState
from tasks.taking_part import ParticipationNotFound

OFFICERS = (Role.CENTRE_OFFICER, Role.ADMIN)


class WorkNotVerified(Conflict):
    """Raised when the work to be rewarded is not verified, or no longer."""

    message = Text(
        "This work is not verified; it is {state}.", "该参与记录尚未核验通过，当前状态为“{state}”。"
    )


def verified_participation(participation_id: str, *, by: Actor) -> str:
    """The id of the person whose participation is verified, to an officer of its unit.

    Raises ParticipationNotFound, for those of units beyond the officer's reach too, and
    WorkNotVerified.
    """
    found = Participation.objects(id=participation_id).first()
    if found is None or not by.holds(*OFFICERS, at=unit_of(found.unit_id)):
        raise ParticipationNotFound
    if found.state != ParticipationState.VERIFIED:
        raise WorkNotVerified(state=found.state)
    person_id: str = found.person_id
    return person_id
