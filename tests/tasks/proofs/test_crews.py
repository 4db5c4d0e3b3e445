"""Nobody fills two places of a crew, and only those who were there together count."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mongoengine.context_managers import query_counter

from people import Membership, Person, Role
from shared.clock import now
from tasks.participation import Participation, ParticipationState
from tasks.proofs.crews import cast, parts_of_all, together_with
from tasks.task import MAX_SLOTS, Task

ROLES = ("teacher", "guard", "leader", "police")
people = st.lists(st.frozensets(st.sampled_from(ROLES), max_size=3), max_size=6)
needs_of = st.dictionaries(st.sampled_from(ROLES), st.integers(1, 3), max_size=3)


def best_by_trying(parts, needs):
    """The most places that can be filled, by trying everybody everywhere."""
    if not parts:
        return 0
    first, rest = parts[0], parts[1:]
    best = best_by_trying(rest, needs)
    for role in first:
        if needs.get(role, 0) > 0:
            best = max(best, 1 + best_by_trying(rest, needs | {role: needs[role] - 1}))
    return best


@given(people, needs_of)
def test_as_many_places_are_filled_as_can_be_and_nobody_counts_twice(parts, needs):
    counted = cast(parts, needs)
    assert sum(counted.values()) <= len(parts)
    filled = sum(min(counted.get(role, 0), least) for role, least in needs.items())
    assert filled == best_by_trying(parts, needs)


def test_one_who_is_teacher_and_guard_leaves_the_place_to_who_is_only_one_of_them():
    both, guard = frozenset({"teacher", "guard"}), frozenset({"guard"})
    assert cast([both, guard], {"guard": 1, "teacher": 1}) == {"guard": 1, "teacher": 1}
    assert sum(cast([both], {"guard": 1, "teacher": 1}).values()) == 1


def test_a_crew_as_large_as_a_task_may_be_is_cast_however_long_the_chains_are():
    # Each newcomer pushes somebody on from role to role, to the last one.
    roles = [f"role{number:04d}" for number in range(MAX_SLOTS)]
    parts = [frozenset(pair) for pair in pairwise(roles)]
    counted = cast([*parts, frozenset(roles[:1])], dict.fromkeys(roles, 1))
    assert counted == dict.fromkeys(roles, 1)


def test_two_thousand_places_of_one_role_are_filled():
    parts = [frozenset({"guard", "teacher"})] * MAX_SLOTS
    counted = cast(parts, {"guard": MAX_SLOTS - 1, "teacher": 1})
    assert counted == {"guard": MAX_SLOTS - 1, "teacher": 1}


# ---- who was there


@pytest.fixture
def team(begun, published):
    """A task, then changed, and the participations of so many people."""

    def join(count=3, **changes):
        task = published()
        joined = [begun(task)[0] for _ in range(count)]
        if changes:
            Task.objects(id=task.id).update_one(**changes)
        return Task.objects(id=task.id).get(), joined

    return join


def change(participation, **changes):
    sets = {f"set__{name}": value for name, value in changes.items()}
    Participation.objects(id=participation.id).update_one(**sets)
    return Participation.objects(id=participation.id).get()


def ids(participations):
    return {one.id for one in participations}


def test_of_a_plain_task_everybody_there_at_the_same_time_counts(team):
    task, (one, other, third) = team()
    assert ids(together_with(one, task)) == {one.id, other.id, third.id}


@pytest.mark.parametrize(
    "state",
    [
        ParticipationState.CLAIMED,
        ParticipationState.GIVEN_UP,
        ParticipationState.LAPSED,
        ParticipationState.REFUSED,
        ParticipationState.WITHDRAWN,
    ],
)
def test_who_was_not_there_does_not_count(team, state):
    task, (one, other) = team(2)
    change(other, state=state)
    assert ids(together_with(one, task)) == {one.id}


def test_who_left_before_the_other_came_was_not_together_with_them(team):
    task, (one, other) = team(2)
    began = one.started_at
    one = change(one, finished_at=began + timedelta(minutes=10), state=ParticipationState.FINISHED)
    other = change(other, started_at=began + timedelta(minutes=20))
    assert ids(together_with(one, task)) == {one.id}
    assert ids(together_with(other, task)) == {other.id}


def test_a_team_is_its_leader_and_those_who_joined_or_are_vouched_for(team):
    task, (leader, member, vouched, other) = team(4, set__is_team=True)
    member = change(member, team_of=leader.id)
    vouched = change(vouched, vouched_by=member.id)
    for one in (leader, member, vouched):
        assert ids(together_with(one, task)) == ids([leader, member, vouched])
    assert ids(together_with(other, task)) == {other.id}


def test_somebody_is_what_the_order_says_else_what_they_hold_and_serve_as(team):
    _, (one,) = team(1)
    held = [Membership(role=Role.CAPTAIN, unit_id="f" * 24, since=now())]
    Person.objects(id=one.person_id).update_one(
        set__serves_as=["peace_guard"], set__memberships=held
    )
    assert parts_of_all([one])[0] == {"captain", "peace_guard"}
    assert parts_of_all([change(one, crew_role="teacher")])[0] == {"teacher"}


def test_the_parts_of_a_crew_are_read_in_one_query_and_in_its_sequence(team):
    _, group = team(4)
    for number, one in enumerate(group):
        Person.objects(id=one.person_id).update_one(set__serves_as=[f"as_{number}"])
    group[1] = change(group[1], crew_role="teacher")
    group[2].person_id = "0" * 24  # nobody known
    with query_counter() as queries:
        parts = parts_of_all(group)
        assert queries == 1
    assert parts == [{"as_0"}, {"teacher"}, frozenset(), {"as_3"}]
