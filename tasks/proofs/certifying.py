"""The certificate that a verified participation earns, where its task's kind gives one."""

from people import Certificate, give_certificate, take_certificate_back
from tasks.participation import Participation, ParticipationState
from tasks.task import Task


def certify(participation: Participation, task: Task) -> Certificate | None:
    """The certificate that a verified participation earns; None where it earns none.

    For the tail of a verdict: repeating it gives nothing twice. Raises PersonNotFound.
    """
    rule = (task.kind_rules or {}).get("certificate")
    verdict = participation.verdict
    if not rule or verdict is None or participation.state != ParticipationState.VERIFIED:
        return None
    return give_certificate(
        participation.person_id,
        rule["name"],
        lasts_months=rule.get("lasts_months"),
        about_id=participation.id,
        given_at=verdict.judged_at,
    )


def uncertify(participation: Participation) -> bool:
    """Take back what the participation gave, where its verdict fell; harmless to repeat."""
    return take_certificate_back(participation.person_id, about_id=participation.id)
