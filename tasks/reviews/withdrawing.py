"""Withdrawing all work of a proven cheat: one decision, its walks refused, its rewards reversed.

What was spent meanwhile the cheat owes. Each refusal can be appealed like any other, and another
reviewer then decides.
"""

from collections.abc import Iterator
from datetime import datetime

from mongoengine import Q
from mongoengine.errors import NotUniqueError

from ledger import AlreadyReversed, ReasonCode, ReversalWaiting, reverse_entry
from people import Actor, Role, must_hold_at_root, person_of
from shared.clock import real_now, stored
from shared.database import collection
from shared.errors import Conflict, Invalid, NotAllowed
from shared.i18n import Text
from shared.ids import new_id
from shared.sweeping import sweep_each
from tasks.participation import Participation, ParticipationState, Verdict
from tasks.paying import settle_participation
from tasks.reviews.withdrawal import Withdrawal
from tasks.verification import decide

# Whatever is judged, or about to be: walks under way are judged by themselves later.
REACHED = (
    ParticipationState.FINISHED,
    ParticipationState.IN_REVIEW,
    ParticipationState.APPEALED,
    ParticipationState.VERIFIED,
)
WORDS = Text(
    "All work since {since} was withdrawn after a proven fraud: {words}",
    "经查实存在作弊行为，自 {since} 起的全部任务记录已撤销：{words}",
)
BATCH = 500


class WithdrawalKeyReused(Conflict):
    """Raised when an officer's key for a withdrawal comes again with another content."""

    message = Text("This key was already used for another withdrawal.", "该编号已用于另一次撤销。")


class NotWithdrawnByOneself(NotAllowed):
    """Raised when somebody would withdraw their own work."""

    message = Text("Nobody withdraws their own work.", "不能撤销自己的任务记录。")


class SinceInFuture(Invalid):
    """Raised when work would be withdrawn from a moment on that has not come."""

    message = Text("since must lie in the past.", "起始时间须早于当前时间。")


def withdraw_work(
    person_id: str, *, since: datetime, words: str, key: str, by: Actor
) -> Withdrawal:
    """Withdraw all work that the person claimed since then, and reverse what it earned.

    The same key again answers the same withdrawal, worked on where it was cut off. Raises
    NotAllowed, NotWithdrawnByOneself, PersonNotFound, SinceInFuture, WithdrawalKeyReused.
    """
    must_hold_at_root(Role.RATE_ADMIN, by=by)
    if person_id == by.person_id:
        raise NotWithdrawnByOneself
    person_of(person_id)
    if since >= real_now():
        raise SinceInFuture("since")
    decided = Withdrawal(
        id=new_id(),
        person_id=person_id,
        since=stored(since),
        words=words,
        by_id=by.person_id,
        key=key,
        decided_at=real_now(),
    )
    try:
        decided.save(force_insert=True)
    except NotUniqueError:
        decided = Withdrawal.objects(by_id=by.person_id, key=key).get()
        if (decided.person_id, decided.since, decided.words) != (person_id, stored(since), words):
            raise WithdrawalKeyReused from None
    work_through(decided)
    current: Withdrawal = Withdrawal.objects(id=decided.id).get()
    return current


def continue_withdrawals() -> int:
    """Work through the withdrawals that were cut off, or that wait for a verdict under way."""
    return sweep_each(Withdrawal.objects(done=False).limit(BATCH), work_through)


def work_through(decided: Withdrawal) -> bool:
    """Refuse each walk that the withdrawal reaches and reverse its reward; whether all is done."""
    if decided.done:
        return False
    for found in _reached(decided):
        if found.state != ParticipationState.FINISHED and _may_be_taken(found):
            _take_back(found, decided)
    open_ones = any(True for _ in _reached(decided))
    if not open_ones:
        Withdrawal.objects(id=decided.id).update_one(set__done=True)
    return not open_ones


def _reached(decided: Withdrawal) -> Iterator[Participation]:
    """The walks claimed since, up to the decision, and those of members on the cheat's tracks.

    Ids rise with time, but for those of attendance written down.
    """
    before = Q(id__lt=decided.id) | Q(back_filled_by__ne=None)
    own = Participation.objects(before, person_id=decided.person_id, claimed_at__gte=decided.since)
    vouched = Participation.objects(vouched_by__in=own.scalar("id"), state__in=REACHED)
    yield from own.filter(state__in=REACHED)
    yield from vouched


def _may_be_taken(found: Participation) -> bool:
    """A reward on its way is waited for: it could be posted after the look for what to reverse."""
    return found.state != ParticipationState.VERIFIED or bool(found.settled)


def _take_back(found: Participation, decided: Withdrawal) -> None:
    """Reverse the reward, then refuse the walk: cut off in between, the next pass does both."""
    if found.state == ParticipationState.VERIFIED and found.reward_entry_id:
        _reverse(found, decided)
    seen = {"verdicts": {"$size": len(found.verdicts)}}
    refused = decide(found, _verdict(found, decided), ParticipationState(found.state), **seen)
    if refused.state == ParticipationState.REFUSED:
        _note(decided, "walk_ids", refused.id)
        settle_participation(refused)


def _reverse(found: Participation, decided: Withdrawal) -> None:
    moment = real_now()
    try:
        reversal = reverse_entry(
            found.reward_entry_id,
            reason=ReasonCode.FRAUD,
            effective_at=moment,
            by_id=decided.by_id,
        )
        is_waiting = reversal.reversal_id is None
    except AlreadyReversed:
        is_waiting = False
    except ReversalWaiting:
        is_waiting = True
    name = "waiting_entry_ids" if is_waiting else "reversed_entry_ids"
    _note(decided, name, found.reward_entry_id)


def _note(decided: Withdrawal, name: str, one_id: str) -> None:
    collection(Withdrawal).update_one({"_id": decided.id}, {"$addToSet": {name: one_id}})


def _verdict(found: Participation, decided: Withdrawal) -> Verdict:
    """The refusal: what was measured stands, and why it counts no more is said."""
    measured = found.verdicts[-1].to_mongo().to_dict()
    said = WORDS.both(since=decided.since.date().isoformat(), words=decided.words)
    measured |= {
        "number": len(found.verdicts) + 1,
        "outcome": "refused",
        "reason": said,
        "reviewer_id": decided.by_id,
        "reviewer_words": decided.words,
        "judged_at": real_now(),
    }
    return Verdict(**measured)
