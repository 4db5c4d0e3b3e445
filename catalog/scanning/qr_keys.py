"""The keys that sign the QR codes of vouchers: their private half here, the public one for all."""

from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from catalog.scanning.shown_codes import (
    STEP_S,
    STEPS_EITHER_SIDE,
    ShownCode,
    key_id_of,
    signed_text,
    step_of,
    town_of,
)
from catalog.voucher import Voucher
from people import Unit, root_unit_id
from shared.clock import now
from shared.signing_keys import current_signing_key, signing_keys

PURPOSE = "voucher-qr"


class VoucherKey(NamedTuple):
    """A public key by which QR codes are checked: 32 raw bytes of Ed25519, in hex."""

    id: str
    public_key: str


class VoucherKeys(NamedTuple):
    """What a point without network needs to check a QR; all of it is public."""

    town: str
    keys: list[VoucherKey]
    step_s: int
    steps_either_side: int


def qr_text_at(voucher: Voucher, point: Unit, step: int | None = None) -> str:
    """The voucher's signed QR text for one step (the present one), `point` being where it is for.

    Asks no database. Whoever shows it to anybody but the voucher's holder gives it away.
    """
    key = current_signing_key(PURPOSE)
    shown = ShownCode(
        key_id=key_id_of(key.public),
        town=town_of(point.lineage[0]),
        voucher_id=voucher.id,
        point_id=voucher.point_id,
        code_turn=voucher.code_turn or 0,
        expires_at_s=int(voucher.expires_at.timestamp()),
        step=step_of(now()) if step is None else step,
    )
    return signed_text(shown, key.private)


def verifiers() -> dict[str, Ed25519PublicKey]:
    """The public halves of every key still held, by their ids."""
    held = signing_keys(PURPOSE).values()
    return {key_id_of(key.public): key.private.public_key() for key in held}


def voucher_keys() -> VoucherKeys:
    """The public keys with the town's short name and how long a QR is fresh, for offline points.

    The town is empty where nothing was founded yet.
    """
    root_id = root_unit_id()
    keys = [VoucherKey(key_id, key.public_bytes_raw().hex()) for key_id, key in verifiers().items()]
    return VoucherKeys(town_of(root_id) if root_id else "", keys, STEP_S, STEPS_EITHER_SIDE)
