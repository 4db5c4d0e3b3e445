"""A badge in somebody's hands together with what it was called when they got it."""

from collections.abc import Sequence
from typing import NamedTuple

from honours.badges.badge import Badge
from honours.badges.badge_held import BadgeHeld
from honours.badges.defining_badges import badge_versions


class HeldBadge(NamedTuple):
    """A badge that somebody has or had, in the version they had it in."""

    held: BadgeHeld
    badge: Badge


def with_words(held: Sequence[BadgeHeld]) -> list[HeldBadge]:
    """Each with its badge; those whose version came with a programme of old are left out."""
    known = badge_versions((one.badge_id, one.version) for one in held)
    pairs = [(one, known.get((one.badge_id, one.version))) for one in held]
    return [HeldBadge(one, badge) for one, badge in pairs if badge is not None]
