"""Whose voucher is what: a voucher as its holder sees it, or who gave it away."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.code_keys import code_of
from catalog.expiring import fate_of
from catalog.gifting import can_be_given
from catalog.giving_back import VoucherNotFound
from catalog.paging import page_of
from catalog.providers.delivery import DeliveryState, TopUpDelivery
from catalog.refunding import refund_until
from catalog.reward import SCANNED, Reward
from catalog.settlement.point_statement import UNSETTLED, PointStatement
from catalog.voucher import Voucher, VoucherState
from people import Actor, Unit, units_of
from shared.clock import now
from shared.codes import grouped
from shared.database import collection


@dataclass(frozen=True)
class VoucherInHand:
    """A voucher with its reward and point, to its holder; `is_given_away` to who gave it away.

    `code` in groups that read aloud well, where a clerk scans it and it is in the caller's hands.
    `delivery` is where a top-up stands with its provider, `is_settled` whether its point's
    statement was settled, after which nothing is refunded.
    """

    voucher: Voucher
    reward: Reward
    point: Unit
    code: str | None
    is_given_away: bool = False
    delivery: DeliveryState | None = None
    is_settled: bool = False

    @property
    def fate(self) -> str:
        """What becomes of it unused: award, forfeits, gift (coins to the giver) or returns."""
        return fate_of(self.voucher)

    @property
    def refund_until(self) -> datetime | None:
        """Until when what was handed over can be brought back; None where it cannot."""
        handed_over = self.voucher.state == VoucherState.REDEEMED and not self.is_given_away
        return refund_until(self.voucher) if handed_over and not self.is_settled else None

    @property
    def redeemed_at(self) -> datetime | None:
        """When it was handed over; when a neighbour fetched a gift is not the giver's to know."""
        at: datetime | None = None if self.is_given_away else self.voucher.redeemed_at
        return at

    @property
    def can_be_cancelled(self) -> bool:
        """Whether the caller may cancel it now."""
        until = self.voucher.cancel_until
        return self._is_usable() and (until is None or until > now())

    @property
    def can_be_given(self) -> bool:
        """Whether the caller may give it away now, but for the limits of the day."""
        return self._is_usable() and can_be_given(self.voucher) and self.reward.can_be_gifted

    def _is_usable(self) -> bool:
        issued = self.voucher.state == VoucherState.ISSUED and not self.is_given_away
        return issued and not self.voucher.is_expired_at(now())


@dataclass(frozen=True)
class VoucherPage:
    """Vouchers, newest first; `next_cursor` is None on the last page."""

    vouchers: list[VoucherInHand]
    next_cursor: str | None


def vouchers_of(
    by: Actor, *, state: VoucherState | None = None, limit: int = 20, cursor: str | None = None
) -> VoucherPage:
    """The caller's vouchers, newest first: those held, and those given away, without their codes.

    Raises BadCursor.
    """
    gave = {"ordered_by": by.person_id, "gifted_at": {"$type": "date"}}
    wanted = Voucher.objects(__raw__={"$or": [{"person_id": by.person_id}, gave]})
    if state is not None:
        wanted = wanted.filter(state=state)
    found, next_cursor = page_of(wanted, limit, cursor)
    return VoucherPage(_in_hand(found, by.person_id), next_cursor)


def voucher_of(voucher_id: str, *, by: Actor) -> VoucherInHand:
    """A voucher that the caller holds or gave away. Raises VoucherNotFound, for others' too."""
    found = Voucher.objects(id=voucher_id).first()
    if found is None:
        raise VoucherNotFound
    gave = found.is_gift() and found.ordered_by == by.person_id
    if found.person_id != by.person_id and not gave:
        raise VoucherNotFound
    return _in_hand([found], by.person_id)[0]


def voucher_in_hand(voucher: Voucher, *, by: Actor) -> VoucherInHand:
    """A voucher as the caller sees it, who has just ordered, exchanged or cancelled it.

    Or has done so before: a repeated order is answered after the voucher was given away, too, and
    then its code is somebody else's.
    """
    return _in_hand([voucher], by.person_id)[0]


def shown_code(voucher: Voucher) -> str:
    """The voucher's code in groups that read aloud well."""
    return grouped(code_of(voucher))


def _in_hand(vouchers: Sequence[Voucher], person_id: str) -> list[VoucherInHand]:
    """The vouchers as this person sees them, in a few questions whatever their number."""
    rewards = Reward.objects.in_bulk([one.reward_id for one in vouchers])
    points = units_of([one.point_id for one in vouchers])
    topped_up = [one.id for one in vouchers if one.hold_id]
    deliveries = TopUpDelivery.objects.in_bulk(topped_up) if topped_up else {}
    settled = settled_statements([one.statement_id for one in vouchers if one.statement_id])
    found = []
    for one in vouchers:
        held = one.person_id == person_id
        delivery = deliveries.get(one.id)
        found.append(
            VoucherInHand(
                one,
                rewards[one.reward_id],
                points[one.point_id],
                shown_code(one) if held and one.kind in SCANNED else None,
                is_given_away=not held,
                delivery=delivery.state if delivery else None,
                is_settled=one.statement_id in settled,
            )
        )
    return found


def settled_statements(statement_ids: Iterable[str]) -> set[str]:
    """Those of the statements that are settled, paid or not."""
    named = sorted(set(statement_ids))
    if not named:
        return set()
    later = {"$nin": [state.value for state in UNSETTLED]}
    wanted = {"_id": {"$in": named}, "state": later}
    return {row["_id"] for row in collection(PointStatement).find(wanted, {"_id": 1})}
