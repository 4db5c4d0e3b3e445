"""Sound requests at the counter: looks and scans, a point's devices, what they bring in."""

from typing import Any

from sound_world import Sound

from catalog import make_point_key
from catalog.scanning.qr_keys import qr_text_at
from catalog.voucher import Voucher
from people import own_phone_of, person_of
from shared.clock import now


def of_scans(world: Any) -> dict[str, Sound]:
    """Operation → a sound request; from here on the point is scanned at with `world.point_key`."""
    point, officer, ids = world.town.point, world.actors["officer"], world.ids
    used, lost = (
        make_point_key(point.id, label=f"平板 {number}", key=f"key-000{number}", by=officer)
        for number in "12"
    )
    world.point_key = used.secret
    ids["key_id"] = [lost.key.id]
    last4 = own_phone_of(person_of(world.actors["resident"].person_id))[-4:]
    shown = {"code": ids["code"][0], "phone_last4": last4, "point_id": point.id}
    text = qr_text_at(Voucher.objects.get(id=ids["voucher_id"][1]), point)
    line = {"code": text, "handed_over_at": now().isoformat(), "key": "line-0001"}
    at = {"point_id": point.id}
    return {
        "POST /voucher-looks": Sound("clerk", shown),
        "POST /voucher-scans": Sound("clerk", shown),
        "POST /points/{point_id}/offline-hand-overs": Sound("clerk", {"items": [line]}, at=at),
        "POST /points/{point_id}/keys": Sound("officer", {"label": "平板 3"}, at=at),
        "POST /point-keys/{key_id}/revocation": Sound("clerk", {"reason": "丢失"}),
    }
