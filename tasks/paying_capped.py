"""Paying where the rates cap what one person gets: what others of their work earned is looked at.

Counted, posted and written down in one transaction. The wallet's balance is in every payment of
its owner, so two that would both fit below a cap, and together do not, cannot both pass.
"""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from ledger import EntryKind, InsufficientCoins, Leg, NewEntry, accounts, post_one
from rates import Cap, Scope, draw_owed, span_around, within_caps
from settings import settings
from shared.clock import real_now
from shared.database import collection, confirmed, in_transaction
from shared.errors import Unavailable
from tasks.participation import Participation, ParticipationState
from tasks.task import Task

_KEPT = ("reward_entry_id", "paid_coins", "paid_verdict", "capped")


def reward_of(decided: Participation, coins: int) -> NewEntry:
    """The entry that pays a participation so many coins for its newest verdict."""
    legs = [
        Leg(accounts.task(decided.task_id), -coins),
        Leg(accounts.wallet(decided.person_id), coins),
    ]
    return NewEntry(
        f"reward:{decided.id}:{decided.verdicts[-1].number}",
        EntryKind.REWARD,
        legs,
        ("participation", decided.id),
        unit=decided.unit_id,
        lasts_months=decided.coins_last_months,
    )


def fund_from_budget(
    decided: Participation, task: Task, coins: int, *, session: ClientSession
) -> None:
    """Bring coins out of the budget into the task's escrow, for an appeal that was won.

    No threshold stops what is owed. Raises BudgetShort; DuplicateKeyError where that was done for
    this verdict.
    """
    draw = draw_owed(task.unit_id, real_now(), task.fund, coins, session=session)
    legs = [*draw.legs, Leg(accounts.task(task.id), coins)]
    key = f"appeal-funds:{decided.id}:{decided.verdicts[-1].number}"
    about = ("task", task.id)
    entry = NewEntry(key, EntryKind.PUBLICATION, legs, about, unit=decided.unit_id)
    post_one(entry, session=session)


def pay_within_caps(decided: Participation, task: Task) -> dict[str, Any]:
    """Pay what the task's caps leave of a verified participation, once for each verdict.

    What was paid, as the participation keeps it. Raises BudgetShort, Unavailable.
    """
    known = _paid_before(decided)
    if known is not None:
        return known
    try:
        return in_transaction(lambda session: _pay(decided, task, False, session))
    except DuplicateKeyError:  # another pass of this tail did it
        return _confirmed(decided)
    except InsufficientCoins:
        pass  # its coins had gone back when the task was closed; then it was appealed
    try:
        return in_transaction(lambda session: _pay(decided, task, True, session))
    except DuplicateKeyError:
        return _confirmed(decided)


def _pay(
    decided: Participation, task: Task, is_from_budget: bool, session: ClientSession
) -> dict[str, Any]:
    caps = [Cap.of(plain) for plain in task.caps]
    capped = within_caps(decided.coins, caps, _earned(decided, caps, session))
    paid: dict[str, Any] = {
        "paid_coins": capped.coins,
        "paid_verdict": decided.verdicts[-1].number,
        "capped": capped.breakdown,
    }
    if capped.coins:
        if is_from_budget:
            fund_from_budget(decided, task, capped.coins, session=session)
        paid["reward_entry_id"] = post_one(reward_of(decided, capped.coins), session=session)
    collection(Participation).update_one({"_id": decided.id}, {"$set": paid}, session=session)
    return paid


def _earned(decided: Participation, caps: Sequence[Cap], session: ClientSession) -> dict[Cap, int]:
    """What the person was paid already towards each cap, for work that still counts."""
    zone = ZoneInfo(settings().business_time_zone)
    spans = {cap: span_around(cap.span, decided.starts_at, zone) for cap in caps}
    found = collection(Participation).find(
        {
            "person_id": decided.person_id,
            "_id": {"$ne": decided.id},
            "state": ParticipationState.VERIFIED.value,
            "paid_coins": {"$gt": 0},
            "starts_at": {
                "$gte": min(since for since, _ in spans.values()),
                "$lt": max(until for _, until in spans.values()),
            },
        },
        {"kind": 1, "starts_at": 1, "paid_coins": 1},
        session=session,
    )
    earned = dict.fromkeys(caps, 0)
    for row in found:
        for cap, (since, until) in spans.items():
            is_of_kind = cap.scope == Scope.ALL or row.get("kind") == decided.kind
            if is_of_kind and since <= row["starts_at"] < until:
                earned[cap] += row["paid_coins"]
    return earned


def _paid_before(decided: Participation) -> dict[str, Any] | None:
    row = collection(Participation).find_one({"_id": decided.id}, dict.fromkeys(_KEPT, 1))
    if row is None or row.get("paid_verdict") != decided.verdicts[-1].number:
        return None
    return {name: row[name] for name in _KEPT if name in row}


def _confirmed(decided: Participation) -> dict[str, Any]:
    """What the pass that was first has paid. Raises Unavailable where that cannot be seen yet."""
    confirmed(Participation).find_one({"_id": decided.id}, {"_id": 1})
    known = _paid_before(decided)
    if known is None:
        raise Unavailable
    return known
