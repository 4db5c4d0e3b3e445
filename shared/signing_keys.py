"""Ed25519 keys (RFC 8032) out of a purpose's key file: each of its keys is the seed of one."""

from functools import lru_cache
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.sealing import keyring


class SigningKey(NamedTuple):
    """A key that signs; `public` is the 32 raw bytes of its public half."""

    private: Ed25519PrivateKey
    public: bytes

    def sign(self, data: bytes) -> str:
        """The signature over `data`, 128 hex digits."""
        return self.private.sign(data).hex()


def current_signing_key(purpose: str) -> SigningKey:
    """The key of `purpose` that signs now. Raises MissingKeys."""
    ring = keyring(purpose)
    return _from_seed(ring.keys[ring.current])


def signing_keys(purpose: str) -> dict[str, SigningKey]:
    """Every key of `purpose` still held, by its name in the key file. Raises MissingKeys."""
    return {name: _from_seed(seed) for name, seed in keyring(purpose).keys.items()}


@lru_cache(maxsize=64)
def _from_seed(seed: bytes) -> SigningKey:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    return SigningKey(key, key.public_key().public_bytes_raw())


def is_signed(data: bytes, signature: str, public: bytes) -> bool:
    """Whether `signature` (hex) over `data` was made by the key with this public half."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(bytes.fromhex(signature), data)
    except (InvalidSignature, ValueError):
        return False
    return True
