"""What is signed and published of the seals: the header of each, the head over all, the keys.

A head names every seal up to its own, and so every entry in them: who kept one can tell whether
anything before it was changed since.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ledger.seals.merkle import leaf_hash
from ledger.seals.seal import Seal
from shared import signing_keys
from shared.canonical import moment_text, plain_text
from shared.database import collection
from shared.errors import NotFound
from shared.i18n import Text

PURPOSE = "seals"
# Ids and leaves are most of a seal, and no header needs them.
WITHOUT_ENTRIES = {"entry_ids": 0, "leaves": 0}


class SealNotFound(NotFound):
    """Raised when no seal of this number was made, or none at all yet."""

    message = Text("There is no such seal yet.", "该封存尚不存在。")


@dataclass(frozen=True)
class SealHeader:
    """What a seal's hash is over; hashes are 64 hex digits, moments RFC 3339 in UTC."""

    number: int
    sealed_at: str
    posted_through: str
    count: int
    total: int
    root: str
    previous: str


@dataclass(frozen=True)
class Head:
    """The newest of `number` seals, with `total` entries in all, signed by the key `key_id`.

    `root` is over the hashes of all seals (RFC 6962), `seal_hash` that of the newest; `signature`
    (Ed25519, hex) is over the canonical text of the other fields.
    """

    number: int
    total: int
    sealed_at: str
    seal_hash: str
    root: str
    key_id: str
    signature: str


@dataclass(frozen=True)
class PublicKey:
    """A public key by which heads are checked, 64 hex digits."""

    key_id: str
    public_key: str
    algorithm: str = "Ed25519"


def header_of(seal: Mapping[str, Any]) -> SealHeader:
    """The header of a stored seal."""
    return SealHeader(
        number=seal["_id"],
        sealed_at=moment_text(seal["sealed_at"]),
        posted_through=moment_text(seal["posted_through"]),
        count=seal["count"],
        total=seal["total"],
        root=seal["root"],
        previous=seal["previous"],
    )


def hash_of_header(header: SealHeader) -> bytes:
    """The hash of a seal. It is a leaf of the tree over all seals, hence a leaf's hash."""
    return leaf_hash(plain_text(asdict(header)).encode())


def head_of(seal: Mapping[str, Any]) -> Head:
    """The head that was published with a stored seal."""
    return Head(
        number=seal["_id"],
        total=seal["total"],
        sealed_at=moment_text(seal["sealed_at"]),
        seal_hash=seal["seal_hash"],
        root=seal["log_root"],
        key_id=seal["key_id"],
        signature=seal["signature"],
    )


def published_head(number: int | None = None) -> Head:
    """The newest signed head, or the one published with seal `number`. Raises SealNotFound."""
    chosen = {} if number is None else {"_id": number}
    for seal in collection(Seal).find(chosen, WITHOUT_ENTRIES).sort("_id", -1).limit(1):
        return head_of(seal)
    raise SealNotFound


def public_keys() -> list[PublicKey]:
    """The public half of every key still held, for heads that were signed before a rotation."""
    held = signing_keys.signing_keys(PURPOSE)
    return [PublicKey(key_id, key.public.hex()) for key_id, key in held.items()]


def signature_over(seal: Mapping[str, Any]) -> str:
    """The signature, in hex, of the head of a seal that names a key still held."""
    key = signing_keys.signing_keys(PURPOSE)[seal["key_id"]]
    return key.sign(_signed_text(head_of({**seal, "signature": ""})))


def is_signed(head: Head) -> bool | None:
    """Whether the signature is the head's; None where its key is not held here."""
    key = signing_keys.signing_keys(PURPOSE).get(head.key_id)
    if key is None:
        return None
    return signing_keys.is_signed(_signed_text(head), head.signature, key.public)


def _signed_text(head: Head) -> bytes:
    facts = asdict(head)
    del facts["signature"]
    return plain_text(facts).encode()
