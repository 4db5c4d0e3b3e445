"""Closing discrepancies: an officer says what was found out with the provider; no coin moves."""

from catalog.providers.discrepancy import Discrepancy
from catalog.providers.putting import seen_provider
from catalog.providers.settling_by_hand import OwnDelivery
from catalog.voucher import Voucher
from people import Actor
from shared.clock import real_now
from shared.database import collection
from shared.errors import Conflict, NotFound
from shared.i18n import Text


class DiscrepancyNotFound(NotFound):
    """Raised when there is no such discrepancy, or none of this provider."""

    message = Text("There is no such discrepancy.", "未找到该对账差异。")


class DiscrepancyClosed(Conflict):
    """Raised when the discrepancy was cleared, or closed otherwise, before."""

    message = Text("This discrepancy is closed already.", "该对账差异已关闭。")


def close_discrepancy(
    provider_id: str, discrepancy_id: str, *, words: str, by: Actor
) -> Discrepancy:
    """Close a discrepancy with `words` of what was found out; the same again changes nothing.

    Raises ProviderNotFound, NotAllowed, DiscrepancyNotFound, OwnDelivery, DiscrepancyClosed.
    """
    seen = seen_provider(provider_id, by=by)
    wanted = {"id": discrepancy_id, "provider_id": seen.id}
    found: Discrepancy | None = Discrepancy.objects(**wanted).first()
    if found is None:
        raise DiscrepancyNotFound
    _refuse_own(found.key, by)
    closed: Discrepancy | None = Discrepancy.objects(**wanted, cleared_at=None).modify(
        set__cleared_at=real_now(),
        set__closed_by=by.person_id,
        set__closing_words=words,
        set__to_tell=False,
        new=True,
    )
    if closed is not None:
        return closed
    earlier: Discrepancy = Discrepancy.objects.get(id=discrepancy_id)
    if (earlier.closed_by, earlier.closing_words) != (by.person_id, words):
        raise DiscrepancyClosed
    return earlier


def _refuse_own(key: str, by: Actor) -> None:
    """Raises OwnDelivery; a key that we never gave out is nobody's."""
    own = {"_id": key, "$or": [{"person_id": by.person_id}, {"ordered_by": by.person_id}]}
    if collection(Voucher).find_one(own, {"_id": 1}) is not None:
        raise OwnDelivery
