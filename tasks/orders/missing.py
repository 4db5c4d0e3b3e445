"""Which of a task's crew are missing, and how its unit hears of it before the start."""

from collections.abc import Sequence
from datetime import timedelta

from notices import tell_officers
from shared.clock import real_now
from shared.i18n import Text
from shared.sweeping import sweep_each
from tasks.judging.crew_words import crew_text
from tasks.participation import ENDED_UNWALKED, Participation, ParticipationState
from tasks.proofs.crews import cast, parts_of_all
from tasks.task import CrewNeed, Task, TaskState

# So long before the start the unit hears of a crew that is not complete.
WARN_BEFORE = timedelta(minutes=30)
# A crew that is complete, or a task that fails, stands in no other's way.
LOOK_AGAIN = timedelta(minutes=1)
BATCH = 500
_NOT_THERE = (*ENDED_UNWALKED, ParticipationState.WAITING)


def missing_roles(task: Task) -> list[CrewNeed]:
    """What the task's crew still lacks by those who hold its slots; `at_least` is how many."""
    if not task.crew:
        return []
    needed = {need.crew_role: need.at_least for need in task.crew}
    held = Participation.objects(task_id=task.id, state__nin=list(_NOT_THERE))
    there = cast(parts_of_all(list(held.only("person_id", "crew_role"))), needed)
    return [
        CrewNeed(crew_role=role, at_least=count - there.get(role, 0))
        for role, count in needed.items()
        if there.get(role, 0) < count
    ]


def warn_of_missing_roles() -> int:
    """Tell the units of tasks that begin within half an hour what their crews lack, once each."""
    moment = real_now()
    soon = Task.objects(
        settled=False,
        state=TaskState.PUBLISHED,
        ends_at__gt=moment,
        starts_at__gt=moment,
        starts_at__lte=moment + WARN_BEFORE,
        crew__0__exists=True,
        crew_warned_at=None,
        look_again_at__not__gt=moment,
    ).limit(BATCH)
    return sweep_each(soon, _warn)


def _warn(task: Task) -> bool:
    Task.objects(id=task.id).update_one(set__look_again_at=real_now() + LOOK_AGAIN)
    missing = missing_roles(task)
    if not missing:
        return False
    facts = {
        "title": task.title,
        "starts_at": task.starts_at,
        "missing": in_words(missing).both(),
        "task_id": task.id,
    }
    tell_officers(task.unit_id, "crew_incomplete", facts, key=f"crew:{task.id}")
    Task.objects(id=task.id).update_one(set__crew_warned_at=real_now())
    return True


def in_words(missing: Sequence[CrewNeed]) -> Text:
    """What is missing as a list in both languages."""
    said = [(crew_text(need.crew_role), need.at_least) for need in missing]
    english = ", ".join(f"{role.en} ({count})" for role, count in said)
    chinese = "、".join(f"{role.zh}（{count} 人）" for role, count in said)
    # Roles are people's own words: braces in them are no places.
    return Text(*(one.replace("{", "{{").replace("}", "}}") for one in (english, chinese)))
