"""How long a judge waits for the log that closes a duty."""

from datetime import datetime, timedelta

from tasks.participation import Participation
from tasks.proofs.duty_log import DutyLog
from tasks.proofs.shared_work import lenders_of
from tasks.proofs.under_way import parameters_of
from tasks.task import Task


def waits_until(participation: Participation, task: Task) -> datetime | None:
    """Until when a duty's log may still come; None where none is asked for, or one is there.

    A captain's or leader's log is the log of those who worked under them.
    """
    asked = parameters_of(task, "duty_log")
    if asked is None or DutyLog.objects(id__in=lenders_of(participation)).limit(1).count(True):
        return None
    until: datetime = participation.ends_at + timedelta(seconds=asked["until_s"])
    return until
