"""Check, without trusting the server, that an entry stands in the sealed ledger: docs/seals.md.

    python check_inclusion.py proof.json head.json keys.json

Exit code 0: it does; 1: something is wrong; 2: the files cannot be read. Needs `cryptography`.
"""

import hashlib
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HEADER = ("number", "sealed_at", "posted_through", "count", "total", "root", "previous")
SIGNED = ("number", "total", "sealed_at", "seal_hash", "root", "key_id")


class Wrong(Exception):
    """Raised when something does not hold."""


def canonical(facts: dict[str, Any], names: tuple[str, ...]) -> bytes:
    """The bytes over which a header is hashed and a head is signed."""
    chosen = {name: facts[name] for name in names}
    return json.dumps(chosen, sort_keys=True, separators=(",", ":")).encode()


def leaf_hash(data: bytes) -> bytes:
    """RFC 6962: the hash of a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def root_from(leaf: bytes, index: int, size: int, path: list[str]) -> str:
    """RFC 9162 section 2.1.3.2: the root to which the path leads from the leaf."""
    if type(index) is not int or type(size) is not int or not 0 <= index < size:
        raise Wrong(f"there is no place {index} among {size}")
    last = size - 1
    for step in path:
        beside = bytes.fromhex(step)
        if last == 0 or len(beside) != 32:
            raise Wrong("a path does not fit its place")
        if index % 2 or index == last:
            leaf = hashlib.sha256(b"\x01" + beside + leaf).digest()
            while index and not index % 2:
                index, last = index // 2, last // 2
        else:
            leaf = hashlib.sha256(b"\x01" + leaf + beside).digest()
        index, last = index // 2, last // 2
    if last:
        raise Wrong("a path does not fit its place")
    return leaf.hex()


def check_signature(head: dict[str, Any], keys: dict[str, Any]) -> None:
    """Check that the head was signed by one of the keys."""
    known = {key["key_id"]: key["public_key"] for key in keys["keys"]}
    if head["key_id"] not in known:
        raise Wrong(f"the head is signed by the key {head['key_id']}, which is not among the keys")
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(known[head["key_id"]]))
    try:
        key.verify(bytes.fromhex(head["signature"]), canonical(head, SIGNED))
    except InvalidSignature as error:
        raise Wrong("the signature is not this head's") from error


def check(proof: dict[str, Any], head: dict[str, Any], keys: dict[str, Any]) -> None:
    """Check the way from the entry to the signed head, whose root is what everything rests on."""
    check_signature(head, keys)
    claimed, seal = proof["head"], proof["seal"]
    if claimed["number"] != head["number"]:
        leads_to, number = claimed["number"], head["number"]
        raise Wrong(f"the proof is for head {leads_to}: ask for one with ?head={number}")
    if any(claimed[name] != head[name] for name in (*SIGNED, "signature")):
        raise Wrong("the head in the proof is not the head given")
    root = root_from(
        leaf_hash(proof["entry"].encode()), proof["index"], seal["count"], proof["path"]
    )
    if root != seal["root"]:
        raise Wrong("the entry is not in its seal as it stands here")
    seal_hash = leaf_hash(canonical(seal, HEADER))
    if root_from(seal_hash, seal["number"] - 1, head["number"], proof["seal_path"]) != head["root"]:
        raise Wrong("the seal is not among those of the signed head as it stands here")


def plain(value: dict[str, Any]) -> Any:
    """A value of canonical MongoDB Extended JSON as people read it."""
    name, inner = next(iter(value.items()), ("", None))
    if name in ("$numberInt", "$numberLong"):
        return int(inner)
    if name == "$date":
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=inner)
        return moment.isoformat(timespec="milliseconds")
    return value


def main(paths: list[str]) -> int:
    """Check the three files and say what was found; the exit code."""
    try:
        proof, head, keys = (json.loads(Path(path).read_text("utf-8")) for path in paths)
        check(proof, head, keys)
        content = json.loads(proof["entry"], object_hook=plain)
    except Wrong as wrong:
        print(f"WRONG: {wrong}")
        return 1
    except (OSError, ValueError, LookupError, TypeError, AttributeError, OverflowError) as error:
        print(f"cannot be read: {type(error).__name__}: {error}\n{__doc__}", file=sys.stderr)
        return 2
    print(json.dumps(content, indent=2, ensure_ascii=False))
    print(f"OK: sealed as {proof['seal']['number']} under head {head['number']}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
