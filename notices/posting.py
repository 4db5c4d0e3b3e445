"""One POST to a stranger's server: no redirects, no proxies, ten seconds in all.

A name is looked up once and the connection goes to the very address that was checked, so that a
name which answers differently the second time leads nowhere else.
"""

import contextlib
import socket
import threading
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError
from urllib3.util.connection import create_connection

from notices.webhook_addresses import PrivateAddress, addresses_of
from settings import settings

# Connecting, then each wait for the answer, then everything together.
TIMEOUT_S = (3, 5)
WHOLE_S = 10.0


@dataclass(frozen=True)
class Answer:
    """What a receiver said: its HTTP status, or a word for why there was none."""

    status: int | None
    error: str = ""

    @property
    def is_taken(self) -> bool:
        """Whether the receiver took it."""
        return self.status is not None and 200 <= self.status < 300


def post(url: str, body: bytes, headers: dict[str, str]) -> Answer:
    """Post the body once and read nothing but the status of the answer. Never raises for it."""
    with requests.Session() as session:
        session.trust_env = False
        session.mount("https://", CheckedAdapter())
        session.mount("http://", CheckedAdapter())
        try:
            answer = session.post(
                url,
                data=body,
                headers=headers,
                timeout=TIMEOUT_S,
                allow_redirects=False,
                stream=True,  # a body of any size is of no interest
            )
        except (requests.RequestException, PrivateAddress, OSError) as error:
            return Answer(None, _word_for(error))
        answer.close()
        return Answer(answer.status_code)


def _word_for(error: Exception) -> str:
    if isinstance(error, PrivateAddress):
        return "private_address"
    if isinstance(error, requests.exceptions.SSLError):
        return "certificate"
    if isinstance(error, requests.Timeout):
        return "timeout"
    return "no_answer"


class _Checked:
    """A connection to a checked address, that is cut when its ten seconds are over."""

    _cutter: threading.Timer | None = None
    _end: socket.socket | None = None
    _was_cut = False

    def _new_conn(self: Any) -> socket.socket:
        try:
            found = addresses_of(self.host, self.port, public_only=settings().production)
            made = _connected(found, self.port, self.timeout)
        except OSError as error:
            raise NewConnectionError(self, type(error).__name__) from error
        # A second end of the same socket: TLS takes over the first.
        self._end = made.dup()
        self._cutter = threading.Timer(WHOLE_S, self._cut, [self._end])
        self._cutter.daemon = True
        self._cutter.start()
        return made

    def _cut(self, end: socket.socket) -> None:
        """Wake whoever waits on the socket: a server that drips holds nobody for long."""
        self._was_cut = True
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)

    def getresponse(self: Any) -> Any:
        """The answer. Raises TimeoutError where it was cut, for half of one may look whole."""
        answer = super().getresponse()  # type: ignore[misc]
        if self._was_cut:
            raise TimeoutError
        return answer

    def close(self: Any) -> None:
        """End the connection and its clock."""
        if self._cutter is not None:
            self._cutter.cancel()
            self._end.close()
            self._cutter = self._end = None
        super().close()  # type: ignore[misc]


def _connected(addresses: list[str], port: int, timeout_s: float) -> socket.socket:
    """The first of a few addresses that answers. Raises OSError."""
    failed: OSError = OSError("no address")
    for address in addresses[:2]:
        try:
            return create_connection((address, port), timeout_s)
        except OSError as error:
            failed = error
    raise failed


class _PlainConnection(_Checked, HTTPConnection):
    pass


class _SecureConnection(_Checked, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class CheckedAdapter(HTTPAdapter):
    """requests' own adapter, with connections of ours."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """As requests does, then with our pools."""
        super().init_poolmanager(*args, **kwargs)
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}
