"""The port over HTTP: signed requests to a provider's own address, as docs/providers.md says."""

import time
from datetime import date
from urllib.parse import urlsplit

from catalog.providers.port import (
    FileLine,
    FileUnavailable,
    Outcome,
    OutcomeKind,
    TopUpOrder,
)
from catalog.providers.provider import Provider
from catalog.providers.wire import (
    BadFile,
    lines_in,
    order_body,
    outcome_in,
    request_signature,
)
from notices import SIGNATURE_HEADER, Reply, exchange
from shared.sealing import unseal

MOST_ANSWER_BYTES = 65_536
MOST_FILE_BYTES = 10_000_000


class HttpProvider:
    """One provider, reached over HTTP; a request is sent once, and nothing is raised for it."""

    def __init__(self, provider: Provider) -> None:
        self._base = provider.base_url.rstrip("/")
        self._secret = unseal(provider.secret_sealed, bound_to=provider.seal_place)
        self._timeout_s = provider.timeout_s

    def deliver(self, order: TopUpOrder) -> Outcome:
        """POST /deliveries under the order's key."""
        reply = self._said("POST", "/deliveries", order_body(order), key=order.key)
        return _outcome(reply, order.key, asked=False)

    def ask(self, key: str) -> Outcome:
        """GET /deliveries/{key}."""
        return _outcome(self._said("GET", f"/deliveries/{key}"), key, asked=True)

    def reconciliation(self, day: date) -> list[FileLine]:
        """GET /reconciliations/{day}. Raises FileUnavailable."""
        path = f"/reconciliations/{day.isoformat()}"
        reply = self._said("GET", path, most_bytes=MOST_FILE_BYTES)
        if reply.status != 200:
            raise FileUnavailable(reply.error or f"http_{reply.status}")
        try:
            return lines_in(reply.body.decode())
        except (BadFile, UnicodeDecodeError) as error:
            raise FileUnavailable("unreadable") from error

    def _said(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        key: str = "",
        most_bytes: int = MOST_ANSWER_BYTES,
    ) -> Reply:
        url = self._base + path
        signed_path = urlsplit(url).path
        headers = {
            "User-Agent": "Fuxun-Providers",
            "Accept-Encoding": "identity",
            SIGNATURE_HEADER: request_signature(
                self._secret, int(time.time()), method, signed_path, body
            ),
        }
        if body:
            headers["Content-Type"] = "application/json"
        if key:
            headers["Idempotency-Key"] = key
        return exchange(
            method, url, headers, body, timeout_s=self._timeout_s, most_bytes=most_bytes
        )


def _outcome(reply: Reply, key: str, *, asked: bool) -> Outcome:
    if not reply.may_have_arrived:
        return Outcome(OutcomeKind.NOT_SENT, reason=reply.error)
    if reply.status is None:
        return Outcome(OutcomeKind.UNKNOWN, reason=reply.error)
    return outcome_in(reply.status, reply.body, key, asked=asked)
