"""One signed exchange with another's server: as `posting`, but its answer is read, up to a limit.

What matters most to who asks is whether a request may have arrived: only then is there a doubt.
"""

import ssl
from dataclasses import dataclass

import requests
from urllib3.exceptions import NewConnectionError

from notices.posting import CheckedAdapter
from notices.webhook_addresses import PrivateAddress

CONNECT_S = 3
PIECE_BYTES = 16_384


@dataclass(frozen=True)
class Reply:
    """What the other side said: status and body, or a word for why there was nothing to read.

    `may_have_arrived` is False only where no connection was ever made.
    """

    status: int | None
    body: bytes = b""
    error: str = ""
    may_have_arrived: bool = True


def exchange(
    method: str,
    url: str,
    headers: dict[str, str],
    body: bytes = b"",
    *,
    timeout_s: float,
    most_bytes: int,
) -> Reply:
    """Send one request and read the answer; ten seconds in all, no redirects, nothing raised.

    `timeout_s` is for each wait on the other side; an answer beyond `most_bytes` is none.
    """
    with requests.Session() as session:
        session.trust_env = False
        session.mount("https://", CheckedAdapter())
        session.mount("http://", CheckedAdapter())
        try:
            answer = session.request(
                method,
                url,
                data=body or None,
                headers=headers,
                timeout=(min(CONNECT_S, timeout_s), timeout_s),
                allow_redirects=False,
                stream=True,
            )
            with answer:
                return _read(answer, most_bytes)
        except (requests.RequestException, PrivateAddress, OSError) as error:
            return _no_answer(error)


def _read(answer: requests.Response, most_bytes: int) -> Reply:
    read = bytearray()
    for piece in answer.iter_content(PIECE_BYTES):
        read += piece
        if len(read) > most_bytes:
            return Reply(None, error="too_long")
    return Reply(answer.status_code, bytes(read))


def _no_answer(error: Exception) -> Reply:
    if isinstance(error, PrivateAddress):
        return Reply(None, error="private_address", may_have_arrived=False)
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return Reply(None, error="no_connection", may_have_arrived=False)
    cause = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(cause, NewConnectionError):
        return Reply(None, error="no_connection", may_have_arrived=False)
    if isinstance(error, requests.exceptions.SSLError):
        # The handshake comes before the request; anything later in TLS may have carried it.
        refused = any(isinstance(one, ssl.SSLCertVerificationError) for one in _causes(cause))
        return Reply(None, error="certificate", may_have_arrived=not refused)
    if isinstance(error, requests.Timeout):
        return Reply(None, error="timeout")
    return Reply(None, error="no_answer")


def _causes(error: object) -> list[object]:
    """The error and what it was raised for, as deep as that goes."""
    found: list[object] = []
    while error is not None and error not in found:
        found.append(error)
        inner = error.args[0] if isinstance(error, Exception) and error.args else None
        error = inner if isinstance(inner, Exception) else None
    return found
