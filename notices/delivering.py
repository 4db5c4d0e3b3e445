"""Delivering: each due delivery is tried by one worker at a time until it is taken or given up.

Who tries pushes the next try ahead first, so a worker that dies loses nothing: after the lease
another one tries again, under the same key. A receiver that fails rests, so that its silence
does not hold up what the others wait for.
"""

import secrets
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import orjson
from pymongo import ReturnDocument

from notices.delivery import Delivery, DeliveryState
from notices.handing_on import delivery_id_for, hand_on
from notices.notice import Notice
from notices.posting import Answer, post
from notices.signing import SIGNATURE_HEADER, signature_of
from notices.templates import template_of, words_of
from notices.webhook import Webhook
from notices.webhooks import secret_of
from shared.clock import real_now
from shared.database import collection
from shared.i18n import LANGUAGES
from shared.sweeping import sweep_each

# Longer than one try can take.
LEASE = timedelta(seconds=30)
# The waits between tries double from the first to the longest, each up to a fifth off either way,
# so that what failed together is not tried together.
FIRST_WAIT_S = 30
LONGEST_WAIT_S = 4 * 3_600
JITTER = 0.2
# A receiver that fails again and again is left alone for up to so long.
LONGEST_REST_S = 600
# One pass ends after so many, or so long: a job may take 120 seconds.
MOST_PER_PASS = 500
PASS_S = 60
GONE = 410
TRIAL = {
    "title": {"en": "A trial", "zh-CN": "测试推送"},
    "body": {"en": "This webhook works.", "zh-CN": "推送地址可用。"},
}


def hand_on_forgotten() -> int:
    """Make the deliveries of notices whose job was lost."""
    found = collection(Notice).find({"to_hand_on": True}, {"_id": 1}).limit(MOST_PER_PASS)
    return sweep_each([row["_id"] for row in found], hand_on)


def give_up_overdue() -> int:
    """Give up what could not be sent for a day, and what was on its way to a removed webhook."""
    removed = [one.id for one in Webhook.objects(removed_at__ne=None).only("id")]
    pending = {"state": DeliveryState.PENDING.value}
    late = pending | {"next_try_at": {"$lte": real_now()}, "give_up_at": {"$lte": real_now()}}
    given_up = {"$set": {"state": DeliveryState.FAILED.value}}
    gone = pending | {"webhook_id": {"$in": removed}}
    deliveries = collection(Delivery)
    return sum(deliveries.update_many(which, given_up).modified_count for which in (late, gone))


def deliver_due() -> int:
    """Try what is due, webhook by webhook, those that failed most coming last; how many went."""
    until = time.monotonic() + PASS_S
    webhooks = list(Webhook.objects(removed_at=None).order_by("failures"))
    return sum(sweep_each(_due_at(webhook.id, until), attempt) for webhook in webhooks)


def _due_at(webhook_id: str, until: float) -> Iterator[dict[str, Any]]:
    """Claim what is due at a webhook, one after the other, until it fails or time is up."""
    for _ in range(MOST_PER_PASS):
        if time.monotonic() > until or is_resting(webhook_id):
            return
        delivery = claim({"webhook_id": webhook_id})
        if delivery is None:
            return
        yield delivery


def deliver_notice(notice_id: str) -> None:
    """Try the deliveries of one notice, but to webhooks that rest."""
    for webhook in Webhook.objects(removed_at=None).order_by("failures"):
        if not is_resting(webhook.id):
            deliver_now(delivery_id_for(notice_id, webhook.id))


def deliver_now(delivery_id: str) -> bool:
    """Try one delivery if it is due and nobody else is at it; whether it was taken."""
    delivery = claim({"_id": delivery_id})
    return delivery is not None and attempt(delivery)


def is_resting(webhook_id: str) -> bool:
    """Whether the webhook failed so recently that nothing is tried."""
    return Webhook.objects(id=webhook_id, resting_until__gt=real_now()).count() > 0


