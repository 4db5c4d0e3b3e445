"""A voucher's code follows from its id and a key; only a keyed hash of it is stored.

The hash names its key (`k1.…`), so a code is derived again from the same key after a rotation.
"""

from catalog.voucher import Voucher
from shared.codes import SECRET_BYTES, code_from
from shared.sealing import keyed_hash, keyed_hashes, keyring

PURPOSE = "vouchers"


def new_code_hash(voucher_id: str, turn: int = 0) -> str:
    """What a voucher stores to be found by its code: `key-id.hex`.

    `turn` is how often it changed hands: each turn has a code that says nothing of the others.
    """
    key_id = keyring(PURPOSE).current
    return keyed_hash(_hashed(_derived(voucher_id, key_id, turn)), purpose=PURPOSE, key_id=key_id)


def code_of(voucher: Voucher) -> str:
    """The voucher's bare code, 18 letters, derived again; show it only to its owner."""
    return _derived(voucher.id, voucher.code_hash.partition(".")[0], voucher.code_turn or 0)


def hashes_of(code: str) -> list[str]:
    """What a voucher with this bare code may have stored, one under each key still held."""
    return keyed_hashes(_hashed(code), purpose=PURPOSE)


def _derived(voucher_id: str, key_id: str, turn: int) -> str:
    # Turn 0 is not named: codes on paper that are older than turns stay good.
    said = f"code:{voucher_id}" if turn == 0 else f"code:{voucher_id}:{turn}"
    digest = keyed_hash(said, purpose=PURPOSE, key_id=key_id).partition(".")[2]
    return code_from(bytes.fromhex(digest)[:SECRET_BYTES])


def _hashed(code: str) -> str:
    # Apart from "code:", so that no stored hash can ever be read as a derived code.
    return f"stored:{code}"
