"""What a certificate of service says, as plain facts, and whether it still stands. Pure.

The bytes that are signed are `signed_bytes` of these facts; docs/certificates.md tells strangers.
"""

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from shared.canonical import plain_text

# The first of the signed facts: no other signature of ours is over a text that says so.
DOCUMENT = "fuxun service certificate 1"


class Work(Protocol):
    """What is counted of one verified participation."""

    @property
    def participation_id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def worked_s(self) -> int: ...
    @property
    def worked_m(self) -> float: ...


class Figures(NamedTuple):
    """How much was done: participations, seconds, whole metres."""

    participations: int
    seconds: int
    metres: int


def figures_by_kind(work: Iterable[Work]) -> dict[str, Figures]:
    """The figures of each kind of task, in the kinds' order; metres are cut to whole ones."""
    sums: dict[str, tuple[int, int, int]] = {}
    for one in work:
        count, seconds, millimetres = sums.get(one.kind, (0, 0, 0))
        # Whole numbers, so that the same work comes to the same in whatever order it is added.
        millimetres += round(one.worked_m * 1000)
        sums[one.kind] = (count + 1, seconds + one.worked_s, millimetres)
    return {
        kind: Figures(count, seconds, millimetres // 1000)
        for kind, (count, seconds, millimetres) in sorted(sums.items())
    }


def total_of(kinds: Mapping[str, Figures]) -> Figures:
    """The figures of all kinds together; nothing where there are none."""
    return Figures(*(sum(column) for column in zip(Figures(0, 0, 0), *kinds.values(), strict=True)))


def still_stands(certified: Mapping[str, Figures], now: Mapping[str, Figures]) -> bool:
    """Whether everything certified is there still; of what was corrected upwards no more is said.

    `now` counts the very participations that were certified, so far as they are verified now.
    """
    return all(
        kind in now and all(is_so >= was for is_so, was in zip(now[kind], figures, strict=True))
        for kind, figures in certified.items()
    )


def work_hash(participation_ids: Sequence[str]) -> str:
    """SHA-256, in hex, of the sorted ids of the certified participations, a line feed between."""
    return hashlib.sha256("\n".join(sorted(participation_ids)).encode()).hexdigest()


def name_hash(real_name: str, name_key: str) -> str:
    """SHA-256, in hex, of the name key's letters, a colon and the name (NFC, UTF-8).

    Without the name key, which the paper alone shows, it says nothing of the name.
    """
    letters = name_key.replace("-", "")
    name = unicodedata.normalize("NFC", real_name)
    return hashlib.sha256(f"{letters}:{name}".encode()).hexdigest()


def signed_bytes(facts: Mapping[str, Any]) -> bytes:
    """The bytes that a certificate's signature is over."""
    return plain_text(facts).encode()


def certified_kinds(facts: Mapping[str, Any]) -> dict[str, Figures]:
    """The figures by kind that the facts state."""
    return {
        one["kind"]: Figures(one["participations"], one["seconds"], one["metres"])
        for one in facts["kinds"]
    }
