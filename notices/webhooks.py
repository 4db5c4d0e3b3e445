"""Webhooks are the whole city's: admins at the root make, list, try and remove them."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pymongo.errors import DuplicateKeyError

from notices.delivery import Delivery
from notices.handing_on import add_deliveries, new_delivery
from notices.places import behind, cursor_at
from notices.templates import TEMPLATES
from notices.webhook import Webhook
from notices.webhook_addresses import check_url
from people import Actor, Role, must_hold_at_root
from settings import settings
from shared.clock import real_now
from shared.database import collection
from shared.errors import Conflict, Invalid, NotFound, Refused
from shared.i18n import Text
from shared.ids import new_id
from shared.queue import enqueue
from shared.sealing import seal, unseal

SECRET_BYTES = 32
# Each is asked for at every notice, and a silent one costs the sweep seconds.
MAX_WEBHOOKS = 20
# A trial is about now.
TRIAL_LASTS = timedelta(minutes=10)


class WebhookNotFound(NotFound):
    """Raised when there is no such webhook, or it was removed."""

    message = Text("There is no such webhook.", "未找到该推送地址。")


class WebhookConflict(Conflict):
    """Raised when the same key made a webhook with another address or other events."""

    message = Text("This key was used for another webhook.", "该幂等键已用于另一个推送地址。")


class TooManyWebhooks(Refused):
    """Raised when there are as many webhooks as there may be."""

    message = Text("There may be {most} webhooks at most.", "最多可设置 {most} 个推送地址。")


class UnknownEvent(Invalid):
    """Raised when a webhook asks for a notice that does not exist."""

    message = Text("No notice is called “{event}”.", "不存在名为“{event}”的通知。")


@dataclass(frozen=True)
class DeliveryPage:
    """A page of deliveries, newest first; `next_cursor` is None at the end."""

    items: list[Delivery]
    next_cursor: str | None


def make_webhook(url: str, *, events: list[str], key: str, by: Actor) -> Webhook:
    """Let notices be sent to `url`: those named in `events`, all where it is empty.

    The same key again answers the same webhook. Raises NotAllowed, BadWebhookUrl, UnknownEvent,
    TooManyWebhooks, WebhookConflict.
    """
    must_hold_at_root(Role.ADMIN, by=by)
    check_url(url, production=settings().production, demo=settings().demo)
    for place, event in enumerate(events):
        if event not in TEMPLATES:
            raise UnknownEvent(f"events.{place}", event=event)
    wanted = sorted(set(events))
    known = Webhook.objects(made_by=by.person_id, key=key).first()
    if known is None:
        if Webhook.objects(removed_at=None).count() >= MAX_WEBHOOKS:
            raise TooManyWebhooks(most=MAX_WEBHOOKS)
        known = _made(url, wanted, key, by)
    if (known.url, known.events) != (url, wanted):
        raise WebhookConflict
    if known.removed_at is not None:
        raise WebhookNotFound
    return known


def _made(url: str, events: list[str], key: str, by: Actor) -> Webhook:
    made = Webhook(
        id=new_id(), url=url, events=events, made_by=by.person_id, key=key, created_at=real_now()
    )
    made.secret_sealed = seal(secrets.token_urlsafe(SECRET_BYTES), bound_to=made.seal_place)
    try:
        collection(Webhook).insert_one(made.to_mongo())
    except DuplicateKeyError:  # another thread of the same wish was first
        return Webhook.objects.get(made_by=by.person_id, key=key)
    return made


def secret_of(webhook: Webhook) -> str:
    """What the webhook's deliveries are signed with: for who made it, and the signing."""
    return unseal(webhook.secret_sealed, bound_to=webhook.seal_place)


def webhooks_of(*, by: Actor) -> list[Webhook]:
    """Every webhook, oldest first. Raises NotAllowed."""
    must_hold_at_root(Role.ADMIN, by=by)
    return list(Webhook.objects(removed_at=None).order_by("id"))


def remove_webhook(webhook_id: str, *, by: Actor) -> None:
    """Send nothing more to a webhook; repeating changes nothing.

    What is still on its way there is given up by whoever comes to it. Raises NotAllowed,
    WebhookNotFound.
    """
    must_hold_at_root(Role.ADMIN, by=by)
    Webhook.objects(id=webhook_id, removed_at=None).update_one(set__removed_at=real_now())
    if Webhook.objects.with_id(webhook_id) is None:
        raise WebhookNotFound


def webhook_of(webhook_id: str, *, by: Actor) -> Webhook:
    """The webhook with this id. Raises NotAllowed, WebhookNotFound."""
    must_hold_at_root(Role.ADMIN, by=by)
    found: Webhook | None = Webhook.objects(id=webhook_id, removed_at=None).first()
    if found is None:
        raise WebhookNotFound
    return found


def try_webhook(webhook_id: str, *, key: str, by: Actor) -> Delivery:
    """Send a webhook something to try it by, once for each key; the delivery says how it went.

    Raises NotAllowed, WebhookNotFound.
    """
    webhook = webhook_of(webhook_id, by=by)
    digest = hashlib.sha256(f"{by.person_id}:{key}".encode()).hexdigest()[:24]
    trial = new_delivery(webhook.id, f"trial-{digest}", due_in=timedelta(0))
    trial |= {"notice_id": None, "give_up_at": trial["created_at"] + TRIAL_LASTS}
    add_deliveries([trial])
    enqueue("notices.jobs.deliver_one", trial["_id"])
    found: Delivery = Delivery.objects.get(id=trial["_id"])
    return found


def deliveries_of(
    webhook_id: str, *, by: Actor, state: str = "", cursor: str = "", limit: int = 20
) -> DeliveryPage:
    """What was sent to a webhook, is on its way there or was given up, newest first.

    Raises NotAllowed, WebhookNotFound, BadCursor.
    """
    wanted: dict[str, Any] = {"webhook_id": webhook_of(webhook_id, by=by).id}
    if state:
        wanted["state"] = state
    if cursor:
        wanted["$or"] = behind(cursor, "created_at")
    found = list(Delivery.objects(__raw__=wanted).order_by("-created_at", "-id").limit(limit + 1))
    items = found[:limit]
    more = cursor_at(items[-1].created_at, items[-1].id) if len(found) > limit else None
    return DeliveryPage(items, more)
