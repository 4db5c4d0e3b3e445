"""Payments of verdicts: whole, or what the caps on a person leave; each once for its verdict."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from ledger import (
    EntryConflict,
    EntryKind,
    InsufficientCoins,
    Leg,
    NewEntry,
    accounts,
    post_one,
    reversed_among,
)
from rates import Cap, Scope, draw_owed, span_around, within_caps
from settings import settings
from shared.clock import real_now
from shared.database import collection, confirmed, in_transaction
from shared.errors import Unavailable
from tasks.participation import Participation
from tasks.task import Task

_KEPT = ("reward_entry_id", "paid_coins", "paid_verdict", "capped")


def pay_whole(decided: Participation, task: Task) -> dict[str, Any]:
    """Pay a verified participation whose task has no caps, once for each verdict.

    What was paid, as the participation keeps it. Raises BudgetShort, Unavailable.
    """
    # First: whoever counts towards a cap finds it wherever they meet the wallet's new balance.
    known = _note(decided)
    if known is not None:
        return known
    escrow = [Leg(accounts.task(task.id), -decided.coins)]
    try:
        entry_id = post_one(_reward(decided, escrow, decided.coins))
    except InsufficientCoins:
        return _paid_from_budget(decided, task)
    except EntryConflict:  # another pass of this tail took it out of the budget
        return _confirmed(decided)
    return {"reward_entry_id": entry_id, "paid_coins": decided.coins}


def _note(decided: Participation) -> dict[str, Any] | None:
    """Write down what is about to be paid; what was, where that was done for this verdict before.

    Raises Unavailable where another verdict counts by now.
    """
    number = decided.verdicts[-1].number
    about_to = {"paid_coins": decided.coins, "paid_verdict": number}
    # The entry of an earlier verdict was reversed, else it would stand: what it paid counts no
    # more, and this does.
    noted = collection(Participation).update_one(
        {**_as_decided(decided), "paid_verdict": {"$ne": number}},
        {"$set": about_to, "$unset": {"reward_entry_id": ""}},
    )
    if noted.matched_count:
        return None
    row = _kept(decided)
    if row.get("paid_verdict") != number:
        raise Unavailable
    return row if "reward_entry_id" in row else None


def _reward(decided: Participation, out_of: Sequence[Leg], coins: int) -> NewEntry:
    return NewEntry(
        f"reward:{decided.id}:{decided.verdicts[-1].number}",
        EntryKind.REWARD,
        [*out_of, Leg(accounts.wallet(decided.person_id), coins)],
        ("participation", decided.id),
        unit=decided.unit_id,
        lasts_months=decided.coins_last_months,
    )


def pay_within_caps(decided: Participation, task: Task) -> dict[str, Any]:
    """Pay what the task's caps leave of a verified participation, once for each verdict.

    What was paid, as the participation keeps it. Counted, posted and written down in one
    transaction: the wallet's balance is in every payment of its owner, so two that would both fit
    below a cap, and together do not, cannot both pass. Raises BudgetShort, Unavailable.
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
    return _paid_from_budget(decided, task)


def _paid_from_budget(decided: Participation, task: Task) -> dict[str, Any]:
    """Pay it out of this year's budget, for the task's coins went back there before the appeal.

    Not through the escrow: a reversal then brings the coins back where they came from.
    """
    try:
        return in_transaction(lambda session: _pay(decided, task, True, session))
    except DuplicateKeyError:  # another pass of this tail did it
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
        out_of: Sequence[Leg] = [Leg(accounts.task(task.id), -capped.coins)]
        if is_from_budget:
            # No threshold stops what is owed.
            draw = draw_owed(task.unit_id, real_now(), task.fund, capped.coins, session=session)
            out_of = draw.legs
        paid["reward_entry_id"] = post_one(_reward(decided, out_of, capped.coins), session=session)
    written = collection(Participation).update_one(
        _as_decided(decided), {"$set": paid}, session=session
    )
    if not written.matched_count:
        raise Unavailable  # another verdict counts by now, and has a tail of its own
    return paid


def _as_decided(decided: Participation) -> dict[str, Any]:
    """The participation where the verdict that is paid is still the last."""
    number = decided.verdicts[-1].number
    return {"_id": decided.id, "state": decided.state, "verdicts": {"$size": number}}


def _earned(decided: Participation, caps: Sequence[Cap], session: ClientSession) -> dict[Cap, int]:
    """What the person was paid already towards each cap and has not been taken back."""
    if not caps:
        return {}
    zone = ZoneInfo(settings().business_time_zone)
    spans = {cap: span_around(cap.span, decided.starts_at, zone) for cap in caps}
    since = min(since for since, _ in spans.values())
    until = max(until for _, until in spans.values())
    earned = dict.fromkeys(caps, 0)
    for row in _paid_others(decided, since, until, session):
        for cap, (begins, ends) in spans.items():
            is_of_kind = cap.scope == Scope.ALL or row.get("kind") == decided.kind
            if is_of_kind and begins <= row["starts_at"] < ends:
                earned[cap] += row["paid_coins"]
    return earned


def _paid_others(
    decided: Participation, since: datetime, until: datetime, session: ClientSession
) -> list[dict[str, Any]]:
    """The person's other work of that time whose reward stands, or is about to.

    Whatever its state: work that was withdrawn keeps its coins until their reversal is approved.
    """
    found = collection(Participation).find(
        {
            "person_id": decided.person_id,
            "_id": {"$ne": decided.id},
            "paid_coins": {"$gt": 0},
            "starts_at": {"$gte": since, "$lt": until},
        },
        {"kind": 1, "starts_at": 1, "paid_coins": 1, "reward_entry_id": 1},
        session=session,
    )
    rows = list(found)
    entry_ids = [row["reward_entry_id"] for row in rows if row.get("reward_entry_id")]
    gone = reversed_among(entry_ids, session=session)
    return [row for row in rows if row.get("reward_entry_id") not in gone]


def _paid_before(decided: Participation) -> dict[str, Any] | None:
    row = _kept(decided)
    if row.get("paid_verdict") != decided.verdicts[-1].number:
        return None
    return row if row["paid_coins"] == 0 or "reward_entry_id" in row else None


def _kept(decided: Participation) -> dict[str, Any]:
    shown = {**dict.fromkeys(_KEPT, 1), "_id": 0}
    return collection(Participation).find_one({"_id": decided.id}, shown) or {}


def _confirmed(decided: Participation) -> dict[str, Any]:
    """What the pass that was first has paid. Raises Unavailable where that cannot be seen yet."""
    confirmed(Participation).find_one({"_id": decided.id}, {"_id": 1})
    known = _paid_before(decided)
    if known is None:
        raise Unavailable
    return known
