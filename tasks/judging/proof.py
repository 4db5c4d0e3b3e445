"""What somebody brought besides a track: photos, hand-outs, a log, a test, who else was there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class ProofPhoto:
    """One photo: when it was taken (s since 1970) and where (WGS-84), as far as it is known.

    `seen_before`: the same bytes were sent earlier with other work. `looks_like_earlier`: another
    picture was, that looks the same; two people at one notice board take such, so it only counts
    as suspicious.
    """

    at: float | None
    lat: float | None
    lon: float | None
    seen_before: bool = False
    looks_like_earlier: bool = False


@dataclass(frozen=True)
class HandedOut:
    """So many of one item (a leaflet, a poster) brought to one place (a compound)."""

    item: str
    place: str
    count: int
    photos: int = 0


@dataclass(frozen=True)
class Proof:
    """All that a participation has to show beside its positions.

    `test_share` is the share of a test answered rightly, `attended_at` the moments (s since 1970)
    at which the instructor's code was read at the place, `heads` how many took part together,
    `crew` how many of them are what (a role held, or what they serve as). `confirmed` is a
    reviewer's word, None while nobody has spoken.
    """

    photos: tuple[ProofPhoto, ...] = ()
    handed_out: tuple[HandedOut, ...] = ()
    logged_at: float | None = None
    test_share: float | None = None
    attended_at: tuple[float, ...] = ()
    heads: int = 1
    crew: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    confirmed: bool | None = None


NOTHING = Proof()
