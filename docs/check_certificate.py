"""Check a certificate of service without believing the server that shows it.

    python check_certificate.py certificate.json keys.json [--name "林晓" --name-key P2M-8RT-…]

Prints what was certified and OK, or what is wrong; exit code 0, 1, or 2 where a file cannot be
read. Whether the work still stands today is the server's to say. Needs `cryptography`.
"""

import argparse
import hashlib
import json
import sys
import unicodedata
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

DOCUMENT = "fuxun service certificate 1"


class Wrong(Exception):
    """Raised when something does not hold."""


def signed_bytes(facts: dict[str, Any]) -> bytes:
    """The bytes that are signed: JSON, names in order, no spaces, ASCII."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()


def key_id_of(public_key: bytes) -> str:
    """The short name of a public key, so that no other key can be shown under it."""
    return hashlib.sha256(b"fuxun certificate key\x00" + public_key).hexdigest()[:16]


def check_signature(certificate: dict[str, Any], keys: dict[str, Any]) -> dict[str, Any]:
    """The facts, signed by one of the keys."""
    facts = certificate.get("facts")
    if not facts:
        raise Wrong("there are no facts: the certificate was taken back, or is not proven")
    held = [bytes.fromhex(key["public_key"]) for key in keys["keys"]]
    known = {key_id_of(key): key for key in held}
    if facts["key_id"] not in known:
        raise Wrong(f"it names the key {facts['key_id']}, which is not among the keys")
    key = Ed25519PublicKey.from_public_bytes(known[facts["key_id"]])
    try:
        key.verify(bytes.fromhex(certificate["signature"]), signed_bytes(facts))
    except InvalidSignature as error:
        raise Wrong("the signature is not over these facts") from error
    if facts["document"] != DOCUMENT:
        raise Wrong("what is signed is no certificate of service")
    return facts


def check_name(facts: dict[str, Any], name: str, name_key: str) -> None:
    """Check that the whole name is the one that was certified."""
    letters = name_key.replace("-", "").replace(" ", "").upper()
    said = f"{letters}:{unicodedata.normalize('NFC', name)}"
    if hashlib.sha256(said.encode()).hexdigest() != facts["name_hash"]:
        raise Wrong("this name, with this name key, is not the one that was certified")


def main(given: list[str]) -> int:
    """Check the files and say what was found; the exit code."""
    parser = argparse.ArgumentParser(description="Check a certificate of service.")
    parser.add_argument("certificate")
    parser.add_argument("keys")
    parser.add_argument("--name")
    parser.add_argument("--name-key", default="")
    said = parser.parse_args(given)
    try:
        files = (said.certificate, said.keys)
        certificate, keys = (json.loads(Path(path).read_text("utf-8")) for path in files)
        facts = check_signature(certificate, keys)
        if said.name is not None:
            check_name(facts, said.name, said.name_key)
    except Wrong as wrong:
        print(f"WRONG: {wrong}")
        return 1
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        print(f"cannot be read: {type(error).__name__}: {error}\n{__doc__}", file=sys.stderr)
        return 2
    print(json.dumps(facts, indent=2, ensure_ascii=False))
    print(f"OK: {facts['number']} is signed by the key {facts['key_id']}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
