"""Team tasks: the leader shows a code, and who scans it inside the area joins and walks at once."""

from people import Actor, known_person_of
from shared.clock import now
from shared.errors import Conflict, Refused
from shared.i18n import Text
from tasks.claiming import ByOrderOnly, TaskFull, shown_task, standing
from tasks.claims.on_the_spot import join_on_the_spot, refuse_elsewhere, start_claimed
from tasks.claims.requirements import refuse_unfit, refuse_who_runs_it
from tasks.claims.team_codes import TeamCode, leader_in, team_code_at
from tasks.participation import Participation, ParticipationState
from tasks.publishing import task_of
from tasks.slots import complete_claim
from tasks.taking_part import WrongParticipationState, own_participation


class NoTeam(Refused):
    """Raised when a team's code is asked of, or brought to, a task that is no team's."""

    message = Text("This is no team task.", "该任务不是小组任务。")


class NotTheLeader(Refused):
    """Raised when a member of a team asks for the code that only its leader shows."""

    message = Text("Only the team's leader shows the code.", "仅组长可出示小组二维码。")


class TeamCodeOver(Refused):
    """Raised when a team's code is none of this task's, or no longer the one on the phone."""

    message = Text(
        "This code no longer joins: scan the one now on the leader's phone.",
        "二维码已失效，请重新扫描组长手机上的二维码。",
    )


class TeamNotWalking(Conflict):
    """Raised when a team is joined whose leader has not started, or has finished."""

    message = Text("The leader is not walking now.", "组长尚未开始或已结束。")


def team_code_of(participation_id: str, *, by: Actor) -> TeamCode:
    """The code by which others join the caller's team just now.

    Raises ParticipationNotFound, NoTeam, NotTheLeader, WrongParticipationState before the start
    and after the finish.
    """
    found = own_participation(participation_id, by)
    if not task_of(found.task_id).is_team:
        raise NoTeam
    if found.team_of or found.vouched_by:
        raise NotTheLeader
    if found.state != ParticipationState.STARTED:
        raise WrongParticipationState(state=found.state)
    return team_code_at(found.id, now())


def join_team(
    task_id: str, code: str, *, position: tuple[float, float], by: Actor
) -> Participation:
    """A slot in the leader's team, started at once; `position` is (lat, lon) in WGS-84.

    Joining again answers the standing participation. Raises TaskNotFound, NoTeam, TeamCodeOver,
    TeamNotWalking, NotThere, NotOpen, TaskFull, HoursTaken, AlreadyWalking, AlreadyTookPart,
    RealNameMissing, OwnUnitsTask, ByOrderOnly, NotForYou, LevelTooLow, CertificateMissing.
    """
    task, person = shown_task(task_id), known_person_of(by.person_id)
    if not task.is_team:
        raise NoTeam
    held = task.claim_of(person.id)
    known = standing(complete_claim(task, held)) if held else None
    if known is not None and known.state == ParticipationState.STARTED:
        return known
    leader = _leader(task.id, code)
    refuse_elsewhere(task, position)
    if known is not None:
        return start_claimed(known, team_of=leader.id)
    refuse_who_runs_it(task, by)
    if task.by_order:
        raise ByOrderOnly
    if task.slots_left == 0:
        raise TaskFull(slots=task.slots)
    refuse_unfit(task, person, by)
    return join_on_the_spot(task, person.id, guard={}, team_of=leader.id)


def _leader(task_id: str, code: str) -> Participation:
    leader_id = leader_in(code, now())
    leader = Participation.objects(id=leader_id, task_id=task_id).first() if leader_id else None
    if leader is None:
        raise TeamCodeOver
    if leader.state != ParticipationState.STARTED:
        raise TeamNotWalking
    found: Participation = leader
    return found
