"""What badges a person's verified work gives them, and takes back when it no longer stands.

Called by every count of a person, with what was counted: safe to repeat and to race. Whoever
holds a badge keeps it when its definition changes, as long as the rule that gave it holds.
"""

from collections.abc import Iterable, Mapping, Sequence

from mongoengine.errors import NotUniqueError

from honours.asking_counts import ask_for_counts
from honours.badges.badge import Badge
from honours.badges.badge_held import BadgeHeld, BadgeState, held_id_for
from honours.badges.badge_rules import Deeds, earned_badges
from honours.badges.deeds import deeds_of
from honours.badges.defining_badges import badge_versions, newest_badges
from honours.badges.telling_badges import tell_of_badge, untold_badges
from honours.badges.unit_firsts import decide_firsts
from honours.quests.quest_progress import QuestProgress
from honours.service import Service
from honours.tally import Work
from shared.clock import real_now
from shared.sweeping import sweep_each

Rules = dict[str, list[Mapping[str, object]]]


def review_badges(person_id: str, service: Service, work: Sequence[Work]) -> None:
    """Give what is earned now, take back what no longer is, tell of each change once."""
    # A first that this person lost fell to somebody, who is to be counted anew.
    ask_for_counts(decide_firsts(person_id, work))
    held = {one.badge_id: one for one in BadgeHeld.objects(person_id=person_id)}
    newest = newest_badges()
    deeds = deeds_of(service, badges=_by_hand(held.values()))
    due = earned_badges(_rules(newest, held), deeds)
    changed = [
        _give(person_id, badge, held.get(badge.badge_id), deeds)
        for badge in newest
        if badge.active and badge.badge_id in due
    ]
    changed += [_take_back(one) for one in held.values() if one.badge_id not in due]
    if any(changed) or not all(one.told for one in held.values()):
        for one in BadgeHeld.objects(person_id=person_id, told=False):
            tell_of_badge(one)


def tell_untold() -> int:
    """Tell of changes whose teller died on the way; how many."""
    return sweep_each(untold_badges(), tell_of_badge)


def _by_hand(held: Iterable[BadgeHeld]) -> frozenset[str]:
    return frozenset(
        one.badge_id for one in held if one.state == BadgeState.HELD and one.is_by_hand
    )


def _rules(newest: Sequence[Badge], held: Mapping[str, BadgeHeld]) -> Rules:
    """The rules by which each badge may be had: the newest, and the one it is held under.

    None of those that were revoked: they come by no count.
    """
    ways: Rules = {one.badge_id: [one.rule] for one in newest if one.active}
    kept = [one for one in held.values() if one.state == BadgeState.HELD]
    for (badge_id, _), badge in badge_versions((one.badge_id, one.version) for one in kept).items():
        ways.setdefault(badge_id, []).append(badge.rule)
    for one in held.values():
        if one.state == BadgeState.REVOKED:
            ways.pop(one.badge_id, None)
    return ways


def _give(person_id: str, badge: Badge, before: BadgeHeld | None, deeds: Deeds) -> bool:
    """Give a badge that is not held; whether this very write did, for its state guards it."""
    if before is not None and before.state != BadgeState.TAKEN_BACK:
        return False
    held_id = held_id_for(person_id, badge.badge_id)
    given = {
        "version": badge.version,
        "state": BadgeState.HELD,
        "earned_at": real_now(),
        "about_id": _about(person_id, badge, deeds),
        # Of an earlier giving by hand nothing stays.
        "words": "",
        "told": False,
    }
    if before is None:
        new = BadgeHeld(id=held_id, person_id=person_id, badge_id=badge.badge_id, **given)
        try:
            new.save(force_insert=True)
        except NotUniqueError:
            return False  # another count was there first
        return True
    seen = BadgeHeld.objects(id=held_id, state=BadgeState.TAKEN_BACK, times=before.times)
    changes = {f"set__{name}": value for name, value in given.items()}
    return bool(seen.update_one(inc__times=1, unset__taken_back_at=True, **changes))


def _about(person_id: str, badge: Badge, deeds: Deeds) -> str:
    """What the badge is about: the unit they were first in, or the quest they completed."""
    if badge.rule["rule"] == "first_in_unit":
        wanted = badge.rule.get("unit_ids") or deeds.first_in
        return min(deeds.first_in & set(wanted), default="")
    if badge.rule["rule"] == "quest":
        done = QuestProgress.objects(
            person_id=person_id, badge_id=badge.badge_id, completed_at__ne=None
        )
        first = done.order_by("completed_at").first()
        return first.quest_id if first else ""
    return ""


def _take_back(held: BadgeHeld) -> bool:
    """Take back what no rule gives any more; whether this very write did."""
    if held.state != BadgeState.HELD or held.is_by_hand:
        return False
    seen = BadgeHeld.objects(id=held.id, state=BadgeState.HELD, times=held.times)
    written = seen.update_one(
        set__state=BadgeState.TAKEN_BACK,
        set__taken_back_at=real_now(),
        set__told=False,
        inc__times=1,
    )
    return bool(written)
