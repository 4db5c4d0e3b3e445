"""The tail of a final verdict: its coins move once, and nothing of it is left over."""

from contextlib import suppress

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from ledger import EntryKind, InsufficientCoins, Leg, NewEntry, accounts, post_one
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
    Participation.objects(
        id=decided.id, state=decided.state, verdicts__number=decided.verdicts[-1].number
    ).update_one(set__settled=True, set__reward_entry_id=entry_id, set__track_gone=False)


def _paid(decided: Participation, task: Task) -> str | None:
    """The id of the entry that paid it; None where there is nothing to pay."""
    if decided.state != ParticipationState.VERIFIED or decided.coins <= 0:
        return None
    reward = _reward(decided)
    try:
        return post_one(reward)
    except InsufficientCoins:
        # Refused at first, its coins went back when the task was closed; then it was appealed.
        _fill_escrow(decided, task)
        return post_one(reward)


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


def _fill_escrow(decided: Participation, task: Task) -> None:
    """Draw the reward from the budget of this year into the task's escrow, once a verdict."""
    budget = Budget(task.unit_id, budget_year_of(real_now()), task.fund)
    key = f"appeal-funds:{decided.id}:{decided.verdicts[-1].number}"

    def decide(session: ClientSession) -> None:
        draw = draw_from_budget(budget, decided.coins, session=session)
        legs = [*draw.legs, Leg(accounts.task(task.id), decided.coins)]
        entry = NewEntry(key, EntryKind.PUBLICATION, legs, ("task", task.id), unit=decided.unit_id)
        post_one(entry, session=session)

    with suppress(DuplicateKeyError):
        in_transaction(decide)


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
