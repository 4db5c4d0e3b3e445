"""The tail of a final verdict: its coins move once, and nothing of it is left over."""

from contextlib import suppress
from typing import Any

from ledger import (
    ReversalDecided,
    ReversalState,
    decline_reversal,
    entry_of,
)
from notices import tell
from shared.clock import real_now
from tasks.participation import Participation, ParticipationState
from tasks.payments import pay_whole, pay_within_caps
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
    _tell(decided, task, paid)
    # The verdict it was settled for is part of the guard: an appeal in between goes on.
    settled = {"settled": True, "track_gone": False, "settled_at": real_now()}
    settled |= {**paid, **counted_work(decided)}
    Participation.objects(
        id=decided.id, state=decided.state, verdicts__size=decided.verdicts[-1].number
    ).update_one(**{f"set__{name}": value for name, value in settled.items()})


def counted_work(decided: Participation) -> dict[str, Any]:
    """The seconds and metres of a participation that count as work, as it keeps them.

    As measured inside the area where there is a track, else from start to finish within the hours
    wanted; written down afterwards: all of these. Whom a reviewer verified though no track lay
    inside (the phone was at home, or dead) is believed for the time from start to finish.
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
        was = decided.coins if decided.paid_coins is None else decided.paid_coins
        return {"reward_entry_id": standing, "paid_coins": was}
    return pay_within_caps(decided, task) if task.caps else pay_whole(decided, task)


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


def _tell(decided: Participation, task: Task, paid: dict[str, Any]) -> None:
    """Tell the walker the outcome and, where coins were cut or not to be had, why."""
    verdict = decided.verdicts[-1]
    facts = {
        "title": task.title,
        "coins": paid.get("paid_coins", 0),
        "reason": verdict.reason,
        "participation_id": decided.id,
        "task_id": task.id,
    }
    key = f"verdict:{decided.id}:{verdict.number}"
    if decided.state != ParticipationState.VERIFIED:
        tell(decided.person_id, "verdict_refused", facts, key=key)
    elif decided.on_duty:
        tell(decided.person_id, "verdict_on_duty", facts, key=key)
    elif paid.get("capped"):
        cut = {name: paid["capped"][0][name] for name in ("en", "zh-CN")}
        tell(decided.person_id, "verdict_capped", facts | {"cut": cut}, key=key)
    else:
        tell(decided.person_id, "verdict_verified", facts, key=key)
