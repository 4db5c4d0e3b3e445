"""A provider with a delivery that nobody knows the outcome of, and sound requests about them."""

from datetime import timedelta
from typing import Any

from sound_world import Sound

from catalog import (
    Discrepancy,
    RewardKind,
    TopUpDelivery,
    Voucher,
    order_reward,
    put_provider,
    reconcile,
)
from catalog.providers.discrepancies import note_discrepancy
from catalog.providers.discrepancy import DiscrepancyKind
from fixtures.factories import a_reward
from shared.clock import real_now
from shared.database import collection

HEADER = "key,status,reference,delivered_at,product\r\n"
NAME = {"en": "Sandbox", "zh": "沙盒"}
SECRET = "a secret of sound requests, 40 letters.."
DAY = "2026-01-02"


def with_provider(world: Any) -> None:
    """Add the provider, its data pack, a delivery in doubt for four days, and a report."""
    town, resident = world.town, world.actors["resident"]
    provider = put_provider(
        "sandbox",
        name=NAME,
        point_id=town.point.id,
        base_url="http://127.0.0.1:9",
        timeout_s=1,
        active=True,
        secret=SECRET,
        version=0,
        by=world.actors["admin"],
    )
    terms = {"kind": RewardKind.TOP_UP, "provider_id": provider.id, "product": "data-5gb"}
    pack = a_reward(at=town.district, point=town.point, stock=9, price=1, **terms)
    order = {"key": "order-top-up", "by": resident, "recipient_phone": "13800138000"}
    voucher_id = order_reward(pack.id, town.point.id, **order).id
    sent_at = real_now() - timedelta(days=4)
    collection(Voucher).update_one({"_id": voucher_id}, {"$set": {"state": "delivering"}})
    collection(TopUpDelivery).update_one(
        {"_id": voucher_id},
        {
            "$set": {
                "state": "sent",
                "sent_at": sent_at,
                "valid_until": sent_at + timedelta(hours=2),
                "in_doubt": True,
            }
        },
    )
    day = (real_now() - timedelta(days=3)).date()
    report = reconcile(provider.id, day, HEADER.encode(), by=world.actors["officer"])
    kind = DiscrepancyKind.UNKNOWN_KEY
    note_discrepancy(provider, "0" * 24, kind, source="file")
    world.ids |= {
        "discrepancy_id": [Discrepancy.objects.get().id],
        "provider_id": [provider.id],
        "delivery_id": [voucher_id],
        "report_id": [report.id],
    }


def of_providers(world: Any) -> dict[str, Sound]:
    """Operation → a sound request; a call-back is signed, so that here it is turned away."""
    terms = {
        "name": NAME,
        "point_id": world.town.point.id,
        "base_url": "https://top-ups.example.com/v1",
        "secret": "another secret of sound requests, longer",
        "timeout_s": 5,
        "active": True,
    }
    said = {"event": "e-1", "key": "0" * 24, "status": "delivered", "reference": "r-1"}
    line = f"{'0' * 24},delivered,r-1,{DAY}T01:02:03Z,data-5gb\r\n"
    evidence = {"outcome": "delivered", "reference": "letter-17"}
    return {
        "PUT /providers/{provider_id}": Sound("admin", terms),
        "POST /providers/{provider_id}/reconciliations": Sound(
            "officer", (HEADER + line).encode(), kind="text/csv", query=f"day={DAY}"
        ),
        "POST /providers/{provider_id}/discrepancies/{discrepancy_id}/closing": Sound(
            "officer", {"words": "a test order of theirs"}
        ),
        "POST /deliveries/{delivery_id}/settlement": Sound("officer", evidence),
        "POST /provider-callbacks/{provider_id}": Sound("resident", said),
    }
