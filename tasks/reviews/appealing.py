"""An appeal: a walker's objection to a refusal, which another reviewer decides."""

from datetime import timedelta

from people import Actor
from shared.clock import now
from shared.errors import Refused
from shared.i18n import Text
from tasks.participation import Appeal, Participation, ParticipationState
from tasks.taking_part import ParticipationNotFound, WrongParticipationState
from tasks.verification import tell_of_review

# Long enough to come back from a journey; shorter than any track is kept.
APPEAL_TIME = timedelta(days=14)


class AppealTooLate(Refused):
    """Raised when the refusal is older than an appeal may be."""

    message = Text(
        "An appeal is possible for {days} days after the verdict.",
        "申诉须在核验结果后 {days} 天内提出。",
    )


class AppealedBefore(Refused):
    """Raised when the refusal was itself the answer to an appeal."""

    message = Text(
        "This verdict already answered an appeal; it is final.",
        "该结果已是申诉后的决定，为最终结果。",
    )


def appeal(participation_id: str, *, words: str, by: Actor) -> Participation:
    """The caller's refused walk, waiting for another reviewer; repeating it changes nothing.

    The positions stay until it is decided. Raises ParticipationNotFound, WrongParticipationState,
    AppealTooLate, AppealedBefore.
    """
    found: Participation | None = Participation.objects(
        id=participation_id, person_id=by.person_id
    ).first()
    if found is None:
        raise ParticipationNotFound
    if found.state == ParticipationState.APPEALED:
        if not found.review_told:
            tell_of_review(found)
        return found
    if found.state != ParticipationState.REFUSED:
        raise WrongParticipationState(state=found.state)
    refusal = found.verdicts[-1]
    if refusal.answers_appeal:
        raise AppealedBefore
    if now() > refusal.judged_at + APPEAL_TIME:
        raise AppealTooLate(days=APPEAL_TIME.days)
    objection = Appeal(against=refusal.number, words=words, appealed_at=now())
    appealed: Participation | None = Participation.objects(
        id=found.id, state=ParticipationState.REFUSED, verdicts__size=refusal.number
    ).modify(
        new=True,
        set__state=ParticipationState.APPEALED,
        set__settled=False,
        set__review_told=False,
        push__appeals=objection,
    )
    if appealed is None:
        current: Participation = Participation.objects(id=found.id).get()
        if current.state != ParticipationState.APPEALED:
            raise WrongParticipationState(state=current.state)
        return current
    tell_of_review(appealed)
    return appealed
