"""All work of a proven cheat is withdrawn in one action, and what it earned comes back."""

from datetime import timedelta

import pytest
from street import played, staff

from ledger import ReversalDecided, approve_reversal, balance_of, entry_of, wallet
from people import Role
from settings import settings
from shared.clock import real_now
from shared.errors import NotAllowed
from tasks import Participation, appeal, review_participation, withdraw_work
from tasks.jobs import sweep, verify_participation
from tasks.reviews import withdrawing
from tasks.reviews.withdrawal import Withdrawal
from tasks.reviews.withdrawing import (
    NotWithdrawnByOneself,
    SinceInFuture,
    WithdrawalKeyReused,
    continue_withdrawals,
)
from tests.racing import at_once

SINCE = timedelta(days=1)


def reloaded(participation):
    return Participation.objects(id=participation.id).get()


def coins_of(actor):
    return balance_of(wallet(actor.person_id))


@pytest.fixture
def cheat(published, volunteer):
    """Somebody whose two walks were verified and paid, and the walks."""
    actor, walks = volunteer(), []
    for hours in (0, 3):
        starts_at = real_now() + timedelta(hours=hours, minutes=5)
        task = published(starts_at=starts_at, ends_at=starts_at + timedelta(hours=2))
        done = played(task, actor, seed=hours + 1)
        verify_participation(done.id)
        walks.append(reloaded(done))
    assert coins_of(actor) == 200
    return actor, walks


def withdraw(cheat, town, key="withdrawal-1", **changes):
    wanted = {"since": real_now() - SINCE, "words": "Two phones, one walker."} | changes
    return withdraw_work(cheat[0].person_id, **wanted, key=key, by=town.rate_admin)


def test_every_walk_is_refused_and_every_reward_reversed(cheat, town):
    done = withdraw(cheat, town)
    assert done.done
    assert {one.state for one in Participation.objects} == {"refused"}
    assert sorted(done.walk_ids) == sorted(walk.id for walk in cheat[1])
    assert len(done.reversed_entry_ids) == 2
    assert coins_of(cheat[0]) == 0
    assert "Two phones" in reloaded(cheat[1][0]).verdict.reason["en"]


def test_repeating_it_and_racing_it_change_nothing(cheat, town):
    since = real_now() - SINCE
    at_once(6, lambda _: withdraw(cheat, town, since=since))
    assert Withdrawal.objects.count() == 1
    assert {len(one.verdicts) for one in Participation.objects} == {2}
    assert coins_of(cheat[0]) == 0
    with pytest.raises(WithdrawalKeyReused):
        withdraw(cheat, town, since=since, words="Another reason.")


def test_what_was_cut_off_is_finished_by_the_sweep(cheat, town, monkeypatch):
    def cut(*_, **__):
        raise RuntimeError("cut off")

    monkeypatch.setattr(withdrawing, "decide", cut)
    with pytest.raises(RuntimeError):
        withdraw(cheat, town)
    monkeypatch.undo()
    assert coins_of(cheat[0]) == 100
    assert continue_withdrawals() == 1
    assert coins_of(cheat[0]) == 0
    assert {one.state for one in Participation.objects} == {"refused"}
    assert Withdrawal.objects.get().done


def test_a_large_reward_waits_for_a_second_officer(cheat, town, monkeypatch):
    monkeypatch.setitem(settings().__dict__, "reversal_second_officer_above", 50)
    done = withdraw(cheat, town)
    assert len(done.waiting_entry_ids) == 2
    assert coins_of(cheat[0]) == 200


def test_an_appeal_won_while_a_reversal_waits_keeps_the_one_reward(cheat, town, monkeypatch):
    monkeypatch.setitem(settings().__dict__, "reversal_second_officer_above", 50)
    withdraw(cheat, town)
    walk = cheat[1][0]
    appeal(walk.id, words="It was me.", by=cheat[0])
    third = staff(Role.CENTRE_OFFICER, town.street)
    review_participation(walk.id, verified=True, reason="It was.", by=third)
    sweep()
    assert coins_of(cheat[0]) == 200
    kept = reloaded(walk)
    assert (kept.state, kept.reward_entry_id) == ("verified", walk.reward_entry_id)
    assert entry_of(walk.reward_entry_id).reversal.state == "declined"
    with pytest.raises(ReversalDecided):
        approve_reversal(walk.reward_entry_id, by_id="another")


def test_work_from_before_stays(cheat, town):
    before = real_now() - timedelta(days=3)
    Participation.objects(id=cheat[1][0].id).update_one(set__claimed_at=before)
    withdraw(cheat, town)
    assert [reloaded(walk).state for walk in cheat[1]] == ["verified", "refused"]
    assert coins_of(cheat[0]) == 100


def test_a_withdrawn_walk_can_be_appealed_and_paid_again(cheat, town):
    withdraw(cheat, town)
    walk = cheat[1][0]
    appeal(walk.id, words="It was me.", by=cheat[0])
    review_participation(
        walk.id, verified=True, reason="It was.", by=staff(Role.CENTRE_OFFICER, town.street)
    )
    sweep()
    assert coins_of(cheat[0]) == 100


def test_only_a_rate_admin_of_the_city_withdraws_and_nobody_their_own(cheat, town):
    with pytest.raises(NotAllowed):
        withdraw_work(
            cheat[0].person_id, since=real_now() - SINCE, words="x", key="k" * 8, by=town.officer
        )
    with pytest.raises(NotWithdrawnByOneself):
        withdraw_work(
            town.rate_admin.person_id,
            since=real_now() - SINCE,
            words="x",
            key="k" * 8,
            by=town.rate_admin,
        )
    with pytest.raises(SinceInFuture):
        withdraw(cheat, town, since=real_now() + SINCE)
