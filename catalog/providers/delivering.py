"""Deliveries as they are written: opened with their order, claimed by one worker at a time."""

from datetime import timedelta
from typing import Any

from pymongo import ReturnDocument
from pymongo.client_session import ClientSession

from catalog.providers.delivery import OPEN, DeliveryState, TopUpDelivery, seal_place_of
from catalog.providers.provider import Provider
from catalog.reward import Reward
from shared.clock import real_now
from shared.database import collection
from shared.errors import NotFound, Refused
from shared.i18n import Text
from shared.sealing import seal

# Longer than one try, a question and a request, can take.
LEASE = timedelta(seconds=60)


class ProviderNotFound(NotFound):
    """Raised when there is no such provider."""

    message = Text("There is no such provider.", "未找到该供应商。")


class ProviderPaused(Refused):
    """Raised when the provider of a top-up takes no orders for now."""

    message = Text("This provider takes no orders for now.", "该供应商暂停受理。")


class NotProvidersPoint(Refused):
    """Raised when a top-up is ordered at a point that is not its provider's."""

    message = Text(
        "This provider is paid at another redemption point.", "该供应商不在此兑换点结算。"
    )


class PhoneNeeded(Refused):
    """Raised when nobody said which phone a top-up is for."""

    message = Text("Please say which phone this is for.", "请填写接收号码。")


def open_delivery(
    voucher_row: dict[str, Any], reward: Reward, recipient: str | None, session: ClientSession
) -> None:
    """Open the delivery of a top-up inside the transaction that issues its voucher.

    `recipient` is a phone in E.164. Raises ProviderNotFound, ProviderPaused, NotProvidersPoint,
    PhoneNeeded.
    """
    if not recipient:
        raise PhoneNeeded
    wanted = {"_id": reward.provider_id}
    provider = collection(Provider).find_one(wanted, session=session)
    if provider is None or not reward.product:
        raise ProviderNotFound
    if not provider["active"]:
        raise ProviderPaused
    if provider["point_id"] != voucher_row["point_id"]:
        raise NotProvidersPoint
    moment = real_now()
    collection(TopUpDelivery).insert_one(
        {
            "_id": voucher_row["_id"],
            "person_id": voucher_row["person_id"],
            "reward_id": reward.id,
            "provider_id": provider["_id"],
            "point_id": provider["point_id"],
            "product": reward.product,
            "recipient_sealed": seal(recipient, bound_to=seal_place_of(voucher_row["_id"])),
            "state": DeliveryState.WAITING.value,
            "made_at": moment,
            "next_try_at": moment,
            "tries": 0,
            "in_doubt": False,
        },
        session=session,
    )


def claim(which: dict[str, Any]) -> TopUpDelivery | None:
    """Take the longest due open delivery like `which` for one lease; None where none is due.

    Who dies with it loses nothing: after the lease another worker goes on.
    """
    moment = real_now()
    due = {"state": {"$in": [state.value for state in OPEN]}, "next_try_at": {"$lte": moment}}
    claimed: dict[str, Any] | None = collection(TopUpDelivery).find_one_and_update(
        which | due,
        {"$set": {"next_try_at": moment + LEASE}, "$inc": {"tries": 1}},
        sort=[("next_try_at", 1)],
        return_document=ReturnDocument.AFTER,
    )
    return None if claimed is None else TopUpDelivery._from_son(claimed)


def changed_by_holder(held: TopUpDelivery, change: dict[str, Any]) -> bool:
    """Change an open delivery that a worker holds; False where it ended or another holds it now."""
    mine = {
        "_id": held.id,
        "state": {"$in": [state.value for state in OPEN]},
        "tries": held.tries,
    }
    changed = collection(TopUpDelivery).update_one(mine, {"$set": change})
    return changed.matched_count == 1
