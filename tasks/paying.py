"""The tail of a final verdict: its coins move once, and nothing of it is left over."""

from contextlib import suppress
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from ledger import (
    EntryKind,
    InsufficientCoins,
    Leg,
    NewEntry,
    ReversalDecided,
    ReversalState,
    accounts,
    decline_reversal,
    entry_of,
    post_one,
)
from notices import tell
from rates import Budget, budget_year_of, draw_from_budget
from shared.clock import real_now
from shared.database import in_transaction
from tasks.participation import Participation, ParticipationState
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
    entry_id = _paid(decided, task)
    free_hours(decided.person_id, decided.id)
    if decided.state == ParticipationState.VERIFIED:
        _give_certificate(decided, task)
    else:
        uncertify(decided)
    take_sample(decided)
    _tell(decided, task)
    # The verdict it was settled for is part of the guard: an appeal in between goes on.
    settled: dict[str, Any] = {"set__settled": True, "set__track_gone": False}
    if entry_id is not None:
        settled["set__reward_entry_id"] = entry_id
    Participation.objects(
        id=decided.id, state=decided.state, verdicts__size=decided.verdicts[-1].number
    ).update_one(**settled)


def _paid(decided: Participation, task: Task) -> str | None:
    """The id of the entry that pays it; None where there is nothing to pay."""
    if decided.state != ParticipationState.VERIFIED or decided.coins <= 0:
        return None
    standing = _standing_reward(decided)
    if standing is not None:
        return standing
    reward = _reward(decided)
    try:
        return post_one(reward)
    except InsufficientCoins:
        # Refused at first, its coins went back when the task was closed; then it was appealed.
        return _paid_from_budget(decided, task, reward)


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


def _reward(decided: Participation) -> NewEntry:
    legs = [
        Leg(accounts.task(decided.task_id), -decided.coins),
        Leg(accounts.wallet(decided.person_id), decided.coins),
    ]
    return NewEntry(
        f"reward:{decided.id}:{decided.verdicts[-1].number}",
        EntryKind.REWARD,
        legs,
        ("participation", decided.id),
        unit=decided.unit_id,
        lasts_months=decided.coins_last_months,
    )


def _paid_from_budget(decided: Participation, task: Task, reward: NewEntry) -> str:
    """Draw the reward from this year's budget through the task's escrow, both or neither.

    Raises BudgetShort.
    """
    budget = Budget(task.unit_id, budget_year_of(real_now()), task.fund)
    key = f"appeal-funds:{decided.id}:{decided.verdicts[-1].number}"

    def decide(session: ClientSession) -> str:
        draw = draw_from_budget(budget, decided.coins, session=session)
        legs = [*draw.legs, Leg(accounts.task(task.id), decided.coins)]
        about = ("task", task.id)
        funds = NewEntry(key, EntryKind.PUBLICATION, legs, about, unit=decided.unit_id)
        post_one(funds, session=session)
        return post_one(reward, session=session)

    try:
        return in_transaction(decide)
    except DuplicateKeyError:  # another pass of this tail did it
        return post_one(reward)


def _tell(decided: Participation, task: Task) -> None:
    verdict = decided.verdicts[-1]
    facts = {
        "title": task.title,
        "coins": decided.coins,
        "reason": verdict.reason,
        "participation_id": decided.id,
        "task_id": task.id,
    }
    name = "verdict_verified" if decided.state == ParticipationState.VERIFIED else "verdict_refused"
    tell(decided.person_id, name, facts, key=f"verdict:{decided.id}:{verdict.number}")
