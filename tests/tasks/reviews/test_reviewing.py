"""Who decides what a machine could not: strangers to the walk, another one on appeal."""

from datetime import timedelta

import pytest
from street import make_older, played, staff

from fixtures.walk_simulator import simulate_drive
from ledger import accounts, balance_of, wallet
from notices.notice import Notice
from people import Actor, Role
from shared.clock import pretending, real_now
from tasks import (
    Participation,
    appeal,
    back_fill,
    claim_task,
    coins_pending_of,
    in_review_of,
    review_participation,
    verification,
)
from tasks.jobs import sweep, verify_participation
from tasks.reviews.appealing import APPEAL_TIME, AppealedBefore, AppealTooLate
from tasks.reviews.back_filling import NotYetOver, OwnAttendance, TookPartAlready
from tasks.reviews.reviewing import JudgedBefore, OwnWork
from tasks.taking_part import ParticipationNotFound, WrongParticipationState
from tests.racing import at_once


def reloaded(participation):
    return Participation.objects(id=participation.id).get()


def coins_of(actor):
    return balance_of(wallet(actor.person_id))


@pytest.fixture
def refused(published, volunteer):
    """A walk that was driven, refused by the machine, and whose it is."""
    actor = volunteer()
    done = played(published(), actor, simulate_drive)
    verify_participation(done.id)
    found = reloaded(done)
    assert (found.state, found.settled) == ("refused", True)
    return found, actor


class TestAppeals:
    def test_another_reviewer_decides_and_the_walk_is_paid(self, refused, town):
        found, actor = refused
        waiting = appeal(found.id, words="I was on a bus for the driver.", by=actor)
        assert (waiting.state, waiting.settled, coins_pending_of(actor.person_id).coins) == (
            "appealed",
            False,
            100,
        )
        listed = in_review_of(town.street.id, by=town.other_officer)
        assert [one.id for one in listed] == [found.id]
        review_participation(found.id, verified=True, reason="Right.", by=town.other_officer)
        decided = reloaded(found)
        assert (decided.state, decided.settled, decided.verdict.number) == ("verified", True, 2)
        assert coins_of(actor) == 100
        assert coins_pending_of(actor.person_id).coins == 0

    def test_repeating_an_appeal_changes_nothing(self, refused):
        found, actor = refused
        answers = at_once(8, lambda _: appeal(found.id, words="No.", by=actor))
        assert {one.state for one in answers} == {"appealed"}
        assert len(reloaded(found).appeals) == 1

    def test_what_answered_an_appeal_is_final(self, refused, town):
        found, actor = refused
        appeal(found.id, words="No.", by=actor)
        review_participation(found.id, verified=False, reason="Driven.", by=town.other_officer)
        with pytest.raises(AppealedBefore):
            appeal(found.id, words="Still no.", by=actor)

    def test_who_refused_does_not_decide_the_appeal(self, published, volunteer, town):
        done = played(published(), actor := volunteer())
        _into_review(done)
        review_participation(done.id, verified=False, reason="No.", by=town.other_officer)
        appeal(done.id, words="Yes.", by=actor)
        assert in_review_of(town.street.id, by=town.other_officer) == []
        with pytest.raises(JudgedBefore):
            review_participation(done.id, verified=True, reason="Ok.", by=town.other_officer)
        third = staff(Role.CENTRE_OFFICER, town.street)
        review_participation(done.id, verified=True, reason="Ok.", by=third)
        assert coins_of(actor) == 100

    def test_an_appeal_comes_in_time_and_of_the_walker(self, refused, volunteer):
        found, actor = refused
        with pytest.raises(ParticipationNotFound):
            appeal(found.id, words="No.", by=volunteer())
        long_ago = real_now() - APPEAL_TIME - timedelta(minutes=1)
        Participation.objects(id=found.id).update_one(set__verdicts__0__judged_at=long_ago)
        with pytest.raises(AppealTooLate):
            appeal(found.id, words="No.", by=actor)

    def test_only_a_refusal_is_appealed(self, published, volunteer):
        actor = volunteer()
        done = played(published(), actor)
        with pytest.raises(WrongParticipationState):
            appeal(done.id, words="No.", by=actor)

    def test_an_appeal_won_after_the_coins_went_back_draws_from_the_budget(self, refused, town):
        found, actor = refused
        make_older()
        sweep()
        make_older()
        sweep()
        assert balance_of(accounts.task(found.task_id)) == 0
        appeal(found.id, words="No.", by=actor)
        review_participation(found.id, verified=True, reason="Right.", by=town.other_officer)
        assert coins_of(actor) == 100
        assert balance_of(accounts.task(found.task_id)) == 0

    def test_walker_and_officers_are_told(self, refused, volunteer):
        found, actor = refused
        appeal(found.id, words="No.", by=actor)
        told = {one.name for one in Notice.objects(person_id=actor.person_id)}
        assert {"verdict_refused", "verdict_in_review"} <= told


