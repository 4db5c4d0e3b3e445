"""How a delivery ends: the one gate that every piece of news goes through, whoever brings it.

Delivery and voucher end in one transaction with the coins: of two pieces of news that race, one
finds it ended. What contradicts the end is noted, and moves nothing.
"""

from collections.abc import Callable
from enum import StrEnum

from pymongo.client_session import ClientSession

from catalog.escrow import settle_top_up
from catalog.giving_back import end_voucher
from catalog.offering import reward_of
from catalog.providers.delivery import DeliveryState, Source, TopUpDelivery
from catalog.providers.discrepancies import note_discrepancy
from catalog.providers.discrepancy import DiscrepancyKind
from catalog.providers.outlived_holds import end_released
from catalog.providers.port import Outcome, OutcomeKind
from catalog.providers.putting import provider_of
from catalog.voucher import Voucher, VoucherState
from ledger import HoldOver
from notices import tell
from shared.clock import now, real_now
from shared.database import collection, confirmed, in_transaction
from shared.sweeping import sweep_each

MOST_PER_PASS = 500
NEVER_HAD = Outcome(OutcomeKind.REFUSED, reason="never_received")
HOLD_OVER = Outcome(OutcomeKind.REFUSED, reason="hold_over")


class News(StrEnum):
    """What a piece of news came to."""

    ENDED_IT = "ended_it"
    AGREES = "agrees"
    CONTRADICTS = "contradicts"
    TELLS_NOTHING = "tells_nothing"


class _AlreadyEnded(Exception):
    """Raised inside the transaction, to undo it, where the delivery had ended before."""


def conclude(
    delivery_id: str, outcome: Outcome, source: Source, *, settled_by: tuple[str, ...] = ()
) -> News:
    """End a delivery that was SENT by what is known now; safe to repeat and to race.

    DELIVERED pays the point, REFUSED gives everything back; other outcomes tell nothing. A
    contradiction to how it ended is noted as a discrepancy; so is a delivery whose coins were
    given back because their hold was over.
    """
    if outcome.kind not in (OutcomeKind.DELIVERED, OutcomeKind.REFUSED):
        return News.TELLS_NOTHING
    delivery = _read(delivery_id)
    if delivery.state == DeliveryState.SENT:
        try:
            ended = _end(delivery, outcome, source, list(settled_by))
        except HoldOver:
            ended = _end_as_refund(delivery, outcome, source, list(settled_by))
        _tell_ended(delivery_id)
        if ended:
            return News.ENDED_IT
    return _compared(_read(delivery_id), outcome, source)


def compare(delivery_id: str, outcome: Outcome, source: Source) -> News:
    """What is said of a delivery against how it ended; it ends nothing, and tells of none SENT."""
    delivery = _read(delivery_id)
    if delivery.state == DeliveryState.SENT:
        return News.TELLS_NOTHING
    return _compared(delivery, outcome, source)


def _read(delivery_id: str) -> TopUpDelivery:
    """The delivery as a majority knows it: another's news may just have ended it."""
    row = confirmed(TopUpDelivery).find_one({"_id": delivery_id})
    return TopUpDelivery._from_son(row)


def _end(delivery: TopUpDelivery, outcome: Outcome, source: Source, settled_by: list[str]) -> bool:
    voucher: Voucher = Voucher.objects.get(id=delivery.id)
    is_delivered = outcome.kind == OutcomeKind.DELIVERED
    state = DeliveryState.DELIVERED if is_delivered else DeliveryState.REFUNDED
    end_delivery = _ending(delivery, state, outcome, source, settled_by)
    try:
        if is_delivered:
            return in_transaction(lambda session: _redeem(delivery, end_delivery, session))
        return end_voucher(
            voucher,
            VoucherState.CANCELLED,
            was=VoucherState.DELIVERING,
            by=f"provider:{delivery.provider_id}",
            reason="provider_refused",
            also=end_delivery,
        )
    except _AlreadyEnded:
        return False


