"""Attempting deliveries: sent once, asked about until the outcome is known, never guessed.

The voucher's move to DELIVERING decides, before any request: from then on its owner cannot cancel.
"""

import secrets
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from catalog.offering import reward_of
from catalog.providers.concluding import HOLD_OVER, NEVER_HAD, conclude, tell_ended
from catalog.providers.delivering import changed_by_holder, claim
from catalog.providers.delivery import DeliveryState, Source, TopUpDelivery
from catalog.providers.discrepancies import tell_discrepancies
from catalog.providers.http_provider import HttpProvider
from catalog.providers.outlived_holds import is_hold_over
from catalog.providers.port import Outcome, OutcomeKind, ProviderPort, TopUpOrder
from catalog.providers.provider import Provider
from catalog.providers.putting import provider_of
from catalog.providers.try_rules import (
    CLOCK_MARGIN,
    NOT_FOUNDS_NEEDED,
    VALID_FOR,
    Step,
    counts_as_never_had,
    is_doubt_old,
    may_send,
    next_step,
    rest_s,
    wait_s,
)
from catalog.voucher import Voucher, VoucherState
from notices import tell_officers
from shared.clock import now, real_now
from shared.database import collection
from shared.sealing import unseal
from shared.sweeping import sweep_each

# One pass ends after so many, or so long: other jobs wait meanwhile where one worker runs.
MOST_PER_PASS = 500
PASS_S = 20
LOOK_AGAIN = timedelta(minutes=1)
LEASE_LOST = "lease_lost"

# How a provider is reached; a city with a provider of another kind adds its port here.
_reached: Callable[[Provider], ProviderPort] = HttpProvider


def deliver(voucher_id: str) -> bool:
    """Try one delivery if it is due and nobody else is at it; whether it ended.

    Left to the sweep where its provider rests.
    """
    known = TopUpDelivery.objects(id=voucher_id).only("provider_id").first()
    if known is None or _is_resting(known.provider_id):
        return False
    held = claim({"_id": voucher_id})
    return held is not None and _attempt(held)


def deliver_due() -> int:
    """Try what is due, those that failed most coming last, until time is up; how many ended."""
    until = time.monotonic() + PASS_S
    known = [one.id for one in Provider.objects.order_by("failures").only("id")]
    return sum(sweep_each(_due_at(one, until), _attempt) for one in known)


def tell_left_untold() -> int:
    """Tell whom a process died before it could tell: people and officers; how many."""
    return tell_ended() + tell_discrepancies()


def _due_at(provider_id: str, until: float) -> Iterator[TopUpDelivery]:
    """Claim what is due at a provider, one after the other, until it rests or time is up."""
    for _ in range(MOST_PER_PASS):
        if time.monotonic() > until or _is_resting(provider_id):
            return
        held = claim({"provider_id": provider_id})
        if held is None:
            return
        yield held


def _is_resting(provider_id: str) -> bool:
    return Provider.objects(id=provider_id, resting_until__gt=real_now()).count() > 0


def _note_health(provider: Provider, outcome: Outcome) -> None:
    """Remember how often in a row a provider said nothing usable."""
    if outcome.reason == LEASE_LOST:
        return
    if outcome.kind not in (OutcomeKind.UNKNOWN, OutcomeKind.NOT_SENT):
        if provider.failures:
            Provider.objects(id=provider.id).update_one(set__failures=0, unset__resting_until=1)
        return
    rest = timedelta(seconds=rest_s(provider.failures + 1))
    Provider.objects(id=provider.id).update_one(
        inc__failures=1, set__resting_until=real_now() + rest
    )


def _attempt(held: TopUpDelivery) -> bool:
    """One try at a claimed delivery, by what is known of it; whether it ended."""
    if held.state == DeliveryState.WAITING and not _begin(held):
        return False
    provider = provider_of(held.provider_id)
    port = _reached(provider)
    step = next_step(in_doubt=held.in_doubt, valid_until=held.valid_until, moment=real_now())
    if step == Step.REFUND:
        conclude(held.id, NEVER_HAD, Source.NEVER_HAD)
        return True
    source, outcome = _news(held, port, step)
    _note_health(provider, outcome)
    if outcome.kind in (OutcomeKind.DELIVERED, OutcomeKind.REFUSED):
        conclude(held.id, outcome, source)
        return True
    if is_hold_over(held.id):
        conclude(held.id, HOLD_OVER, Source.HOLD_OVER)
        return True
    _postpone(held, provider, outcome)
    return False


