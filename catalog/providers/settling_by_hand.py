"""Settling by hand: what nobody could find out for days, two officers decide on evidence."""

from catalog.offering import OFFICERS
from catalog.providers.concluding import conclude
from catalog.providers.delivery import DeliveryProposal, DeliveryState, Source, TopUpDelivery
from catalog.providers.port import Outcome, OutcomeKind
from catalog.providers.try_rules import is_doubt_old
from catalog.voucher import Voucher
from people import Actor, unit_of
from shared.clock import real_now
from shared.errors import Conflict, NotAllowed, NotFound, Refused
from shared.i18n import Text


class DeliveryNotFound(NotFound):
    """Raised when there is no such delivery, or none that the caller may see."""

    message = Text("There is no such delivery.", "未找到该充值单。")


class DeliveryEnded(Conflict):
    """Raised when the delivery has ended otherwise."""

    message = Text("This delivery has ended: {delivery}.", "该充值单已结束：{delivery}。")


class NotInDoubt(Refused):
    """Raised when the provider can still be expected to say what became of the delivery."""

    message = Text(
        "The provider is still being asked; this can be settled by hand after three days.",
        "系统仍在向供应商查询，三天后仍无结果方可人工处理。",
    )


class OwnDelivery(NotAllowed):
    """Raised when an officer would settle a delivery of their own."""

    message = Text("Nobody settles their own delivery.", "不得处理本人的充值单。")


class OtherProposal(Conflict):
    """Raised when the second officer says something else than the first."""

    message = Text(
        "Another officer proposed {outcome} with {reference}.",
        "另一位工作人员的意见为 {outcome}（{reference}）。",
    )


def settle_delivery(delivery_id: str, *, outcome: str, reference: str, by: Actor) -> TopUpDelivery:
    """Say that a delivery in doubt was `delivered` or `refused`, the `reference` being evidence.

    The first officer proposes, and may propose anew; a second one who says the same ends it, once.
    Raises DeliveryNotFound, NotAllowed, OwnDelivery, NotInDoubt, DeliveryEnded, OtherProposal.
    """
    found = _settleable(delivery_id, by)
    if found.state != DeliveryState.SENT:
        return _answered(found, outcome, reference, by)
    if not is_doubt_old(found.sent_at, real_now()):
        raise NotInDoubt
    if found.proposal is None or found.proposal.by == by.person_id:
        return _proposed(found, outcome, reference, by)
    _refuse_other(found.proposal, outcome, reference)
    settled_by = (found.proposal.by, by.person_id)
    conclude(found.id, _outcome(outcome, reference), Source.OFFICERS, settled_by=settled_by)
    return _answered(_of(delivery_id), outcome, reference, by)


def _settleable(delivery_id: str, by: Actor) -> TopUpDelivery:
    found = _of(delivery_id)
    by.must_hold(*OFFICERS, at=unit_of(found.point_id))
    ordered = Voucher.objects.get(id=found.id)
    if by.person_id in (found.person_id, ordered.ordered_by, ordered.person_id):
        raise OwnDelivery
    return found


def _of(delivery_id: str) -> TopUpDelivery:
    found: TopUpDelivery | None = TopUpDelivery.objects.with_id(delivery_id)
    if found is None:
        raise DeliveryNotFound
    return found


def _proposed(found: TopUpDelivery, outcome: str, reference: str, by: Actor) -> TopUpDelivery:
    proposal = DeliveryProposal(
        outcome=outcome, reference=reference, by=by.person_id, at=real_now()
    )
    earlier = found.proposal.by if found.proposal else None
    guard = TopUpDelivery.objects(
        id=found.id, state=DeliveryState.SENT, __raw__={"proposal.by": earlier}
    )
    proposed: TopUpDelivery | None = guard.modify(set__proposal=proposal, new=True)
    if proposed is None:  # another officer, or the provider, was faster
        return settle_delivery(found.id, outcome=outcome, reference=reference, by=by)
    return proposed


def _refuse_other(proposal: DeliveryProposal, outcome: str, reference: str) -> None:
    if (proposal.outcome, proposal.reference) != (outcome, reference):
        raise OtherProposal(outcome=proposal.outcome, reference=proposal.reference)


def _outcome(outcome: str, reference: str) -> Outcome:
    return Outcome(OutcomeKind(outcome), reference=reference, reason="settled_by_hand")


def _answered(found: TopUpDelivery, outcome: str, reference: str, by: Actor) -> TopUpDelivery:
    """The delivery where these officers ended it so. Raises DeliveryEnded."""
    said = {
        OutcomeKind.DELIVERED: DeliveryState.DELIVERED,
        OutcomeKind.REFUSED: DeliveryState.REFUNDED,
    }
    same = found.state == said[OutcomeKind(outcome)] and found.reference == reference
    if not same or by.person_id not in found.settled_by:
        raise DeliveryEnded(delivery=found.state.value)
    return found