def _into_review(done):
    """As if suspicion had sent it to a person."""
    found = reloaded(done)
    if found.state != "in_review":
        Participation.objects(id=done.id).update_one(
            set__state="in_review", set__settled=False, set__reward_entry_id=None
        )
    if not found.verdicts:
        verdict = {
            "number": 1,
            "outcome": "needs_review",
            "reason": {"en": "?", "zh-CN": "?"},
            "judged_at": real_now(),
        }
        Participation.objects(id=done.id).update_one(__raw__={"$set": {"verdicts": [verdict]}})


class TestReviews:
    def test_nobody_reviews_their_own_task_or_walk(self, published, volunteer, town):
        done = played(published(), volunteer())
        _into_review(done)
        with pytest.raises(OwnWork):
            review_participation(done.id, verified=True, reason="Ok.", by=town.officer)

    def test_two_reviewers_at_once_make_one_verdict(self, published, volunteer, town):
        done = played(published(), actor := volunteer())
        _into_review(done)
        officers = [staff(Role.CENTRE_OFFICER, town.street) for _ in range(6)]

        def review(number):
            try:
                return review_participation(
                    done.id, verified=number % 2 == 0, reason="x", by=officers[number]
                )
            except WrongParticipationState:
                return None

        answers = [one for one in at_once(6, review) if one]
        assert len(answers) == 1
        found = reloaded(done)
        assert len(found.verdicts) == 2
        assert coins_of(actor) == (100 if found.state == "verified" else 0)


class TestBackFilledAttendance:
    @pytest.fixture
    def after(self, published):
        """A task, and the moment after it."""
        task = published()
        with pretending(task.ends_at + timedelta(minutes=5)):
            yield task

    def test_a_second_officer_decides_and_it_pays_nothing(self, after, volunteer, town):
        actor = volunteer()
        written = back_fill(after.id, actor.person_id, words="Phone broken.", by=town.officer)
        again = back_fill(after.id, actor.person_id, words="Phone broken.", by=town.officer)
        assert written.kind == after.kind
        assert (written.id, written.state) == (again.id, "in_review")
        with pytest.raises((OwnWork, JudgedBefore)):
            review_participation(written.id, verified=True, reason="Ok.", by=town.officer)
        review_participation(written.id, verified=True, reason="Seen.", by=town.other_officer)
        assert (reloaded(written).state, coins_of(actor)) == ("verified", 0)
        assert reloaded(written).settled

    def test_who_claimed_and_lapsed_may_have_come_after_all(self, published, volunteer, town):
        task, actor = published(), volunteer()
        taken = claim_task(task.id, position=None, by=actor)
        Participation.objects(id=taken.id).update_one(set__state="lapsed", set__settled=True)
        with pretending(task.ends_at + timedelta(minutes=5)):
            written = back_fill(task.id, actor.person_id, words="Dead phone.", by=town.officer)
        assert written.state == "in_review"

    def test_it_is_refused_before_the_end_twice_and_for_oneself(self, published, volunteer, town):
        task, actor = published(), volunteer()
        with pytest.raises(NotYetOver):
            back_fill(task.id, actor.person_id, words="x", by=town.officer)
        with pretending(task.ends_at + timedelta(minutes=5)):
            officer = staff(Role.CENTRE_OFFICER, town.street)
            back_fill(task.id, actor.person_id, words="x", by=town.officer)
            with pytest.raises(TookPartAlready):
                back_fill(task.id, actor.person_id, words="x", by=officer)
            known = Actor(volunteer().person_id, "s", town.officer.roles)
            with pytest.raises(OwnAttendance):
                back_fill(task.id, known.person_id, words="x", by=known)


def test_what_is_brought_while_it_is_judged_is_judged_too(published, volunteer, monkeypatch):
    done, looked = played(published(), volunteer()), []
    judge = verification.judged_now

    def brings(found, *args):
        if not looked:
            Participation.objects(id=found.id).update_one(inc__proofs=1)
        looked.append(found.proofs)
        return judge(found, *args)

    monkeypatch.setattr(verification, "judged_now", brings)
    verify_participation(done.id)
    assert looked == [0, 1]
    assert len(reloaded(done).verdicts) == 1


def test_a_walk_waiting_for_a_person_is_told_by_the_sweep_where_that_was_cut_off(
    published, volunteer
):
    done = played(published(), actor := volunteer())
    _into_review(done)
    Participation.objects(id=done.id).update_one(set__review_told=False)
    sweep()
    told = [one.name for one in Notice.objects(person_id=actor.person_id)]
    assert told.count("verdict_in_review") == 1
    assert reloaded(done).review_told
