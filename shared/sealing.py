"""Sealed values: AES-256-GCM per field, a keyed hash to look them up by, keys that can rotate.

Keys lie in `KEYS_DIR`, one JSON file a purpose: `{"current": "k1", "keys": {"k1": base64}}`.
Outside production a missing file is made; production must bring its own. How keys rotate: Keyring.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import structlog
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from settings import settings
from shared.errors import Unavailable

PURPOSES = (
    "people",
    "look-up",
    "tokens",
    "vouchers",
    "voucher-qr",
    "seals",
    "certificates",
)
KEY_BYTES = 32
NONCE_BYTES = 12  # what NIST SP 800-38D asks of GCM

log = structlog.get_logger()


class MissingKeys(Exception):
    """Raised when a purpose's key file cannot be read as one, or, in production, is missing."""


class Keyring(NamedTuple):
    """The keys of one purpose by id; `current` names the one that seals and hashes.

    To rotate takes two steps, for a process reads its keys once. First add the new key to every
    host's file, `current` as it was, and restart every process; then name it current and restart
    them again. In one step, those still running would meet values of a key that they do not
    hold. The old key stays: old values open with it, and look-ups try every key.
    """

    current: str
    keys: dict[str, bytes]


@lru_cache(maxsize=16)
def keyring(purpose: str) -> Keyring:
    """The keys of `purpose`, one of PURPOSES. Raises MissingKeys."""
    path = Path(settings().keys_dir) / f"{purpose}.json"
    if not path.exists():
        if settings().production:
            raise MissingKeys(f"{path} is missing: production brings its own keys")
        _make_key_file(path)
    try:
        return _ring_in(path)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise MissingKeys(
            f"{path} is no key file: it needs `keys` of {KEY_BYTES} bytes in base64, one `current`"
        ) from error


def _ring_in(path: Path) -> Keyring:
    held = json.loads(path.read_text())
    keys = {name: base64.b64decode(key, validate=True) for name, key in held["keys"].items()}
    if held["current"] not in keys or any(len(key) != KEY_BYTES for key in keys.values()):
        raise ValueError("no such current key, or one of another length")
    return Keyring(held["current"], keys)


def load_keys() -> None:
    """Read the keys of every purpose, so that a process without them does not start.

    Raises MissingKeys, whose one sentence says which file and why.
    """
    for purpose in PURPOSES:
        keyring(purpose)


def _key_of(purpose: str, key_id: str) -> bytes:
    """The key of this id. Raises Unavailable: another process may hold it already, this one not."""
    key = keyring(purpose).keys.get(key_id)
    if key is None:
        log.error("unknown_key", purpose=purpose, key_id=key_id)
        raise Unavailable
    return key


def make_keys(folder: Path) -> list[str]:
    """Make the key file of each purpose that `folder` lacks; the names of those made."""
    missing = [folder / f"{purpose}.json" for purpose in PURPOSES]
    missing = [path for path in missing if not path.exists()]
    for path in missing:
        _make_key_file(path)
    return [path.name for path in missing]


def _make_key_file(path: Path) -> None:
    """Write a fresh key file at once or not at all; of two that race, the first one's stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = {"k1": base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}
    handle, draft = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "w") as file:
            json.dump({"current": "k1", "keys": fresh}, file)
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(draft)


def seal(value: str, *, bound_to: str) -> str:
    """`value` sealed as `key-id.base64`; it opens only with the same `bound_to` (say, a field)."""
    ring = keyring("people")
    nonce = secrets.token_bytes(NONCE_BYTES)
    box = AESGCM(ring.keys[ring.current]).encrypt(nonce, value.encode(), bound_to.encode())
    return f"{ring.current}.{base64.b64encode(nonce + box).decode()}"


def unseal(sealed: str, *, bound_to: str) -> str:
    """What `seal` was given.

    Raises cryptography's InvalidTag where anything was altered, and Unavailable where the key
    that sealed it is not held.
    """
    key_id, _, encoded = sealed.partition(".")
    key = _key_of("people", key_id)
    raw = base64.b64decode(encoded)
    return AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], bound_to.encode()).decode()


def keyed_hash(value: str, *, purpose: str = "look-up", key_id: str | None = None) -> str:
    """`key-id.hex` of HMAC-SHA-256 over `value`: equal values are found, none can be guessed.

    Raises Unavailable where no key of this id is held.
    """
    chosen = keyring(purpose).current if key_id is None else key_id
    digest = hmac.new(_key_of(purpose, chosen), value.encode(), hashlib.sha256).hexdigest()
    return f"{chosen}.{digest}"


def keyed_hashes(value: str, *, purpose: str = "look-up") -> list[str]:
    """The keyed hash under every key still held, for a look-up that outlives a rotation."""
    return [keyed_hash(value, purpose=purpose, key_id=key_id) for key_id in keyring(purpose).keys]
