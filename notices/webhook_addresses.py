"""Where webhooks may point: https, and in production never into our own networks."""

import ipaddress
import socket
from urllib.parse import urlsplit

from shared.errors import Invalid
from shared.i18n import Text

MAX_URL = 500
LOOPBACK_NAMES = ("127.0.0.1", "localhost")
# Ways to write an IPv4 address as an IPv6 one that a gateway turns back (RFC 6052, 8215).
TRANSLATED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))


class BadWebhookUrl(Invalid):
    """Raised when a webhook's address is not one that notices may be sent to."""

    message = Text(
        "Please give an https address of a public host, without a name or password in it.",
        "请提供公网主机的 https 地址，且地址中不得包含用户名或密码。",
    )


class PrivateAddress(Exception):
    """Raised when a host's name leads to an address inside our own networks."""


def check_url(url: str, *, production: bool, demo: bool) -> None:
    """Raises BadWebhookUrl for an address that notices may not be sent to.

    Plain http is for a demo's own machine alone. Names are looked up at each sending.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise BadWebhookUrl("url") from None
    readable = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    if not readable or len(url) > MAX_URL or not host or port == 0:
        raise BadWebhookUrl("url")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise BadWebhookUrl("url")
    at_home = demo and parts.scheme == "http" and host in LOOPBACK_NAMES
    if parts.scheme != "https" and not at_home:
        raise BadWebhookUrl("url")
    if production and not _may_be_public(host):
        raise BadWebhookUrl("url")


def _may_be_public(host: str) -> bool:
    """Whether a host is a public address, or a name with a dot that may lead to one."""
    try:
        return is_public(host)
    except ValueError:
        return "." in host.strip(".") and not host.rstrip(".").endswith((".local", ".internal"))


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet, however it is written.

    Raises ValueError for what is no address.
    """
    seen = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(seen, ipaddress.IPv6Address):
        if seen.ipv4_mapped is not None:
            seen = seen.ipv4_mapped
        elif seen.sixtofour or seen.teredo or any(seen in net for net in TRANSLATED):
            return False
    return seen.is_global and not seen.is_multicast and not seen.is_reserved


def addresses_of(host: str, port: int, *, public_only: bool) -> list[str]:
    """The IP addresses behind a host, those to be tried first ahead.

    Raises OSError where it has none, PrivateAddress where one of them is not public and must be.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    if public_only and not all(is_public(one) for one in addresses):
        raise PrivateAddress
    return addresses
