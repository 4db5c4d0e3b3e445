"""Call-backs: what a provider says on its own, signed; taken once, however often it comes."""

from dataclasses import dataclass
from typing import Any

from pymongo.errors import DuplicateKeyError

from catalog.providers.concluding import News, conclude
from catalog.providers.delivery import Source, TopUpDelivery
from catalog.providers.discrepancies import note_discrepancy
from catalog.providers.discrepancy import DiscrepancyKind
from catalog.providers.port import Outcome, OutcomeKind
from catalog.providers.provider import Provider
from catalog.providers.provider_event import ProviderEvent
from catalog.providers.putting import secrets_of
from catalog.providers.wire import is_signed, is_word, outcome_of
from shared.clock import real_now
from shared.database import collection, confirmed
from shared.errors import Conflict, Invalid, NotFound, NotSignedIn, Unavailable
from shared.i18n import Text


class BadSignature(NotSignedIn):
    """Raised when a call-back is not signed by this provider, or too long ago."""

    message = Text("This is not signed by the provider.", "签名无效或已过期。")


class UnknownDelivery(NotFound):
    """Raised when this provider was never asked for a delivery with this key."""

    message = Text("There is no such delivery.", "未找到该充值单。")


class CallBackInvalid(Invalid):
    """Raised when a call-back lacks what its status needs: a reference, or a reason."""

    message = Text("This call-back is incomplete.", "回调内容不完整。")


class EventReused(Conflict):
    """Raised when the event was taken before with other content."""

    message = Text("This event was used for other content.", "该事件编号已用于其他内容。")


@dataclass(frozen=True)
class SignedRequest:
    """A request as it came: what its signature stands over."""

    signature: str
    method: str
    path: str
    body: bytes


def take_call_back(
    provider_id: str, said: dict[str, Any], request: SignedRequest
) -> tuple[str, News]:
    """Take one call-back; the delivery's key and what it came to, the same for the same event.

    `said` is what the body says: event, key, status, reference, reason. Raises BadSignature (for
    an unknown provider too), UnknownDelivery, CallBackInvalid, EventReused.
    """
    provider = Provider.objects.with_id(provider_id)
    if provider is None or not _is_from(provider, request):
        raise BadSignature
    outcome = outcome_of(said)
    if outcome.kind == OutcomeKind.UNKNOWN or not is_word(said["event"]):
        raise CallBackInvalid("status")
    known = TopUpDelivery.objects(id=said["key"], provider_id=provider.id).only("id").first()
    if known is None:
        _note_unknown(provider, said["key"], outcome)
        raise UnknownDelivery
    event = _noted(provider, known.id, said["event"], outcome)
    if event.news is None:
        # A process that died in between leaves no news, so the repeat concludes again: harmless.
        event.news = conclude(known.id, outcome, Source.CALL_BACK).value
        collection(ProviderEvent).update_one(
            {"_id": event.id, "news": None}, {"$set": {"news": event.news}}
        )
    return known.id, News(event.news)


def _is_from(provider: Provider, request: SignedRequest) -> bool:
    return is_signed(
        request.signature,
        secrets_of(provider),
        at_s=int(real_now().timestamp()),
        method=request.method,
        path=request.path,
        body=request.body,
    )


def _note_unknown(provider: Provider, key: str, outcome: Outcome) -> None:
    if outcome.kind == OutcomeKind.DELIVERED:
        note_discrepancy(
            provider,
            key,
            DiscrepancyKind.UNKNOWN_KEY,
            source=Source.CALL_BACK.value,
            status=outcome.kind.value,
            reference=outcome.reference,
        )


def _noted(provider: Provider, key: str, event: str, outcome: Outcome) -> ProviderEvent:
    row = {
        "_id": f"{provider.id}:{event}",
        "provider_id": provider.id,
        "key": key,
        "status": outcome.kind.value,
        "reference": outcome.reference,
        "reason": outcome.reason,
    }
    try:
        collection(ProviderEvent).insert_one(row | {"received_at": real_now()})
    except DuplicateKeyError:
        earlier = confirmed(ProviderEvent).find_one({"_id": row["_id"]})
        if earlier is None:  # it belonged to a primary that lost its last writes
            raise Unavailable from None
        if any(earlier[field] != value for field, value in row.items()):
            raise EventReused from None
        return ProviderEvent._from_son(earlier)
    return ProviderEvent(id=row["_id"])
