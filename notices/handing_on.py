"""Handing notices on: one delivery for each webhook that wants one, made once."""

from datetime import timedelta
from typing import Any

from pymongo.errors import BulkWriteError

from notices.delivery import Delivery, DeliveryState
from notices.notice import Notice
from notices.webhook import Webhook
from shared.clock import real_now
from shared.database import DUPLICATE_KEY, collection

# A receiver may be away for a day.
DELIVER_FOR = timedelta(hours=24)
# Deliveries are kept to be looked at.
KEPT = timedelta(days=30)


def is_wanted(notice: str) -> bool:
    """Whether any webhook wants notices of this name."""
    return any(webhook.wants(notice) for webhook in Webhook.objects(removed_at=None))


def hand_on(notice_id: str) -> bool:
    """Make the deliveries of a notice that has none yet; repeating makes no second ones."""
    notice: Notice | None = Notice.objects(id=notice_id, to_hand_on=True).first()
    if notice is None:
        return False
    # The clock of a recorded walk may be years away: what counts is how long it was to wait.
    wait = max(notice.shown_from - notice.created_at, timedelta(0))
    wanted = [one for one in Webhook.objects(removed_at=None) if one.wants(notice.name)]
    add_deliveries(
        [new_delivery(one.id, notice.id, due_in=wait) | {"notice_id": notice.id} for one in wanted]
    )
    Notice.objects(id=notice_id).update_one(set__to_hand_on=False)
    return True


def delivery_id_for(about: str, webhook_id: str) -> str:
    """The id of the one delivery of `about` to a webhook."""
    return f"{about}.{webhook_id}"


def new_delivery(webhook_id: str, about: str, *, due_in: timedelta) -> dict[str, Any]:
    """A delivery of `about` (one for each webhook) to be tried from `due_in` on."""
    moment = real_now()
    return {
        "_id": delivery_id_for(about, webhook_id),
        "webhook_id": webhook_id,
        "state": DeliveryState.PENDING.value,
        "tries": 0,
        "next_try_at": moment + due_in,
        "give_up_at": moment + due_in + DELIVER_FOR,
        "created_at": moment,
        "expires_at": moment + due_in + KEPT,
    }


def add_deliveries(made: list[dict[str, Any]]) -> None:
    """Write deliveries; those already there stay as they are."""
    if not made:
        return
    try:
        collection(Delivery).insert_many(made, ordered=False)
    except BulkWriteError as error:
        if any(one["code"] != DUPLICATE_KEY for one in error.details["writeErrors"]):
            raise
