"""Who has no phone or follows a leader is judged by what the captain or the leader brought."""

from datetime import timedelta

import pytest
from street import CENTRE

from shared.clock import pretending
from tasks import (
    SentPhoto,
    attend,
    attendance_code,
    hand_out,
    log_duty,
    store_photo,
    task_of,
)
from tasks.judging.proof import NOTHING, HandedOut
from tasks.participation import Participation, ParticipationState
from tasks.proofs.proving import proof_of
from tasks.proofs.shared_work import lenders_of
from tasks.task import Task
from tests.pictures import photo_file


def proved(taken):
    found = Participation.objects(id=taken.id).get()
    return proof_of(found, task_of(found.task_id))


def photo(seed=1, about=None):
    return SentPhoto(photo_file(seed), "image/jpeg", about)


def tie(taken, **ties):
    Participation.objects(id=taken.id).update_one(**{f"set__{k}": v for k, v in ties.items()})


def bring(taken, actor, count, key="key-0001", photo_ids=()):
    said = {"item": "传单", "place": "一村", "photo_ids": list(photo_ids)}
    return hand_out(taken.id, count=count, key=key, by=actor, **said)


@pytest.fixture
def two(begun, published):
    """Two who walk one task: (participation, actor) each."""
    task = published()
    return begun(task), begun(task)


@pytest.fixture
def team(begun, published):
    """A leader and two members of a team: (participation, actor) each."""
    task = published()
    leader, *members = [begun(task) for _ in range(3)]
    Task.objects(id=task.id).update_one(set__is_team=True)
    for member, _ in members:
        tie(member, team_of=leader[0].id)
    return leader, *members


@pytest.mark.parametrize("how", ["team_of", "vouched_by"])
def test_photos_and_log_are_lent_where_there_are_none_of_ones_own(two, how):
    (first, leader), (second, member) = two
    store_photo(first.id, "p1", photo(1), by=leader)
    log_duty(first.id, text="好", incidents=0, present=[], by=leader)
    assert proved(second) == NOTHING
    tie(second, **{how: first.id})
    lent = proved(second)
    assert len(lent.photos) == 1
    assert not lent.photos[0].seen_before
    assert not lent.photos[0].looks_like_earlier
    assert lent.logged_at == proved(first).logged_at is not None
    store_photo(second.id, "q1", photo(2), by=member)
    store_photo(second.id, "q2", photo(3), by=member)
    assert len(proved(second).photos) == 2
    assert len(proved(first).photos) == 1


def test_a_picture_seen_before_is_so_for_whoever_it_is_lent_to(two, begun):
    (first, leader), (second, _) = two
    stranger, other = begun()
    store_photo(stranger.id, "s", photo(1), by=other)
    store_photo(first.id, "p1", photo(1), by=leader)
    tie(second, vouched_by=first.id)
    assert [one.seen_before for one in proved(second).photos] == [True]


def test_the_same_file_from_two_of_a_team_was_not_seen_before(two, team):
    (leading, leader), (joined, member), _ = team
    store_photo(leading.id, "p1", photo(1), by=leader)
    store_photo(joined.id, "q1", photo(1), by=member)
    for taken in (leading, joined):
        (shown,) = proved(taken).photos
        assert not shown.seen_before
        assert not shown.looks_like_earlier
    (first, one), _ = two
    store_photo(first.id, "r1", photo(1), by=one)
    assert [shown.seen_before for shown in proved(first).photos] == [True]


def test_attendance_is_lent_by_a_captain_and_by_no_leader(two, town):
    (first, captain), (second, _) = two
    with pretending(first.started_at + timedelta(seconds=90)):
        code = attendance_code(first.task_id, by=town.officer)
        attend(first.id, code=code, position=CENTRE, by=captain)
    tie(second, team_of=first.id)
    assert proved(second).attended_at == ()
    tie(second, team_of=None, vouched_by=first.id)
    assert proved(second).attended_at == proved(first).attended_at != ()


def test_every_member_of_a_team_is_judged_by_the_sum_of_its_hand_outs(team):
    (leading, leader), (joined, member), (idle, _) = team
    shot = store_photo(joined.id, "q1", photo(1), by=member)
    bring(leading, leader, 5)
    bring(joined, member, 7, photo_ids=[shot.id])
    for taken in (leading, joined, idle):
        assert proved(taken).handed_out == (HandedOut("传单", "一村", 12, photos=1),)
    tie(joined, state=ParticipationState.REFUSED)
    assert proved(idle).handed_out == (HandedOut("传单", "一村", 5, photos=0),)


def test_another_team_of_the_task_adds_nothing(team):
    (leading, leader), (joined, member), (other, _) = team
    tie(joined, team_of=None)
    tie(other, team_of=joined.id)
    bring(leading, leader, 5)
    bring(joined, member, 7)
    assert [one.count for one in proved(leading).handed_out] == [5]
    assert [one.count for one in proved(other).handed_out] == [7]


def test_outside_teams_each_counts_the_own_hand_outs(two):
    (first, one), (second, other) = two
    bring(first, one, 5)
    bring(second, other, 7)
    assert [line.count for line in proved(first).handed_out] == [5]


def test_who_is_vouched_for_in_a_team_has_the_captains_then_the_leaders(team):
    (leading, leader), (captain, captains), (vouched, _) = team
    tie(vouched, team_of=None, vouched_by=captain.id)
    found = Participation.objects(id=vouched.id).get()
    assert lenders_of(found) == (vouched.id, captain.id, leading.id)
    store_photo(leading.id, "p1", photo(1), by=leader)
    bring(leading, leader, 5)
    assert len(proved(vouched).photos) == 1
    assert [line.count for line in proved(vouched).handed_out] == [5]
    for n in (2, 3):
        store_photo(captain.id, f"q{n}", photo(n), by=captains)
    assert len(proved(vouched).photos) == 2
