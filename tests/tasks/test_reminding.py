"""Words in time: reminded once each, warned of the lease, and the centre hears of silences once."""

from datetime import timedelta

import pytest
from street import CENTRE

from notices import Notice
from people import Membership, Person, Role, actor_for
from shared.clock import real_now
from shared.database import collection
from shared.ids import random_id
from tasks import Participation, Task, claim_task, reminding, start_participation
from tasks.jobs import sweep


@pytest.fixture
def claimed(published, volunteer):
    """A claim whose times can be set: `claimed(starts_in=…, claimed_ago=…)` in minutes."""

    def make(*, starts_in, claimed_ago=600, **more):
        task = published()
        taken = claim_task(task.id, position=None, by=volunteer(nickname="陈"))
        starts_at = real_now() + timedelta(minutes=starts_in)
        set_times(
            taken,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=2),
            claimed_at=real_now() - timedelta(minutes=claimed_ago),
            **more,
        )
        return taken

    return make


@pytest.fixture
def walking(published, volunteer):
    """A walk under way: `walking(heard_ago=…)` minutes, None where its phone never spoke."""

    def make(*, heard_ago, started_ago=60, ends_in=60, moves=None, **more):
        task = published()
        taken = claim_task(task.id, position=None, by=volunteer(nickname="陈"))
        start_participation(taken.id, by=actor_for(taken.person_id))
        heard_at = None if heard_ago is None else real_now() - timedelta(minutes=heard_ago)
        lat, lon = CENTRE
        set_times(
            taken,
            started_at=real_now() - timedelta(minutes=started_ago),
            ends_at=real_now() + timedelta(minutes=ends_in),
            located_at=heard_at,
            location=heard_at and {"type": "Point", "coordinates": [lon, lat]},
            **more,
        )
        if moves:
            collection(Task).update_one({"_id": task.id}, {"$set": {"kind_rules.moves": moves}})
        return taken

    return make


@pytest.fixture
def officer(town):
    """An officer of the centre who is somebody, and so can be told."""
    held = [Membership(role=Role.CENTRE_OFFICER, unit_id=town.district.id, since=real_now())]
    return Person(id=random_id(), memberships=held).save()


def set_times(taken, **fields):
    kept = {name: value for name, value in fields.items() if value is not None}
    collection(Participation).update_one({"_id": taken.id}, {"$set": kept})


def told(person_id, name):
    return [one.facts for one in Notice.objects(person_id=person_id, name=name).order_by("id")]


class TestBeforeTheStart:
    def test_a_claimer_is_reminded_an_hour_and_a_quarter_of_it_ahead_once_each(self, claimed):
        taken = claimed(starts_in=61)
        assert reminding.remind_before_start() == 0
        for starts_in in (59, 16, 14, 3):
            set_times(taken, starts_at=real_now() + timedelta(minutes=starts_in))
            for _ in range(2):
                reminding.remind_before_start()
        minutes = [one["minutes"] for one in told(taken.person_id, "reminder_before_start")]
        assert minutes == [59, 14]

    def test_who_claimed_shortly_before_is_not_told_what_they_know(self, claimed):
        taken = claimed(starts_in=50, claimed_ago=5)
        assert reminding.remind_before_start() == 0
        set_times(taken, starts_at=real_now() + timedelta(minutes=14))
        set_times(taken, claimed_at=real_now() - timedelta(minutes=41))
        assert reminding.remind_before_start() == 1
        late = claimed(starts_in=14, claimed_ago=0.5)
        assert reminding.remind_before_start() == 0
        assert told(late.person_id, "reminder_before_start") == []

    def test_a_sweep_that_was_away_reminds_once_with_the_minutes_left(self, claimed):
        taken = claimed(starts_in=9)
        assert reminding.remind_before_start() == 1
        ((fact),) = told(taken.person_id, "reminder_before_start")
        assert (fact["minutes"], fact["title"], fact["address"]) == (
            9,
            "夜间平安巡防",
            "鼓西派出所",
        )
        assert fact["participation_id"] == taken.id

    def test_nobody_is_reminded_of_what_began_or_was_given_up(self, claimed):
        claimed(starts_in=-1)
        claimed(starts_in=30, state="given_up")
        assert reminding.remind_before_start() == 0

    def test_cut_off_before_the_mark_it_is_told_no_second_time(self, claimed):
        taken = claimed(starts_in=30)
        reminding.remind_before_start()
        unmarked = {"$unset": {"reminded_minutes": 1}}
        collection(Participation).update_one({"_id": taken.id}, unmarked)
        assert reminding.remind_before_start() == 1
        assert len(told(taken.person_id, "reminder_before_start")) == 1

    def test_one_that_fails_holds_up_no_other_and_waits_a_minute(self, claimed):
        broken, sound = claimed(starts_in=30), claimed(starts_in=31)
        collection(Task).delete_one({"_id": broken.task_id})
        assert reminding.remind_before_start() == 1
        assert len(told(sound.person_id, "reminder_before_start")) == 1
        assert Participation.objects.get(id=broken.id).look_again_at > real_now()

    def test_is_found_by_its_index(self, claimed):
        taken = claimed(starts_in=30)
        soon = {"$gt": real_now(), "$lte": real_now() + timedelta(hours=1)}
        asked = {"state": "claimed", "settled": False, "starts_at": soon}
        plan = collection(Participation).find(asked).hint("starting").explain()
        assert plan["executionStats"]["totalDocsExamined"] == 1, taken.id


