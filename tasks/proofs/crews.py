"""Who took part together, and what each of them counts as: nobody fills two places of a crew."""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from datetime import datetime

from people import Person, people_of
from tasks.participation import Participation, ParticipationState
from tasks.task import Task

# Who is or was there. A refused walk proves nobody's presence.
PRESENT = (
    ParticipationState.STARTED,
    ParticipationState.FINISHED,
    ParticipationState.IN_REVIEW,
    ParticipationState.APPEALED,
    ParticipationState.VERIFIED,
)


_LOOKED_AT = (
    "id",
    "person_id",
    "state",
    "crew_role",
    "team_of",
    "vouched_by",
    "started_at",
    "finished_at",
    "ends_at",
)


def together_with(participation: Participation, task: Task) -> list[Participation]:
    """The participations of one team or crew that were under way at the same time, this included.

    In a team those of the same leader, in any other task all of them.
    """
    others = Participation.objects(task_id=task.id, id__ne=participation.id).only(*_LOOKED_AT)
    known = {one.id: one for one in (participation, *others)}
    leader_id = _leader_of(participation, known)
    return [
        participation,
        *(
            other
            for other in others
            if other.state in PRESENT
            and (not task.is_team or _leader_of(other, known) == leader_id)
            and _at_the_same_time(participation, other)
        ),
    ]


def _leader_of(participation: Participation, known: Mapping[str, Participation]) -> str:
    """The participation that leads the team: one's own where one joined nobody's.

    Who is vouched for belongs to the captain's team, whoever leads that.
    """
    captain = known.get(participation.vouched_by or "")
    led = captain if captain is not None else participation
    return str(led.team_of or led.id)


def _at_the_same_time(one: Participation, other: Participation) -> bool:
    if one.started_at is None or other.started_at is None:
        return False
    return _begins(one) < _ends(other) and _begins(other) < _ends(one)


def _begins(participation: Participation) -> datetime:
    began: datetime = participation.started_at
    return began


def _ends(participation: Participation) -> datetime:
    # Who has not finished yet is there as long as the other one.
    end: datetime = participation.finished_at or participation.ends_at
    return max(end, participation.started_at)


def parts_of_all(group: Sequence[Participation]) -> list[frozenset[str]]:
    """What each can be in a crew: as ordered, else each role held and what they serve as.

    Who is nobody known is nothing.
    """
    people = people_of(one.person_id for one in group if not one.crew_role)
    known = {person.id: _can_be(person) for person in people.values()}
    return [
        frozenset({one.crew_role}) if one.crew_role else known.get(one.person_id, frozenset())
        for one in group
    ]


def _can_be(person: Person) -> frozenset[str]:
    return frozenset({str(held.role.value) for held in person.memberships} | set(person.serves_as))


def cast(parts: Sequence[frozenset[str]], needs: Mapping[str, int]) -> dict[str, int]:
    """How many of a crew count as what: each person once, so that the needs are met best.

    Augmenting paths of bipartite matching (Kuhn 1955), the places of a role taken together. Who is
    needed nowhere counts as the first, by name, of what they are.
    """
    seated: dict[str, list[int]] = {role: [] for role in sorted(needs) if needs[role] > 0}
    spare = [person for person in range(len(parts)) if not _seat(person, parts, needs, seated)]
    counted = Counter({role: len(people) for role, people in seated.items() if people})
    counted.update(min(parts[person]) for person in spare if parts[person])
    return dict(counted)


def _seat(
    person: int,
    parts: Sequence[frozenset[str]],
    needs: Mapping[str, int],
    seated: dict[str, list[int]],
) -> bool:
    """Whether the person got a place, others moving to their other parts where that frees one."""
    # By role: who would take a place of it, and which role they leave. No path is longer than the
    # roles are many.
    came: dict[str, tuple[int, str | None]] = {}
    looked_at: deque[str] = deque()

    def reach(mover: int, left: str | None) -> None:
        for role in sorted(parts[mover]):
            if role in seated and role not in came:
                came[role] = (mover, left)
                looked_at.append(role)

    reach(person, None)
    while looked_at:
        role = looked_at.popleft()
        if len(seated[role]) < needs[role]:
            _move_along(role, came, seated)
            return True
        for holder in seated[role]:
            if len(came) == len(seated):
                break  # every role is reached
            reach(holder, role)
    return False


def _move_along(
    free: str, came: Mapping[str, tuple[int, str | None]], seated: dict[str, list[int]]
) -> None:
    taken: str | None = free
    while taken is not None:
        mover, left = came[taken]
        seated[taken].append(mover)
        if left is not None:
            seated[left].remove(mover)
        taken = left
