"""The tail of a final verdict: its coins move once, and nothing of it is left over."""

from contextlib import suppress
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from ledger import (
    InsufficientCoins,
    NewEntry,
    ReversalDecided,
    ReversalState,
    decline_reversal,
    entry_of,
    post_one,
)
from notices import tell
from shared.clock import real_now
from shared.database import in_transaction
from tasks.participation import Participation, ParticipationState
from tasks.paying_capped import fund_from_budget, pay_within_caps, reward_of
from tasks.proofs.certifying import certify, uncertify
from tasks.publishing import task_of
from tasks.reviews.sampling import take_sample
from tasks.slots import free_hours
from tasks.task import Task

FINAL = (ParticipationState.VERIFIED, ParticipationState.REFUSED)


def settle_participation(decided: Participation) -> None:
    """Pay a final verdict where it is verified, say so, and mark that nothing is left.

    Every step may be repeated. Raises BudgetShort where an appeal was won after the task's coins
    had gone back, and the budget has none: the sweep tries again.
    """
    task = task_of(decided.task_id)
    paid = _paid(decided, task)
    free_hours(decided.person_id, decided.id)
    if decided.state == ParticipationState.VERIFIED:
        _give_certificate(decided, task)
    else:
        uncertify(decided)
    take_sample(decided)
    _tell(decided, task, paid.get("paid_coins", decided.coins))
    # The verdict it was settled for is part of the guard: an appeal in between goes on.
    settled = {"settled": True, "track_gone": False, "settled_at": real_now()}
    settled |= {**paid, **counted_work(decided)}
    Participation.objects(
        id=decided.id, state=decided.state, verdicts__size=decided.verdicts[-1].number
    ).update_one(**{f"set__{name}": value for name, value in settled.items()})


def counted_work(decided: Participation) -> dict[str, Any]:
    """The seconds and metres of a participation that count as work, as it keeps them.

    As measured inside the area where there is a track, else from start to finish within the hours
    wanted; written down afterwards: all of these.
    """
    verdict = decided.verdicts[-1]
    measured_s = next((one.duration_s for one in (verdict, *decided.verdicts) if one.duration_s), 0)
    if not measured_s:
        since = max(decided.started_at or decided.starts_at, decided.starts_at)
        until = min(decided.finished_at or decided.ends_at, decided.ends_at)
        measured_s = max(0.0, (until - since).total_seconds())
    measured_m = max((one.distance_m or 0.0 for one in decided.verdicts), default=0.0)
    return {"worked_s": round(measured_s), "worked_m": measured_m}


def _paid(decided: Participation, task: Task) -> dict[str, Any]:
    """Pay it, and say what was paid: what the participation keeps of it, by name of field."""
    if decided.state != ParticipationState.VERIFIED:
        return {}
    if decided.coins <= 0:
        return {"paid_coins": 0}
    standing = _standing_reward(decided)
    if standing is not None:
        return {"reward_entry_id": standing}
    if task.caps:
        return pay_within_caps(decided, task)
    reward = reward_of(decided, decided.coins)
    try:
        entry_id = post_one(reward)
    except InsufficientCoins:
        # Refused at first, its coins went back when the task was closed; then it was appealed.
        entry_id = _paid_from_budget(decided, task, reward)
    return {"reward_entry_id": entry_id, "paid_coins": decided.coins}


def _standing_reward(decided: Participation) -> str | None:
    """The reward of an earlier verdict, where it was withdrawn and never taken back.

    Its reversal may still wait for a second officer: the verdict that counts now declines it.
    """
    entry_id = decided.reward_entry_id
    if entry_id is None:
        return None
    seen = entry_of(entry_id)
    if seen.reversal is not None and seen.reversal.state == ReversalState.WAITING:
        officer_id = decided.verdicts[-1].reviewer_id or ""
        with suppress(ReversalDecided):
            decline_reversal(entry_id, by_id=officer_id, version=seen.reversal.version)
        seen = entry_of(entry_id)
    return None if seen.reversed_by else str(entry_id)


def _give_certificate(decided: Participation, task: Task) -> None:
    given = certify(decided, task)
    if given is not None:
        facts = {"title": task.title, "certificate": given.name, "participation_id": decided.id}
        tell(decided.person_id, "certificate_given", facts, key=f"certificate:{decided.id}")


def _paid_from_budget(decided: Participation, task: Task, reward: NewEntry) -> str:
    """Draw the reward from this year's budget through the task's escrow, both or neither.

    Raises BudgetShort.
    """

    def decide(session: ClientSession) -> str:
        fund_from_budget(decided, task, decided.coins, session=session)
        return post_one(reward, session=session)

    try:
        return in_transaction(decide)
    except DuplicateKeyError:  # another pass of this tail did it
        return post_one(reward)


def _tell(decided: Participation, task: Task, coins: int) -> None:
    verdict = decided.verdicts[-1]
    facts = {
        "title": task.title,
        "coins": coins,
        "reason": verdict.reason,
        "participation_id": decided.id,
        "task_id": task.id,
    }
    name = "verdict_verified" if decided.state == ParticipationState.VERIFIED else "verdict_refused"
    tell(decided.person_id, name, facts, key=f"verdict:{decided.id}:{verdict.number}")
