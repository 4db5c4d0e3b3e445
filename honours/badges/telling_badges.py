"""Telling people of their badges and quests: each change once, found again where it was left."""

from collections.abc import Mapping
from typing import Any

from honours.badges.badge_held import BadgeHeld, BadgeState
from honours.badges.defining_badges import badge_versions
from notices import tell

_BATCH = 500


def both(words: Mapping[str, Any]) -> dict[str, str]:
    """A name in both languages, as notices say it."""
    return {"en": words.get("en", ""), "zh-CN": words.get("zh", "")}


def tell_of_badge(held: BadgeHeld) -> None:
    """Tell its holder what became of a badge; repeating it tells nothing twice."""
    badge = badge_versions([(held.badge_id, held.version)]).get((held.badge_id, held.version))
    facts = {
        "badge": both(badge.name) if badge else held.badge_id,
        "words": held.words if held.state == BadgeState.HELD else held.why,
        "badge_id": held.badge_id,
    }
    key = f"badge:{held.id}:{held.times}"
    if held.state == BadgeState.REVOKED:
        tell(held.person_id, "badge_revoked", facts, key=key)
    elif held.state == BadgeState.TAKEN_BACK:
        tell(held.person_id, "badge_taken_back", facts, key=key)
    elif held.is_by_hand:
        tell(held.person_id, "badge_given", facts, key=key)
    else:
        tell(held.person_id, "badge_earned", facts, key=key)
    BadgeHeld.objects(id=held.id, times=held.times).update_one(set__told=True)


def untold_badges() -> list[BadgeHeld]:
    """Badges of whose last change their holders were not told yet."""
    return list(BadgeHeld.objects(told=False).limit(_BATCH))
