"""What a centre writes into a draft, checked as a whole; what it leaves out, its kind says."""

from datetime import datetime, timedelta
from typing import Any

from rates import known_fund
from shared.clock import now
from shared.errors import Invalid
from shared.i18n import Text
from tasks.judging.areas import location_of, validated_area
from tasks.judging.check_kinds import CHECKS
from tasks.judging.wanted_checks import BadChecks, validate_checks
from tasks.kinds.kind_content import CREW, with_crew
from tasks.kinds.kinds import active_kind_of
from tasks.kinds.private_places import is_private, location_shown
from tasks.kinds.task_kind import TaskKind
from tasks.task import EARLY_START, ClaimFrom, Task

MAX_WINDOW = timedelta(hours=24)


class BadWindow(Invalid):
    """Raised when a task's window ends before it starts, is over, or is longer than a day."""

    message = Text(
        "The window must end after it starts, lie ahead, and last 24 hours at most.",
        "时间段须先开始后结束、尚未结束，且不超过 24 小时。",
    )


class ClaimDistanceMissing(Invalid):
    """Raised when claimers must be within a distance and it is not said which, or the reverse."""

    message = Text(
        "claim_within_m goes with claim_from=within, and only there.",
        "claim_within_m 须且仅须与 claim_from=within 同时给出。",
    )


class MissingCheck(BadChecks):
    """Raised when a task lacks a check that its kind asks for."""

    message = Text(
        "A task of this kind needs the check {check}.", "此类任务须包含完成条件 {check}。"
    )


class TrackCheckMissing(BadChecks):
    """Raised when the kind needs a track, and no check of the task looks at one."""

    message = Text(
        "A task of this kind needs a check of the walk: one of {known}.",
        "此类任务须至少包含一项轨迹条件：{known}。",
    )


class CrewTooLarge(Invalid):
    """Raised when a crew needs more people than the task has slots."""

    message = Text(
        "The crew needs {needed} people; the task has {slots} places.",
        "人员组成要求 {needed} 人，而任务只有 {slots} 个名额。",
    )


class InsideTooLong(BadChecks):
    """Raised when more time inside the area is asked for than a walk may take."""

    message = Text(
        "The task lasts {longest_s} s with its slack; nobody can be inside for longer.",
        "任务时段连同宽限共 {longest_s} 秒，停留时间要求不能更长。",
    )


# What a kind says where the draft does not.
_OF_KIND = (
    "roles_wanted",
    "serves_as_wanted",
    "trades_wanted",
    "groups_wanted",
    "certificates_wanted",
    "least_level",
    "is_team",
)
# What every task says where the draft does not: the document's own defaults.
_OF_DOCUMENT = ("by_order", "hold_minutes", "free_until_minutes", "has_waiting_list")
# The fields that a draft's author writes; the rest follows from them or from what happens.
_CONTENT = (
    "kind",
    "title",
    "brief",
    "address",
    "area",
    "starts_at",
    "ends_at",
    "slots",
    "crew",
    "claim_from",
    "claim_within_m",
    "checks",
    "fund",
    *_OF_KIND,
    *_OF_DOCUMENT,
)


def usable_draft(content: dict[str, Any]) -> dict[str, Any]:
    """The content, checked as a whole, with what follows from it. Raises kinds of Invalid."""
    refuse_bad_window(content["starts_at"], content["ends_at"])
    within = content.get("claim_from") == ClaimFrom.WITHIN
    if within != (content.get("claim_within_m") is not None):
        raise ClaimDistanceMissing("claim_within_m")
    kind = active_kind_of(content["kind"])
    area = validated_area(content["area"])
    crew = _crew_of(content, kind)
    lon, lat = location_of(area)
    rules = kind.frozen()
    return _with_defaults(content, kind) | {
        "kind_rules": rules,
        "has_private_place": is_private(rules),
        "area": area,
        "location": location_shown(lon, lat, rules),
        "crew": crew,
        "checks": _checks_of(content, kind, crew, area),
        "fund": known_fund(content.get("fund")),
        "slots_left": content["slots"],
    }


def _with_defaults(content: dict[str, Any], kind: TaskKind) -> dict[str, Any]:
    filled = {name: content.get(name) for name in _CONTENT}
    for name in _OF_KIND:
        if filled[name] is None:
            filled[name] = getattr(kind, name)
    for name in _OF_DOCUMENT:
        if filled[name] is None:
            filled[name] = getattr(Task, name).default
    return filled


def _crew_of(content: dict[str, Any], kind: TaskKind) -> list[dict[str, Any]]:
    crew = content.get("crew")
    needs = CREW.read("crew", {"crew": kind.crew_plain() if crew is None else crew}, "crew")
    needed = sum(need["at_least"] for need in needs)
    if needed > content["slots"]:
        raise CrewTooLarge("crew", needed=needed, slots=content["slots"])
    return needs


def _checks_of(
    content: dict[str, Any], kind: TaskKind, crew: list[dict[str, Any]], area: dict[str, Any]
) -> list[dict[str, Any]]:
    """The draft's checks, or its kind's where it leaves them out, defaults filled in."""
    asked = content.get("checks")
    wanted = kind.default_checks if asked is None else asked
    names = [one.get("check") for one in wanted if isinstance(one, dict)]
    for required in kind.required_checks:
        if required not in names:
            raise MissingCheck("checks", check=required)
    sound = isinstance(wanted, list) and all(isinstance(one, dict) for one in wanted)
    checks = validate_checks(with_crew(wanted, crew) if sound else wanted, area)
    _refuse_endless(checks, content["starts_at"], content["ends_at"])
    if kind.needs_track and not any(CHECKS[one["check"]].of_track for one in checks):
        known = [name for name, check in CHECKS.items() if check.of_track]
        raise TrackCheckMissing("checks", known=", ".join(known))
    return checks


def _refuse_endless(checks: list[dict[str, Any]], starts_at: datetime, ends_at: datetime) -> None:
    longest_s = int((ends_at - starts_at + 2 * EARLY_START).total_seconds())
    for index, one in enumerate(checks):
        if one["check"] == "inside_time" and one["parameters"]["min_s"] > longest_s:
            raise InsideTooLong(f"checks.{index}.parameters.min_s", longest_s=longest_s)


def refuse_bad_window(starts_at: datetime, ends_at: datetime) -> None:
    """Raises BadWindow unless the window lies ahead, in order, and within a day."""
    if not starts_at < ends_at <= starts_at + MAX_WINDOW or ends_at <= now():
        raise BadWindow("ends_at")


def content_of(task: Task, changes: dict[str, Any]) -> dict[str, Any]:
    """What the draft says, as its author wrote it; a new crew is what its make-up asks for."""
    content = {name: getattr(task, name) for name in _CONTENT}
    crew = [{"crew_role": one.crew_role, "at_least": one.at_least} for one in task.crew]
    content |= {"crew": crew, "checks": [dict(check) for check in task.checks]}
    if "crew" in changes:
        own = {"check": "make_up", "parameters": {"crew": crew}}
        content["checks"] = [
            {"check": "make_up"} if check == own else check for check in content["checks"]
        ]
    return content