class TestTheLease:
    def test_its_end_is_told_once_and_anew_where_it_was_extended(self, claimed):
        taken = claimed(starts_in=-10)
        set_times(taken, held_until=real_now() + timedelta(minutes=11))
        assert reminding.warn_of_leases() == 0
        for minutes in (9, 8):
            set_times(taken, held_until=real_now() + timedelta(minutes=minutes))
            assert [reminding.warn_of_leases() for _ in range(2)] == [1, 0]
        assert len(told(taken.person_id, "lease_ends_soon")) == 2

    def test_a_lease_that_was_so_short_from_the_first_is_not_told(self, claimed):
        taken = claimed(starts_in=-10, claimed_ago=1)
        set_times(taken, held_until=real_now() + timedelta(minutes=5))
        assert reminding.warn_of_leases() == 0
        assert told(taken.person_id, "lease_ends_soon") == []


class TestSilence:
    @pytest.mark.parametrize("heard_ago", [21, None])
    def test_is_told_to_centre_and_volunteer_once(self, walking, officer, heard_ago):
        taken = walking(heard_ago=heard_ago, started_ago=25)
        assert [reminding.raise_silent() for _ in range(2)] == [1, 0]
        (seen,) = told(officer.id, "check_in_overdue")
        since_at = Participation.objects.get(id=taken.id).silence_told_from
        assert (seen["who"], seen["since_at"]) == ("陈", since_at)
        assert (seen["person_id"], seen["place"] != "") == (taken.person_id, True)
        assert len(told(taken.person_id, "check_in_asked")) == 1

    def test_that_ends_and_comes_again_is_told_again(self, walking, officer):
        taken = walking(heard_ago=30)
        reminding.raise_silent()
        set_times(taken, located_at=real_now() - timedelta(minutes=1))
        assert reminding.raise_silent() == 0
        set_times(taken, located_at=real_now() - timedelta(minutes=22))
        assert reminding.raise_silent() == 1
        assert len(told(officer.id, "check_in_overdue")) == 2

    @pytest.mark.parametrize(
        ("moves", "heard_ago", "raised"),
        [("walks", 19, 0), ("rides", 21, 1), ("stays", 39, 0), ("stays", 41, 1), ("none", 90, 0)],
    )
    def test_is_measured_by_how_the_kind_moves(self, walking, moves, heard_ago, raised):
        walking(heard_ago=heard_ago, moves=moves)
        assert reminding.raise_silent() == raised

    def test_of_whom_a_captain_vouches_for_is_no_silence(self, walking):
        walking(heard_ago=None, vouched_by="a captain's participation")
        assert reminding.raise_silent() == 0

    def test_is_over_when_the_walk_is(self, walking):
        walking(heard_ago=30, state="finished")
        walking(heard_ago=900, started_ago=900, ends_in=-12 * 60 - 1)
        assert (reminding.raise_silent(), reminding.raise_overrun()) == (0, 0)

    def test_of_somebody_without_a_nickname_names_a_volunteer(self, walking, officer):
        taken = walking(heard_ago=30)
        collection(Person).update_one({"_id": taken.person_id}, {"$set": {"nickname": ""}})
        reminding.raise_silent()
        assert told(officer.id, "check_in_overdue")[0]["who"]["zh-CN"] == "一位志愿者"


def test_a_walk_half_an_hour_over_its_end_is_raised_once_though_the_phone_speaks(walking, officer):
    taken = walking(heard_ago=1, started_ago=150, ends_in=-29)
    assert reminding.raise_overrun() == 0
    set_times(taken, ends_at=real_now() - timedelta(minutes=31))
    assert [reminding.raise_overrun() for _ in range(2)] == [1, 0]
    assert len(told(officer.id, "check_in_overdue")) == 1
    assert len(told(taken.person_id, "check_in_asked")) == 1


def test_the_sweep_runs_these_passes(walking, claimed):
    silent, soon = walking(heard_ago=30), claimed(starts_in=30)
    done = sweep()
    assert (done["raise_silent"], done["remind_before_start"]) == (1, 1)
    assert {"warn_of_leases", "raise_overrun"} <= set(done)
    assert len(told(silent.person_id, "check_in_asked")) == 1
    assert len(told(soon.person_id, "reminder_before_start")) == 1
