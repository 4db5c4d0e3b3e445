"""Steps of the deliveries' tests: time that passes, tries, and how a delivery must have ended."""

import time
from datetime import timedelta

from catalog import Voucher
from catalog.providers.attempting import deliver
from catalog.providers.delivery import DeliveryState, TopUpDelivery
from catalog.providers.provider import Provider
from ledger import balance_of, merchant
from shared.clock import real_now
from shared.database import collection


def change(voucher_id: str, **fields) -> None:
    """Write into a delivery, as time would have."""
    collection(TopUpDelivery).update_one({"_id": voucher_id}, {"$set": fields})


def try_again(voucher_id: str) -> bool:
    """Let the waits be over, and try."""
    change(voucher_id, next_try_at=real_now() - timedelta(seconds=1))
    collection(Provider).update_many({}, {"$unset": {"resting_until": 1}})
    return deliver(voucher_id)


def time_is_over(voucher_id: str) -> None:
    """Let what was signed be invalid for long."""
    change(voucher_id, valid_until=real_now() - timedelta(hours=1))


def until_ended(voucher_id: str, tries: int = 12) -> TopUpDelivery:
    """Try until it ended, letting the provider's call-backs in as well."""
    for _ in range(tries):
        found = TopUpDelivery.objects.get(id=voucher_id)
        if found.ended_at:
            return found
        try_again(voucher_id)
        time.sleep(0.05)  # a call-back may be on its way: the loop, not the wait, decides
    raise AssertionError(f"still {found.state} after {tries} tries: {found.last_reason}")


def assert_delivered_once(sandbox, voucher_id: str) -> None:
    """One real delivery, the point paid for it, nothing left aside."""
    found = Voucher.objects.get(id=voucher_id)
    assert sandbox.counts(voucher_id)["deliveries"] == 1
    assert found.state.value == "redeemed"
    assert found.settled_entry_id
    assert balance_of(merchant(found.point_id)) == found.price
    assert TopUpDelivery.objects.get(id=voucher_id).state == DeliveryState.DELIVERED


def assert_refunded_once(sandbox, voucher_id: str, *, deliveries: int = 0) -> None:
    """No delivery, the coins back, nobody paid."""
    found = Voucher.objects.get(id=voucher_id)
    assert sandbox.counts(voucher_id)["deliveries"] == deliveries
    assert found.state.value == "cancelled"
    assert balance_of(merchant(found.point_id)) == 0
    assert TopUpDelivery.objects.get(id=voucher_id).state == DeliveryState.REFUNDED
