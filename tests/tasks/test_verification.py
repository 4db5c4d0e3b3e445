"""From a finished walk to coins: judged once, paid once, whoever repeats, races or was cut off."""

from datetime import timedelta

import pytest
from street import PATROL_RATE, loop_around, played

from fixtures.factories import put_card
from fixtures.walk_simulator import simulate_drive, simulate_walk
from ledger import Balance, Entry, accounts, balance_of, statement_of, wallet
from shared.clock import business_month, month_later, now, pretending
from shared.database import collection
from shared.errors import NotAllowed
from shared.queue import queue
from tasks import (
    Participation,
    claim_task,
    finish_participation,
    participation_of,
    publish_task,
    review_participation,
    start_participation,
    store_positions,
)
from tasks.claiming import AlreadyTookPart
from tasks.jobs import verify_participation
from tasks.reviews.reviewing import OwnWork
from tasks.taking_part import ParticipationNotFound, WrongParticipationState
from tests.racing import at_once


def reloaded(participation):
    return Participation.objects(id=participation.id).get()


def coins_of(actor):
    return balance_of(wallet(actor.person_id))


class TestJudging:
    def test_an_honest_walk_is_verified_and_paid(self, published, volunteer):
        task, actor = published(), volunteer()
        done = played(task, actor)
        verify_participation(done.id)
        judged = reloaded(done)
        assert (judged.state, judged.settled, judged.verdict.number) == ("verified", True, 1)
        assert [check["check"] for check in judged.verdict.checks] == [
            "inside_time",
            "inside_distance",
            "plausible_speed",
        ]
        assert (coins_of(actor), balance_of(accounts.task(task.id))) == (100, 400)

    def test_coins_last_as_long_as_the_card_said_at_publication(self, town, draft, volunteer):
        put_card(
            town.street.id,
            now() + timedelta(seconds=1),
            PATROL_RATE,
            fen_per_10000_coins=20_000,
            coins_last_months=3,
            by=town.rate_admin,
        )
        with pretending(now() + timedelta(seconds=2)):
            task = publish_task(draft().id, by=town.officer)
        actor = volunteer()
        done = played(task, actor)
        verify_participation(done.id)
        paid = collection(Entry).find_one({"_id": reloaded(done).reward_entry_id})
        month = month_later(business_month(paid["effective_at"]), 3)
        assert Balance.objects.get(id=f"{wallet(actor.person_id)}|FUB").lots == {month: 100}
        assert paid["unit"] == town.street.id

    def test_the_statement_line_leads_back_to_the_walk(self, published, volunteer):
        actor = volunteer()
        done = played(published(), actor)
        verify_participation(done.id)
        line = statement_of(wallet(actor.person_id)).lines[0]
        assert (line.amount, line.about["kind"], line.about["id"]) == (
            100,
            "participation",
            done.id,
        )

    def test_a_drive_is_refused_with_the_reason_in_both_languages(self, published, volunteer):
        actor = volunteer()
        done = played(published(), actor, simulate_drive)
        verify_participation(done.id)
        judged = reloaded(done)
        assert (judged.state, judged.settled, coins_of(actor)) == ("refused", True, 0)
        speed = next(c for c in judged.verdict.checks if c["check"] == "plausible_speed")
        assert not speed["passed"]
        assert set(speed["reason"]) == {"en", "zh-CN"}

    def test_a_walk_long_after_the_window_counts_for_nothing(self, published, volunteer):
        task, actor = published(), volunteer()
        with pretending(task.ends_at - timedelta(minutes=1)):
            taken = claim_task(task.id, position=None, by=actor)
            start_participation(taken.id, by=actor)
        began = task.ends_at + timedelta(minutes=30)
        walk = simulate_walk(loop_around(), began, 1, duration_s=1800).points
        with pretending(walk[-1]["at"]):
            batch = [point | {"at": point["at"].isoformat()} for point in walk]
            store_positions(taken.id, "u", "wgs84", batch, by=actor)
            finish_participation(taken.id, by=actor)
        verify_participation(taken.id)
        assert (reloaded(taken).state, coins_of(actor)) == ("refused", 0)

    def test_one_go_at_a_task_is_all_there_is(self, published, volunteer):
        task, actor = published(), volunteer()
        done = played(task, actor, simulate_drive)
        verify_participation(done.id)
        with pytest.raises(AlreadyTookPart):
            claim_task(task.id, position=None, by=actor)

    def test_finishing_asks_a_worker_to_judge(self, published, volunteer):
        done = played(published(), volunteer())
        assert [job.args for job in queue().jobs] == [(done.id,)]

    def test_judging_again_changes_and_pays_nothing(self, published, volunteer):
        actor = volunteer()
        done = played(published(), actor)
        verify_participation(done.id)
        first = reloaded(done).to_mongo()
        verify_participation(done.id)
        assert reloaded(done).to_mongo() == first
        assert coins_of(actor) == 100

    def test_twelve_judges_at_once_make_one_verdict_and_one_payment(self, published, volunteer):
        actor = volunteer()
        done = played(published(), actor)
        at_once(12, lambda _: verify_participation(done.id))
        assert len(reloaded(done).verdicts) == 1
        assert coins_of(actor) == 100
        assert Entry.objects(kind="reward").count() == 1

    @pytest.mark.parametrize("step", ["payments.post_one", "paying.free_hours"])
    def test_a_judge_cut_off_anywhere_pays_once_in_the_end(
        self, published, volunteer, monkeypatch, step
    ):
        actor = volunteer()
        done = played(published(), actor)
        with monkeypatch.context() as patch:
            patch.setattr(f"tasks.{step}", _cut_off)
            with pytest.raises(ConnectionError):
                verify_participation(done.id)
        assert not reloaded(done).settled
        verify_participation(done.id)
        assert reloaded(done).settled
        assert coins_of(actor) == 100

    def test_an_unknown_participation_is_said_to_be_unknown(self):
        with pytest.raises(ParticipationNotFound):
            verify_participation("0" * 24)


