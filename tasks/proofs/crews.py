"""Who took part together, and what each of them counts as: nobody fills two places of a crew."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from people import Person, person_of
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


def parts_of(participation: Participation) -> frozenset[str]:
    """What somebody can be in a crew: as ordered, else each role held and what they serve as."""
    if participation.crew_role:
        return frozenset({participation.crew_role})
    person: Person = person_of(participation.person_id)
    roles = {str(held.role.value) for held in person.memberships}
    return frozenset(roles | set(person.serves_as))


def cast(parts: Sequence[frozenset[str]], needs: Mapping[str, int]) -> dict[str, int]:
    """How many of a crew count as what: each person once, so that the needs are met best.

    Augmenting paths of bipartite matching (Kuhn 1955), a place for each one needed. Who is needed
    nowhere counts as the first, by name, of what they are.
    """
    places = [role for role, least in sorted(needs.items()) for _ in range(least)]
    holder: dict[int, int] = {}

    def seat(person: int, tried: set[int]) -> bool:
        for place, role in enumerate(places):
            if role in parts[person] and place not in tried:
                tried.add(place)
                if place not in holder or seat(holder[place], tried):
                    holder[place] = person
                    return True
        return False

    for person in range(len(parts)):
        seat(person, set())
    counted = Counter(places[place] for place in holder)
    seated = set(holder.values())
    counted.update(min(one) for n, one in enumerate(parts) if n not in seated and one)
    return dict(counted)