def _news(held: TopUpDelivery, port: ProviderPort, step: Step) -> tuple[Source, Outcome]:
    """What the provider says: asked first where it may know of it, sent to where it does not."""
    if step == Step.SEND:
        return Source.ANSWER, _sent(held, port)
    outcome = port.ask(held.id)
    if outcome.kind == OutcomeKind.NOT_FOUND:
        if may_send(held.valid_until, real_now()):
            return Source.ANSWER, _sent(held, port)
        if _was_never_had(held):
            return Source.NEVER_HAD, NEVER_HAD
    return Source.QUESTION, outcome


def _begin(held: TopUpDelivery) -> bool:
    """Decide that it is delivered now; False where its voucher ended, or is about to, instead."""
    moment = real_now()
    begun = collection(Voucher).update_one(
        {"_id": held.id, "state": VoucherState.ISSUED.value, "expires_at": {"$gt": now()}},
        {"$set": {"state": VoucherState.DELIVERING.value}},
    )
    if not begun.modified_count:
        state = Voucher.objects.get(id=held.id).state
        if state == VoucherState.ISSUED:  # overdue: the sweep lets it lapse
            changed_by_holder(held, {"next_try_at": moment + LOOK_AGAIN})
            return False
        if state != VoucherState.DELIVERING:
            changed_by_holder(held, {"state": DeliveryState.CALLED_OFF.value, "ended_at": moment})
            return False
    held.state, held.sent_at, held.valid_until = DeliveryState.SENT, moment, moment + VALID_FOR
    return changed_by_holder(
        held,
        {
            "state": held.state.value,
            "sent_at": held.sent_at,
            "valid_until": held.valid_until,
            "in_doubt": False,
        },
    )


def _sent(held: TopUpDelivery, port: ProviderPort) -> Outcome:
    """Send the request; that it may have arrived is written down before it can."""
    if not changed_by_holder(held, {"in_doubt": True}):
        return Outcome(OutcomeKind.UNKNOWN, reason=LEASE_LOST)
    recipient = unseal(held.recipient_sealed, bound_to=held.seal_place)
    order = TopUpOrder(held.id, held.product, recipient, held.valid_until)
    outcome = port.deliver(order)
    if outcome.kind == OutcomeKind.NOT_SENT and not held.in_doubt:
        # It never left, nor did any before it: so there is nothing to ask about.
        changed_by_holder(held, {"in_doubt": False})
    return outcome


def _was_never_had(held: TopUpDelivery) -> bool:
    """Count a "not found"; whether it was said often enough when nothing could come any more."""
    moment = real_now()
    if not counts_as_never_had(held.valid_until, moment):
        return False
    # A process that died after it counted is followed by another within its lease: too soon.
    if held.not_found_at is not None and moment - held.not_found_at < CLOCK_MARGIN:
        return False
    held.not_found_times += 1
    counted = changed_by_holder(
        held, {"not_found_times": held.not_found_times, "not_found_at": moment}
    )
    return counted and held.not_found_times >= NOT_FOUNDS_NEEDED


def _postpone(held: TopUpDelivery, provider: Provider, outcome: Outcome) -> None:
    """Note what was met and when it is tried again; officers hear of a doubt that is old."""
    moment = real_now()
    wait = timedelta(seconds=wait_s(held.tries, secrets.randbelow(1_000) / 1_000))
    if outcome.kind == OutcomeKind.NOT_FOUND:
        wait = CLOCK_MARGIN
    change: dict[str, Any] = {
        "next_try_at": moment + wait,
        "last_outcome": outcome.kind.value,
        "last_reason": outcome.reason,
    }
    if outcome.kind == OutcomeKind.PENDING:  # so they do have it: what was counted was wrong
        change |= {"not_found_times": 0, "not_found_at": None}
    if is_doubt_old(held.sent_at, moment) and held.officers_told_at is None:
        tell_doubt(held, provider)
        change["officers_told_at"] = moment
    changed_by_holder(held, change)


def tell_doubt(held: TopUpDelivery, provider: Provider) -> None:
    """Tell the officers that nobody knows what became of a delivery; harmless to repeat."""
    reward = reward_of(held.reward_id)
    facts = {
        "title": {"zh": reward.title, "en": reward.title_en or reward.title},
        "provider": dict(provider.name),
        "sent_at": held.sent_at,
        "delivery_id": held.id,
    }
    tell_officers(held.point_id, "delivery_in_doubt", facts, key=f"delivery-in-doubt:{held.id}")