def _cut_off(*_args, **_kwargs):
    raise ConnectionError


def test_a_refused_walk_is_told_to_its_volunteer_alone(town, published, volunteer):
    actor = volunteer()
    done = played(published(), actor, simulate_drive)
    verify_participation(done.id)
    assert participation_of(done.id, by=actor).state == "refused"
    with pytest.raises(ParticipationNotFound):
        participation_of(done.id, by=town.officer)


class TestReviewing:
    @pytest.fixture
    def waiting(self, town, published, volunteer):
        """A walk that waits for a reviewer, as one with mostly poor fixes does."""
        actor = volunteer()
        done = played(published(), actor)
        verify_participation(done.id)
        other = volunteer()
        unclear = played(published(), other)
        Participation.objects(id=unclear.id).update_one(
            set__state="in_review", set__verdicts=reloaded(done).verdicts
        )
        return unclear, other

    def test_a_second_officer_decides_and_the_walk_is_paid(self, town, waiting):
        unclear, actor = waiting
        for _ in range(2):
            judged = review_participation(
                unclear.id, verified=True, reason="与照片相符", by=town.other_officer
            )
        assert (judged.state, judged.settled) == ("verified", True)
        assert (judged.verdict.number, judged.verdict.reviewer_words) == (2, "与照片相符")
        assert coins_of(actor) == 100

    def test_a_refusal_pays_nothing(self, town, waiting):
        unclear, actor = waiting
        judged = review_participation(
            unclear.id, verified=False, reason="不在区域内", by=town.other_officer
        )
        assert (judged.state, coins_of(actor)) == ("refused", 0)

    def test_nobody_reviews_what_they_published(self, town, waiting):
        with pytest.raises(OwnWork):
            review_participation(waiting[0].id, verified=True, reason="x", by=town.officer)

    def test_a_resident_reviews_nothing(self, waiting, volunteer):
        with pytest.raises(NotAllowed):
            review_participation(waiting[0].id, verified=True, reason="x", by=volunteer())

    def test_what_is_decided_is_not_decided_otherwise(self, town, waiting):
        unclear, _ = waiting
        review_participation(unclear.id, verified=True, reason="x", by=town.other_officer)
        with pytest.raises(WrongParticipationState):
            review_participation(unclear.id, verified=False, reason="x", by=town.other_officer)
