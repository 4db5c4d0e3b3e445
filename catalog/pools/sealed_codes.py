"""A pool code's secret: sealed to its own document, found again by a keyed hash."""

from catalog.pools.pool_code import PoolCode
from shared.sealing import keyed_hash, keyed_hashes, seal, unseal


def sealed_code(code_id: str, code: str) -> str:
    """The code as its document `code_id` keeps it; it opens in no other one."""
    return seal(code, bound_to=_place(code_id))


def opened(pool_code: PoolCode) -> str:
    """The code itself: for the eyes of its voucher's holder alone."""
    return unseal(pool_code.sealed, bound_to=_place(pool_code.id))


def code_hash(code: str) -> str:
    """What a new code is found by."""
    return keyed_hash(_hashed(code))


def code_hashes(code: str) -> list[str]:
    """What a code may be stored under, one for each key still held."""
    return keyed_hashes(_hashed(code))


def _place(code_id: str) -> str:
    return f"pool_code:{code_id}"


def _hashed(code: str) -> str:
    return f"pool_code:{code}"