def _end_as_refund(
    delivery: TopUpDelivery, outcome: Outcome, source: Source, settled_by: list[str]
) -> bool:
    """End it where its hold is over; False also where it was delivered, which is to be noted."""
    voucher: Voucher = Voucher.objects.get(id=delivery.id)
    end_delivery = _ending(delivery, DeliveryState.REFUNDED, outcome, source, settled_by)
    try:
        ended = end_released(voucher, end_delivery)
    except (_AlreadyEnded, HoldOver):  # other news was faster, and paid it
        return False
    return ended and outcome.kind == OutcomeKind.REFUSED


def _ending(
    delivery: TopUpDelivery,
    state: DeliveryState,
    outcome: Outcome,
    source: Source,
    settled_by: list[str],
) -> Callable[[ClientSession], None]:
    """What ends the delivery as `state` inside a transaction; it raises _AlreadyEnded."""
    change = {
        "state": state.value,
        "ended_at": real_now(),
        "ended_by": source.value,
        "last_outcome": outcome.kind.value,
        "last_reason": outcome.reason,
        "reference": outcome.reference,
        "settled_by": settled_by,
        "to_tell": True,
    }

    def end_delivery(session: ClientSession) -> None:
        ended = collection(TopUpDelivery).update_one(
            {"_id": delivery.id, "state": DeliveryState.SENT.value},
            {"$set": change},
            session=session,
        )
        if not ended.modified_count:
            raise _AlreadyEnded

    return end_delivery


def _redeem(
    delivery: TopUpDelivery, end_delivery: Callable[[ClientSession], None], session: ClientSession
) -> bool:
    """The voucher handed over by its provider, its coins with the point, in one transaction."""
    redeemed_at = now()
    handed_over = {
        "state": VoucherState.REDEEMED.value,
        "redeemed_at": redeemed_at,
        "redeemed_by": f"provider:{delivery.provider_id}",
        "redeemed_point_id": delivery.point_id,
        "scan_key": f"delivery:{delivery.id}",
    }
    row = collection(Voucher).find_one(
        {"_id": delivery.id, "state": VoucherState.DELIVERING.value}, session=session
    )
    if row is None:
        return False
    delivered = Voucher._from_son(row | handed_over)
    entry_id = settle_top_up(delivered, session)
    collection(Voucher).update_one(
        {"_id": delivery.id},
        {"$set": handed_over | {"settled_entry_id": entry_id}},
        session=session,
    )
    end_delivery(session)
    return True


def _compared(delivery: TopUpDelivery, outcome: Outcome, source: Source) -> News:
    """News about what has ended, or never began, against what stands here."""
    said_delivered = outcome.kind == OutcomeKind.DELIVERED
    provider = provider_of(delivery.provider_id)
    if delivery.state in (DeliveryState.WAITING, DeliveryState.CALLED_OFF):
        kind = DiscrepancyKind.NEVER_SENT
    elif delivery.state == DeliveryState.REFUNDED and said_delivered:
        kind = DiscrepancyKind.DELIVERED_AFTER_REFUND
    elif delivery.state == DeliveryState.DELIVERED and not said_delivered:
        kind = DiscrepancyKind.REFUSED_AFTER_DELIVERY
    elif said_delivered and delivery.reference != outcome.reference:
        kind = DiscrepancyKind.OTHER_REFERENCE
    else:
        return News.AGREES
    note_discrepancy(
        provider,
        delivery.id,
        kind,
        source=source.value,
        status=outcome.kind.value,
        reference=outcome.reference,
    )
    return News.CONTRADICTS


def tell_ended() -> int:
    """Tell the people whose delivery ended in a process that died before it could; how many."""
    waiting = collection(TopUpDelivery).find({"to_tell": True}, {"_id": 1}).limit(MOST_PER_PASS)
    return sweep_each([row["_id"] for row in waiting], _tell_ended)


def _tell_ended(delivery_id: str) -> bool:
    ended = TopUpDelivery.objects(id=delivery_id, to_tell=True).first()
    if ended is None:
        return False
    reward = reward_of(ended.reward_id)
    title = {"zh": reward.title, "en": reward.title_en or reward.title}
    is_delivered = ended.state == DeliveryState.DELIVERED
    tell(
        ended.person_id,
        "top_up_delivered" if is_delivered else "top_up_given_back",
        {"title": title, "voucher_id": ended.id},
        key=f"top-up-ended:{ended.id}",
    )
    collection(TopUpDelivery).update_one({"_id": ended.id}, {"$set": {"to_tell": False}})
    return True
