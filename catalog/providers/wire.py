"""The providers' wire, both ways: what is signed and how, and how answers are read. Pure.

docs/providers.md is the same for people: what stands there is what is read here.
"""

import csv
import hashlib
import hmac
import json
import re
from datetime import datetime
from io import StringIO
from typing import Any

from catalog.providers.port import FileLine, Outcome, OutcomeKind, TopUpOrder

TOLERANCE_S = 300
FILE_COLUMNS = ("key", "status", "reference", "delivered_at", "product")
MOST_LINES = 100_000
LONGEST_WORD = 80
_WORD = re.compile(r"[\x21-\x7e]{1,80}")
_SIGNATURE = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")
_SAID = {kind.value: kind for kind in OutcomeKind}
_ANSWERS = (OutcomeKind.DELIVERED, OutcomeKind.REFUSED, OutcomeKind.PENDING)


class BadFile(ValueError):
    """Raised when a reconciliation file cannot be read; its text is a word of why."""


def request_signature(secret: str, timestamp_s: int, method: str, path: str, body: bytes) -> str:
    """The signature header of one request, `t=…,v1=…`; `path` includes a query, if any.

    HMAC-SHA-256 (RFC 2104) in hex over `timestamp.METHOD.path.` and the body's bytes.
    """
    signed = f"{timestamp_s}.{method}.{path}.".encode() + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={timestamp_s},v1={digest}"


def is_signed(
    header: str, secrets: list[str], *, at_s: int, method: str, path: str, body: bytes
) -> bool:
    """Whether the header signs this request with one of the secrets, no more than 300 s ago."""
    found = _SIGNATURE.fullmatch(header)
    if found is None or abs(at_s - int(found[1])) > TOLERANCE_S:
        return False
    # Every secret is tried, so that the time taken does not say which one fitted.
    fits = [
        hmac.compare_digest(request_signature(one, int(found[1]), method, path, body), header)
        for one in secrets
    ]
    return any(fits)


def order_body(order: TopUpOrder) -> bytes:
    """The JSON that asks for a delivery."""
    content = {
        "key": order.key,
        "product": order.product,
        "recipient": order.recipient,
        "valid_until": in_utc(order.valid_until),
    }
    return json.dumps(content, separators=(",", ":")).encode()


def in_utc(moment: datetime) -> str:
    """A moment in UTC as RFC 3339 has it, whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def outcome_in(status: int | None, body: bytes, key: str, *, asked: bool) -> Outcome:
    """What an HTTP answer says of the delivery with this key: UNKNOWN for whatever is unclear.

    A 404 counts as NOT_FOUND only where it was `asked` and says so itself: a gateway says 404 too.
    """
    said = _object_in(body)
    word = said.get("status")
    kind = _SAID.get(word) if isinstance(word, str) else None
    if said.get("key") != key:
        return Outcome(OutcomeKind.UNKNOWN, reason=f"http_{status}")
    if asked and status == 404 and kind == OutcomeKind.NOT_FOUND:
        return Outcome(OutcomeKind.NOT_FOUND)
    if status not in (200, 201, 202) or kind not in _ANSWERS:
        return Outcome(OutcomeKind.UNKNOWN, reason=f"http_{status}")
    return outcome_of(said)


def outcome_of(said: dict[str, Any]) -> Outcome:
    """A sound outcome in an answer or a call-back; UNKNOWN where it lacks what it needs."""
    kind = _SAID.get(str(said.get("status")), OutcomeKind.UNKNOWN)
    if kind == OutcomeKind.DELIVERED and is_word(said.get("reference")):
        return Outcome(kind, reference=said["reference"])
    if kind == OutcomeKind.REFUSED and is_word(said.get("reason")):
        return Outcome(kind, reason=said["reason"])
    if kind == OutcomeKind.PENDING:
        return Outcome(kind)
    return Outcome(OutcomeKind.UNKNOWN, reason="incomplete")


def is_word(value: object) -> bool:
    """Whether this is 1 to 80 visible ASCII characters: a reference, a reason, an event."""
    return isinstance(value, str) and _WORD.fullmatch(value) is not None


def _object_in(body: bytes) -> dict[str, Any]:
    """The JSON object in a body; empty where there is none."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def lines_in(text: str) -> list[FileLine]:
    """The lines of a reconciliation file: CSV (RFC 4180) with the columns of FILE_COLUMNS.

    Raises BadFile for a header that is another, a line of another width, or too many of them.
    """
    rows = csv.reader(StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        header = next(rows, None)
        if header is None or tuple(header) != FILE_COLUMNS:
            raise BadFile("header")
        lines = [_line(rows.line_num, row) for row in rows if row]
    except csv.Error as error:
        raise BadFile("not_csv") from error
    if len(lines) > MOST_LINES:
        raise BadFile("too_many_lines")
    return lines


def _line(number: int, row: list[str]) -> FileLine:
    if len(row) != len(FILE_COLUMNS):
        raise BadFile(f"line_{number}")
    return FileLine(number, *(cell.strip()[:LONGEST_WORD] for cell in row))
