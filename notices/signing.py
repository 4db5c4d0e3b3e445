"""The signature of what is sent to webhooks: HMAC-SHA-256 over `timestamp.body`. Pure."""

import hashlib
import hmac

SIGNATURE_HEADER = "Fuxun-Signature"


def signature_of(secret: str, timestamp_s: int, body: bytes) -> str:
    """The header's value, `t=…,v1=…`: seconds since 1970, and the digest in hex."""
    signed = f"{timestamp_s}.".encode() + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={timestamp_s},v1={digest}"
