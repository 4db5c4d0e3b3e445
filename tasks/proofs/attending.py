"""How an instructor's changing code proves that somebody was there: shown, read, held once."""

import hmac
import re
from datetime import datetime

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from people import Actor, Role, unit_of
from shared.clock import now
from shared.database import collection
from shared.errors import Conflict, Invalid, Refused
from shared.i18n import Text
from shared.ids import new_id
from shared.sealing import keyed_hash, keyring
from tasks.judging.areas import compile_area
from tasks.proofs.attendance import Attendance
from tasks.proofs.under_way import bring, must_be_under_way
from tasks.publishing import TaskNotFound, task_of
from tasks.taking_part import own_participation
from tasks.task import EARLY_START, Task, TaskState

CODE_STEP_S = 30
# A code is good for its own half minute and the next one: time to read, a slow network.
GRACE_STEPS = 1
PURPOSE = "tokens"
MAX_READINGS = 60
_CODE = re.compile(r"attend:([0-9a-f]{24}):([0-9]{1,12}):([A-Za-z0-9_-]{1,40}\.[0-9a-f]{64})")


class AttendanceClosed(Conflict):
    """Raised when attendance is asked or shown for outside the task's hours."""

    message = Text("Attendance is taken during the task only.", "仅在任务时段内签到。")


class AttendanceCodeWrong(Invalid):
    """Raised when a code is none of ours, or another task's."""

    message = Text("This is not the code of this task.", "这不是本任务的签到码。")


class AttendanceCodeOld(Refused):
    """Raised when a code was shown too long ago."""

    message = Text("This code is no longer valid; please scan again.", "签到码已失效，请重新扫码。")


class NotAtThePlace(Refused):
    """Raised when the code is read outside the task's area."""

    message = Text("You are not at the place of the task.", "您不在任务区域内。")


class TooManyReadings(Refused):
    """Raised when a participation holds as many readings as it may."""

    message = Text("A participation may hold {most} readings.", "每次参与最多签到 {most} 次。")


def attendance_code(task_id: str, *, by: Actor) -> str:
    """The code to show now, another one every half minute; for an officer of the task's unit.

    Raises TaskNotFound, NotAllowed, AttendanceClosed.
    """
    task, moment = task_of(task_id), now()
    by.must_hold(Role.CENTRE_OFFICER, at=unit_of(task.unit_id))
    _refuse_closed(task, moment)
    return _code(task.id, _step_of(moment), keyring(PURPOSE).current)


def attend(
    participation_id: str, *, code: str, position: tuple[float, float], by: Actor
) -> Attendance:
    """The reading of `code` at `position` ((lat, lon), WGS-84); repeating it changes nothing.

    Raises ParticipationNotFound, WrongParticipationState, AttendanceClosed, AttendanceCodeWrong,
    AttendanceCodeOld, NotAtThePlace, TooManyReadings.
    """
    found = own_participation(participation_id, by)
    task, moment = task_of(found.task_id), now()
    step = _step_in(code, task.id)
    earlier = _reading(found.id, step)
    if earlier is not None:
        return earlier
    must_be_under_way(found)
    _refuse_closed(task, moment)
    if not 0 <= _step_of(moment) - step <= GRACE_STEPS:
        raise AttendanceCodeOld
    if not _is_there(task, position):
        raise NotAtThePlace
    reading = Attendance(id=new_id(), participation_id=found.id, step=step, attended_at=moment)
    return _keep(reading)


def _refuse_closed(task: Task, moment: datetime) -> None:
    if task.state == TaskState.DRAFT:
        raise TaskNotFound
    is_on = task.starts_at - EARLY_START <= moment <= task.ends_at + EARLY_START
    if task.state == TaskState.CANCELLED or not is_on:
        raise AttendanceClosed


def _step_of(moment: datetime) -> int:
    return int(moment.timestamp()) // CODE_STEP_S


def _code(task_id: str, step: int, key_id: str) -> str:
    shown = f"attend:{task_id}:{step}"
    return f"{shown}:{keyed_hash(shown, purpose=PURPOSE, key_id=key_id)}"


def _step_in(code: str, task_id: str) -> int:
    """The step that a code of the task was made for. Raises AttendanceCodeWrong."""
    read = _CODE.fullmatch(code)
    if read is None or read[1] != task_id:
        raise AttendanceCodeWrong("code")
    key_id = read[3].partition(".")[0]
    # A key that nobody holds is a made-up code, not a server behind the others.
    known = key_id in keyring(PURPOSE).keys
    if not known or not hmac.compare_digest(_code(task_id, int(read[2]), key_id), code):
        raise AttendanceCodeWrong("code")
    return int(read[2])


def _is_there(task: Task, position: tuple[float, float]) -> bool:
    area = compile_area(task.area)
    x, y = area.frame.to_metres([position[0]], [position[1]])
    return bool(area.holds(x, y)[0])


def _reading(participation_id: str, step: int) -> Attendance | None:
    found: Attendance | None = Attendance.objects(
        participation_id=participation_id, step=step
    ).first()
    return found


def _keep(reading: Attendance) -> Attendance:
    def insert(session: ClientSession) -> None:
        of_this = {"participation_id": reading.participation_id}
        if collection(Attendance).count_documents(of_this, session=session) >= MAX_READINGS:
            raise TooManyReadings(most=MAX_READINGS)
        collection(Attendance).insert_one(reading.to_mongo().to_dict(), session=session)

    try:
        bring(reading.participation_id, insert)
    except DuplicateKeyError:
        return _reading(reading.participation_id, reading.step) or reading
    return reading


def readings_of(participation_id: str) -> list[datetime]:
    """When the instructor's code was read, first to last."""
    found = Attendance.objects(participation_id=participation_id).order_by("attended_at")
    return [reading.attended_at for reading in found]
