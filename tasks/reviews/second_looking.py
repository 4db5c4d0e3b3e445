"""Looking again, blind: the second reviewer sees what was measured and no verdict."""

from typing import Any

from people import Actor, Role, unit_of
from shared.clock import now
from shared.errors import Conflict, NotFound
from shared.i18n import Text
from tasks.participation import Participation
from tasks.reviews.reviewing import refuse_partial
from tasks.reviews.second_look import SecondLook, SecondLookState


class SecondLookNotFound(NotFound):
    """Raised when this walk is not on the list of second looks."""

    message = Text("This walk is not to be looked at again.", "该记录不在复查名单中。")


class LookedAgain(Conflict):
    """Raised when somebody else has taken the second look meanwhile."""

    message = Text("Somebody else has decided this second look.", "该复查已由他人完成。")


def second_looks_of(
    unit_id: str, *, after_id: str | None = None, limit: int = 20, by: Actor
) -> list[Participation]:
    """The walks of a unit waiting for a second look by `by`, who has judged none of them.

    Shown they must be without their verdicts. Raises NotAllowed, UnitNotFound.
    """
    by.must_hold(Role.CENTRE_OFFICER, at=unit_of(unit_id))
    wanted: dict[str, Any] = {"id__gt": after_id} if after_id else {}
    waiting = SecondLook.objects(
        unit_id=unit_id,
        state=SecondLookState.WAITING,
        reviewer_id__ne=by.person_id,
        person_id__ne=by.person_id,
        **wanted,
    )
    ids = list(waiting.order_by("id").limit(limit).scalar("id"))
    return list(Participation.objects(id__in=ids).order_by("id"))


def take_second_look(
    participation_id: str, *, verified: bool, reason: str, by: Actor
) -> SecondLook:
    """The second reviewer's own outcome, beside the first; it changes no verdict and no coins.

    Whether the two agree is for who watches the organisers. Repeating it changes nothing. Raises
    SecondLookNotFound, NotAllowed, OwnWork, JudgedBefore, LookedAgain.
    """
    look: SecondLook | None = SecondLook.objects.with_id(participation_id)
    if look is None:
        raise SecondLookNotFound
    by.must_hold(Role.CENTRE_OFFICER, at=unit_of(look.unit_id))
    outcome = "verified" if verified else "refused"
    if look.state == SecondLookState.WAITING:
        refuse_partial(Participation.objects(id=participation_id).get(), by)
        agrees = outcome == look.outcome
        SecondLook.objects(id=look.id, state=SecondLookState.WAITING).update_one(
            set__state=SecondLookState.AGREED if agrees else SecondLookState.DIFFERED,
            set__looked_by=by.person_id,
            set__looked_outcome=outcome,
            set__words=reason,
            set__looked_at=now(),
        )
        look = SecondLook.objects(id=look.id).get()
    if look.looked_by != by.person_id or look.looked_outcome != outcome:
        raise LookedAgain
    return look
