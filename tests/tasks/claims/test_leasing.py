"""The lease while it runs: lapsing, extending, giving up late, pausing for an incident."""

from datetime import timedelta

import pytest

from notices import Notice
from people import Membership, Person, Role
from shared.clock import now, pretending, real_now
from shared.ids import random_id
from tasks import (
    Participation,
    catching_up,
    claim_task,
    extend_claim,
    finish_participation,
    give_up_participation,
    pause_participation,
    resume_participation,
    start_participation,
    task_of,
)
from tasks.agenda import Agenda
from tasks.claims import leasing
from tasks.claims.leasing import (
    ExtensionSkipped,
    LeaseOver,
    NoPauseLeft,
    NotExtended,
    TooManyPauses,
    tell_of_incidents,
)
from tasks.slots import lapse_claim
from tasks.taking_part import ParticipationNotFound, WrongParticipationState
from tests.racing import at_once


def minutes(count):
    return timedelta(minutes=count)


def reloaded(participation):
    return Participation.objects(id=participation.id).get()


@pytest.fixture
def claimed(published, volunteer):
    """A claim of somebody, and who that is."""
    actor = volunteer()
    return claim_task(published().id, position=None, by=actor), actor


@pytest.fixture
def officer_above(town):
    """A centre officer of the district."""
    held = Membership(role=Role.CENTRE_OFFICER, unit_id=town.district.id, since=now())
    return Person(id=random_id(), memberships=[held]).save()


def _cut_off(*_args, **_named):
    raise ConnectionError


class TestLapsing:
    def test_a_claim_says_until_when_it_is_held_and_free(self, claimed):
        taken, _ = claimed
        assert taken.held_until == taken.starts_at + minutes(30)
        assert taken.free_until == taken.claimed_at + minutes(10)

    def test_a_claim_not_started_in_time_lapses_with_a_mark_and_frees_its_slot(self, claimed):
        taken, actor = claimed
        assert not lapse_claim(taken, taken.held_until - minutes(1))
        assert lapse_claim(taken, taken.held_until)
        assert not lapse_claim(taken, taken.held_until)
        after = reloaded(taken)
        assert (after.state, after.missed, after.settled) == ("lapsed", True, True)
        assert task_of(taken.task_id).slots_left == 5
        agenda = Agenda.objects(person_id=actor.person_id).get()
        assert [mark.participation_id for mark in agenda.missed] == [taken.id]
        assert [notice.name for notice in Notice.objects(person_id=actor.person_id)] == [
            "claim_lapsed"
        ]

    def test_the_sweep_lapses_by_the_lease_and_not_by_the_window(self, published, volunteer):
        began = real_now() - minutes(31)
        task, actor = published(starts_at=began, ends_at=began + timedelta(hours=3)), volunteer()
        early = claim_task(task.id, position=None, by=actor)
        Participation.objects(id=early.id).update_one(set__held_until=began + minutes(30))
        late = claim_task(task.id, position=None, by=volunteer())
        assert catching_up.lapse_claims() == 1
        assert (reloaded(early).state, reloaded(late).state) == ("lapsed", "claimed")

    def test_a_start_and_a_lapse_at_once_leave_one_of_them(self, published, volunteer):
        for _ in range(5):
            task, actor = published(), volunteer()
            taken = claim_task(task.id, position=None, by=actor)

            def act(number, taken=taken, actor=actor):
                if number % 2:
                    return lapse_claim(taken, taken.held_until)
                return start_participation(taken.id, by=actor)

            answers = at_once(4, act)
            after = reloaded(taken)
            started = [one for one in answers if isinstance(one, Participation)]
            assert after.state == ("started" if started else "lapsed")
            assert len(task_of(task.id).claims) == (1 if started else 0)


class TestGivingUpLate:
    def test_until_it_is_free_no_mark_is_left(self, claimed):
        taken, actor = claimed
        with pretending(taken.free_until):
            assert not give_up_participation(taken.id, by=actor).missed

    def test_later_it_is_marked_once(self, claimed):
        taken, actor = claimed
        with pretending(taken.free_until + timedelta(seconds=1)):
            assert give_up_participation(taken.id, by=actor).missed
            assert give_up_participation(taken.id, by=actor).missed
        assert len(Agenda.objects(person_id=actor.person_id).get().missed) == 1
        assert task_of(taken.task_id).slots_left == 5

    def test_a_mark_cut_off_is_made_by_the_sweep(self, claimed):
        taken, actor = claimed
        Participation.objects(id=taken.id).update_one(set__state="given_up", set__missed=True)
        catching_up.free_ended()
        assert len(Agenda.objects(person_id=actor.person_id).get().missed) == 1


