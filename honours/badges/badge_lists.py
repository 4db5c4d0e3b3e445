"""Badges as people see them: all there are with one's own progress, one's own, another's."""

from typing import NamedTuple
from zoneinfo import ZoneInfo

from honours.badges.badge import Badge
from honours.badges.badge_held import BadgeHeld, BadgeState
from honours.badges.badge_rules import progress
from honours.badges.deeds import deeds_of
from honours.badges.defining_badges import badge_of, newest_badges
from honours.badges.giving_badges import GIVERS, unit_reached
from honours.badges.held_badge import HeldBadge, with_words
from honours.service import Service
from people import Actor, Role, person_of
from settings import settings

READERS = (*GIVERS, Role.AUDITOR)


class SeenBadge(NamedTuple):
    """A badge at its newest version; what the caller has of what it needs, and holds of it."""

    badge: Badge
    have: int | float
    need: int
    held: BadgeHeld | None


def badges_seen(*, by: Actor) -> list[SeenBadge]:
    """Every badge in use and every one the caller holds, with their own progress."""
    return _seen(newest_badges(), by)


def badge_seen(badge_id: str, *, by: Actor) -> SeenBadge:
    """One badge at its newest version, in use or not. Raises BadgeNotFound."""
    held = BadgeHeld.objects(person_id=by.person_id)
    return _with_progress([badge_of(badge_id)], {one.badge_id: one for one in held}, by)[0]


def badges_of(person_id: str, *, by: Actor) -> list[HeldBadge]:
    """A person's badges, newest first.

    All that became of any, for themselves and for staff where they are at home or worked. Everybody
    else sees which they hold and do not hide, since which day: no officer's words, no place. Raises
    PersonNotFound.
    """
    person = person_of(person_id)
    found = BadgeHeld.objects(person_id=person_id)
    if person_id != by.person_id and unit_reached(person, *READERS, by=by) is None:
        shown = found.filter(state=BadgeState.HELD, hidden=False).order_by("-earned_at", "-id")
        return with_words([_as_strangers_see(one) for one in shown])
    return with_words(list(found.order_by("-earned_at", "-id")))


def _as_strangers_see(held: BadgeHeld) -> BadgeHeld:
    """Nothing of where or when exactly somebody was, nor of what an officer wrote of them."""
    zone = ZoneInfo(settings().business_time_zone)
    day = held.earned_at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    same = {name: getattr(held, name) for name in ("id", "person_id", "badge_id", "version")}
    return BadgeHeld(**same, state=BadgeState.HELD, earned_at=day)


def _seen(all_badges: list[Badge], by: Actor) -> list[SeenBadge]:
    held = {one.badge_id: one for one in BadgeHeld.objects(person_id=by.person_id)}
    has = {badge_id for badge_id, one in held.items() if one.state == BadgeState.HELD}
    shown = [one for one in all_badges if one.active or one.badge_id in has]
    return _with_progress(shown, held, by)


def _with_progress(shown: list[Badge], held: dict[str, BadgeHeld], by: Actor) -> list[SeenBadge]:
    service: Service | None = Service.objects.with_id(by.person_id)
    service = service or Service(id=by.person_id, count=0, seconds=0, metres=0.0, coins=0, days=0)
    has = frozenset(badge_id for badge_id, one in held.items() if one.state == BadgeState.HELD)
    deeds = deeds_of(service, badges=has)
    return [
        SeenBadge(one, *progress(one.rule, deeds, badge_id=one.badge_id), held.get(one.badge_id))
        for one in shown
    ]
