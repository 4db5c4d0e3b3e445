"""Who may claim a task, and from where: what a claimer must be, judged before the slot."""

from people import Actor, Person, Role, grids_at, unit_of, units_of
from shared.clock import now
from shared.errors import Conflict, Invalid, Refused
from shared.geo import distance_m
from shared.i18n import Text
from tasks.task import ClaimFrom, Task


class NotOpen(Conflict):
    """Raised when the task cannot be claimed: not published, called off, or its window is over."""

    message = Text("This task can no longer be claimed.", "该任务已不可领取。")


class OwnUnitsTask(Refused):
    """Raised when somebody who runs the centre would earn by a task of it."""

    message = Text(
        "Who runs the centre cannot claim its tasks.", "网格中心工作人员不能领取本中心的任务。"
    )


class NotForYou(Refused):
    """Raised when the task asks for a role, trade, team or kind of helper that the person is not.

    `wanted` are those asked for, by commas.
    """

    message = Text("This task is for {wanted} only.", "该任务仅限：{wanted}。")


class LevelTooLow(Refused):
    """Raised when the task asks for a higher level than the person's."""

    message = Text(
        "This task needs level {least_level}; you are at level {level}.",
        "该任务要求等级达到 {least_level} 级，您目前为 {level} 级。",
    )


class CertificateMissing(Refused):
    """Raised when a certificate that the task asks for is missing, or ends before the task does."""

    message = Text(
        "This task needs a certificate that lasts until its end: {certificates}.",
        "该任务要求持有在任务结束前有效的证书：{certificates}。",
    )


class PositionMissing(Invalid):
    """Raised when the task says where a claimer must be, and the claim does not say where."""

    message = Text("This task asks where you are: send position.", "该任务需要您的位置。")


class TooFarAway(Refused):
    """Raised when the claimer is not where the task wants claimers to be."""

    message = Text(
        "You are {distance_m} m away; claim within {within_m} m of the task.",
        "您距任务 {distance_m} 米，须在 {within_m} 米内领取。",
    )


class OutsideUnit(Refused):
    """Raised when the claimer is not on the ground of the publishing unit."""

    message = Text("Only people now in {place} can claim this.", "仅限当前位于{place}的人员领取。")


def refuse_who_runs_it(task: Task, by: Actor) -> None:
    """Raises NotOpen, OwnUnitsTask: what holds however a slot is come by."""
    if not task.is_open_at(now()):
        raise NotOpen
    if by.person_id in (task.created_by, task.published_by):
        raise OwnUnitsTask
    is_officer = by.holds(Role.CENTRE_OFFICER)
    if is_officer and by.holds(Role.CENTRE_OFFICER, at=unit_of(task.unit_id)):
        raise OwnUnitsTask


def refuse_unfit(task: Task, person: Person, by: Actor) -> None:
    """Raises NotForYou, LevelTooLow, CertificateMissing where the person is not who is wanted."""
    roles = [Role(role) for role in task.roles_wanted]
    if roles and not holds_one_here(by, task, *roles):
        raise NotForYou(wanted=", ".join(task.roles_wanted))
    wishes = (
        (task.serves_as_wanted, person.serves_as),
        (task.trades_wanted, [person.trade]),
        (task.groups_wanted, person.groups),
    )
    for wanted, held in wishes:
        if wanted and not set(wanted) & set(held):
            raise NotForYou(wanted=", ".join(wanted))
    if person.level < task.least_level:
        raise LevelTooLow(least_level=task.least_level, level=person.level)
    lacking = [
        name for name in task.certificates_wanted if not person.has_certificate(name, task.ends_at)
    ]
    if lacking:
        raise CertificateMissing(certificates=", ".join(lacking))


def refuse_from_afar(task: Task, position: tuple[float, float] | None) -> None:
    """Raises PositionMissing, TooFarAway, OutsideUnit; `position` is (lat, lon) in WGS-84."""
    if task.claim_from == ClaimFrom.ANYWHERE:
        return
    if position is None:
        raise PositionMissing("position")
    if task.claim_from == ClaimFrom.INSIDE_UNIT:
        if not any(task.unit_id in grid.lineage for grid in grids_at(*position).values()):
            raise OutsideUnit(place=task.place)
        return
    lon, lat = task.location["coordinates"]
    away_m = round(distance_m(position, (lat, lon)))
    if away_m > task.claim_within_m:
        raise TooFarAway(distance_m=away_m, within_m=task.claim_within_m)


def holds_one_here(by: Actor, task: Task, *roles: Role) -> bool:
    """Whether one of these roles is held above, at or below the task's unit."""
    unit = unit_of(task.unit_id)
    if by.holds(*roles, at=unit):
        return True
    below = units_of(by.units_of(*roles)).values()
    return any(unit.id in held_at.lineage for held_at in below)