class TestExtending:
    def test_twice_a_quarter_of_an_hour_and_no_more(self, claimed):
        taken, actor = claimed
        first = extend_claim(taken.id, 1, by=actor)
        assert first.held_until == taken.held_until + minutes(15)
        assert extend_claim(taken.id, 1, by=actor).held_until == first.held_until
        second = extend_claim(taken.id, 2, by=actor)
        assert second.held_until == taken.held_until + minutes(30)
        with pytest.raises(NotExtended):
            extend_claim(taken.id, 3, by=actor)

    def test_twenty_times_at_once_extends_once(self, claimed):
        taken, actor = claimed
        answers = at_once(20, lambda _: extend_claim(taken.id, 1, by=actor).held_until)
        assert set(answers) == {taken.held_until + minutes(15)}

    def test_the_second_does_not_come_first(self, claimed):
        taken, actor = claimed
        with pytest.raises(ExtensionSkipped):
            extend_claim(taken.id, 2, by=actor)

    def test_not_once_it_is_over_nor_past_the_window_nor_once_started(
        self, claimed, published, volunteer
    ):
        taken, actor = claimed
        with pretending(taken.held_until), pytest.raises(LeaseOver):
            extend_claim(taken.id, 1, by=actor)
        short = published(ends_at=now() + minutes(20))
        other = volunteer()
        held = claim_task(short.id, position=None, by=other)
        assert held.held_until == held.ends_at
        with pytest.raises(NotExtended):
            extend_claim(held.id, 1, by=other)
        start_participation(taken.id, by=actor)
        with pytest.raises(WrongParticipationState):
            extend_claim(taken.id, 1, by=actor)

    def test_nobody_else_extends_pauses_or_resumes_it(self, claimed, volunteer):
        taken, stranger = claimed[0], volunteer()
        for act in (
            lambda: extend_claim(taken.id, 1, by=stranger),
            lambda: pause_participation(taken.id, "x", by=stranger),
            lambda: resume_participation(taken.id, by=stranger),
        ):
            with pytest.raises(ParticipationNotFound):
                act()


