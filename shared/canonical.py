"""The one text of plain facts, over which hashes and signatures are made. Pure."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def plain_text(facts: Mapping[str, Any]) -> str:
    """The canonical text of texts and whole numbers by name: names in order, no spaces, ASCII."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":"))


def moment_text(moment: datetime) -> str:
    """A moment in RFC 3339, UTC, to the millisecond: 2026-11-03T08:15:00.250Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