def claim(which: dict[str, Any]) -> dict[str, Any] | None:
    """Take the longest due delivery like `which` for 30 seconds; None where none is due."""
    moment = real_now()
    due = {"state": DeliveryState.PENDING.value, "next_try_at": {"$lte": moment}}
    claimed: dict[str, Any] | None = collection(Delivery).find_one_and_update(
        which | due,
        {"$set": {"next_try_at": moment + LEASE}, "$inc": {"tries": 1}},
        sort=[("next_try_at", 1)],
        return_document=ReturnDocument.AFTER,
    )
    return claimed


def attempt(delivery: dict[str, Any]) -> bool:
    """Send a claimed delivery and note what came of it; whether it was taken."""
    webhook: Webhook | None = Webhook.objects(id=delivery["webhook_id"], removed_at=None).first()
    body = None if webhook is None else body_of(delivery)
    if webhook is None or body is None:
        settle(delivery, Answer(None, "nothing_to_send"), give_up=True)
        return False
    answer = send(webhook, delivery["_id"], body)
    settle(delivery, answer)
    _note_health(webhook, is_well=answer.is_taken)
    return answer.is_taken


def body_of(delivery: dict[str, Any]) -> bytes | None:
    """What is sent: whom a notice is for, and its words; None where it was forgotten."""
    if delivery["notice_id"] is None:
        return orjson.dumps({"id": delivery["_id"], "notice": "trial", "person_id": None, **TRIAL})
    notice: Notice | None = Notice.objects.with_id(delivery["notice_id"])
    if notice is None:
        return None
    said = {one: words_of(notice.name, notice.wording, notice.facts, one) for one in LANGUAGES}
    content = {
        "id": notice.id,
        "notice": notice.name,
        "person_id": notice.person_id,
        "title": {one: words["title"] for one, words in said.items()},
        "body": {one: words["body"] for one, words in said.items()},
        "urgent": template_of(notice.name, notice.wording).urgent,
        "created_at": notice.created_at,
    }
    return orjson.dumps(content, option=orjson.OPT_UTC_Z)


def send(webhook: Webhook, delivery_id: str, body: bytes) -> Answer:
    """Post the body, signed, under the delivery's id as its key."""
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Fuxun-Webhooks",
        "Idempotency-Key": delivery_id,
        SIGNATURE_HEADER: signature_of(secret_of(webhook), int(time.time()), body),
    }
    return post(webhook.url, body, headers)


def settle(delivery: dict[str, Any], answer: Answer, *, give_up: bool = False) -> None:
    """Note what a try met: sent for good, given up, or to be tried again later."""
    moment = real_now()
    met: dict[str, Any] = {"last_status": answer.status, "last_error": answer.error or None}
    mine: dict[str, Any] = {"_id": delivery["_id"], "state": DeliveryState.PENDING.value}
    if answer.is_taken:
        met |= {"state": DeliveryState.SENT.value, "sent_at": moment}
    else:
        # Whoever tried later knows better than one whose lease ran out.
        mine["tries"] = delivery["tries"]
        next_try_at = moment + timedelta(
            seconds=wait_s(delivery["tries"], secrets.randbelow(1_000) / 1_000)
        )
        met["next_try_at"] = next_try_at
        if give_up or answer.status == GONE or next_try_at > delivery["give_up_at"]:
            met["state"] = DeliveryState.FAILED.value
    collection(Delivery).update_one(mine, {"$set": met})


def wait_s(tries: int, chance: float) -> float:
    """Seconds from the failed try of this number (from 1) to the next; `chance` is in [0, 1)."""
    doubled = FIRST_WAIT_S * 2 ** min(tries - 1, 20)
    return min(doubled, LONGEST_WAIT_S) * (1 + JITTER * (2 * chance - 1))


def _note_health(webhook: Webhook, *, is_well: bool) -> None:
    if is_well:
        if webhook.failures:
            Webhook.objects(id=webhook.id).update_one(set__failures=0, unset__resting_until=1)
        return
    Webhook.objects(id=webhook.id).update_one(
        inc__failures=1, set__resting_until=rest_until(webhook.failures + 1, real_now())
    )


def rest_until(failures: int, moment: datetime) -> datetime:
    """Until when a webhook rests that failed so often without taking anything."""
    rest_s = min(FIRST_WAIT_S * 2 ** min(failures - 1, 10), LONGEST_REST_S)
    return moment + timedelta(seconds=rest_s)