class TestPausing:
    def test_lease_and_window_move_on_by_what_the_pause_took(self, claimed):
        taken, actor = claimed
        moment = taken.starts_at + minutes(5)
        with pretending(moment):
            paused = pause_participation(taken.id, "有人受伤", by=actor)
            assert paused.held_until == taken.held_until + timedelta(hours=1)
            again = pause_participation(taken.id, "again", by=actor)
            assert len(again.pauses) == 1
        with pretending(moment + minutes(20)):
            resumed = resume_participation(taken.id, by=actor)
            assert resume_participation(taken.id, by=actor).pauses == resumed.pauses
        assert resumed.held_until == taken.held_until + minutes(20)
        # Who has not begun is held on, and cannot choose other hours.
        assert resumed.ends_at == taken.ends_at

    def test_the_window_of_a_walk_under_way_moves_on(self, claimed):
        taken, actor = claimed
        with pretending(taken.starts_at):
            start_participation(taken.id, by=actor)
        with pretending(taken.starts_at + minutes(5)):
            pause_participation(taken.id, "有人受伤", by=actor)
        with pretending(taken.starts_at + minutes(25)):
            resumed = resume_participation(taken.id, by=actor)
        assert resumed.ends_at == taken.ends_at + minutes(20)
        assert resumed.pauses[0].until_at == taken.starts_at + minutes(25)
        hours = Agenda.objects(person_id=actor.person_id).get().engagements[0]
        assert hours.ends_at == resumed.ends_at

    def test_a_pause_never_ended_ends_by_itself_and_two_hours_are_all(self, claimed):
        taken, actor = claimed
        start_participation(taken.id, by=actor)
        for count in range(2):
            with pretending(taken.starts_at + timedelta(hours=count, minutes=count)):
                paused = pause_participation(taken.id, "火情", by=actor)
        assert [pause.until_at - pause.from_at for pause in paused.pauses] == [
            timedelta(hours=1)
        ] * 2
        assert paused.ends_at == taken.ends_at + timedelta(hours=2)
        with pretending(taken.starts_at + timedelta(hours=3)), pytest.raises(NoPauseLeft):
            pause_participation(taken.id, "又一次", by=actor)

    def test_the_window_stays_where_the_next_hours_begin(self, claimed, published):
        taken, actor = claimed
        following = published(starts_at=taken.ends_at, ends_at=taken.ends_at + minutes(60))
        claim_task(following.id, position=None, by=actor)
        with pretending(taken.starts_at):
            paused = pause_participation(taken.id, "堵路", by=actor)
        assert paused.ends_at == taken.ends_at
        assert paused.held_until == taken.held_until + timedelta(hours=1)
        with pretending(taken.starts_at + minutes(1)):
            resumed = resume_participation(taken.id, by=actor)
        assert resumed.held_until == taken.held_until + minutes(1)

    def test_a_resumption_never_shortens_what_was_held_before(self, published, volunteer):
        task, actor = published(ends_at=now() + minutes(20)), volunteer()
        taken = claim_task(task.id, position=None, by=actor)
        following = published(starts_at=taken.ends_at, ends_at=taken.ends_at + minutes(60))
        claim_task(following.id, position=None, by=actor)
        pause_participation(taken.id, "x", by=actor)
        resumed = resume_participation(taken.id, by=actor)
        assert (resumed.held_until, resumed.ends_at) == (taken.held_until, taken.ends_at)

    def test_the_lapsing_waits_for_the_pause(self, published, volunteer):
        began = real_now() - minutes(31)
        task, actor = published(starts_at=began, ends_at=began + timedelta(hours=3)), volunteer()
        with pretending(began):
            taken = claim_task(task.id, position=None, by=actor)
            pause_participation(taken.id, "事故", by=actor)
        assert catching_up.lapse_claims() == 0
        assert reloaded(taken).state == "claimed"

    def test_the_officers_are_told_once(self, claimed, officer_above):
        taken, actor = claimed
        for _ in range(2):
            pause_participation(taken.id, "有人受伤", by=actor)
        told = list(Notice.objects(person_id=officer_above.id))
        assert [(notice.name, notice.facts["words"]) for notice in told] == [
            ("incident_reported", "有人受伤")
        ]

    def test_the_ten_shortest_pauses_are_told_and_an_eleventh_is_refused(
        self, claimed, officer_above
    ):
        taken, actor = claimed
        for _ in range(10):
            pause_participation(taken.id, "x", by=actor)
            resume_participation(taken.id, by=actor)
        with pytest.raises(TooManyPauses):
            pause_participation(taken.id, "x", by=actor)
        assert len(reloaded(taken).pauses) == 10
        assert Notice.objects(person_id=officer_above.id).count() == 10

    def test_an_incident_whose_telling_was_cut_off_is_told_by_the_sweep_once(
        self, claimed, officer_above, monkeypatch
    ):
        taken, actor = claimed
        with monkeypatch.context() as patch:
            patch.setattr(leasing, "tell_officers", _cut_off)
            with pytest.raises(ConnectionError):
                pause_participation(taken.id, "有人受伤", by=actor)
        assert Notice.objects(person_id=officer_above.id).count() == 0
        assert tell_of_incidents() == 1
        assert tell_of_incidents() == 0
        pause_participation(taken.id, "repeat", by=actor)
        told = Notice.objects.get(person_id=officer_above.id)
        assert told.facts["words"] == "有人受伤"

    def test_the_untold_are_found_by_their_index_alone(self, claimed):
        taken, actor = claimed
        pause_participation(taken.id, "x", by=actor)
        plan = Participation.objects(__raw__={"pauses.told": False}).explain()
        assert "incident_untold" in str(plan["queryPlanner"]["winningPlan"])

    def test_twenty_pauses_at_once_are_one(self, claimed):
        taken, actor = claimed
        at_once(20, lambda _: pause_participation(taken.id, "x", by=actor))
        after = reloaded(taken)
        assert len(after.pauses) == 1
        assert after.held_until == taken.held_until + timedelta(hours=1)

    def test_what_is_finished_is_neither_paused_nor_resumed(self, claimed):
        taken, actor = claimed
        start_participation(taken.id, by=actor)
        finish_participation(taken.id, by=actor)
        for act in (
            lambda: pause_participation(taken.id, "x", by=actor),
            lambda: resume_participation(taken.id, by=actor),
        ):
            with pytest.raises(WrongParticipationState):
                act()
