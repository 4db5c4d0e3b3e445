"""Which badges there are: the newest version an admin put, or else the standard one."""

from collections.abc import Iterable
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from honours.badges.badge import Badge
from honours.badges.badge_content import usable_badge
from honours.badges.badge_rules import badges_in, counts_on_itself, kinds_in, units_in
from honours.badges.standard_badges import STANDARD_BADGES
from people import (
    Actor,
    Role,
    must_hold_at_root,
    record_change,
    root_unit_id,
    sound_why,
    unit_of,
    units_of,
)
from shared.clock import real_now
from shared.database import collection, in_transaction
from shared.errors import Conflict, Invalid, NotFound
from shared.i18n import Text
from tasks import task_kinds


class BadgeNotFound(NotFound):
    """Raised when no badge has this id."""

    message = Text("There is no such badge.", "没有该徽章。")


class BadgeChanged(Conflict):
    """Raised when a badge is at another version than the one named in If-Match."""

    message = Text(
        "The badge is at version {version} now (0: there is none of that id).",
        "该徽章当前版本为 {version}（0 表示不存在）。",
    )


class BadgeRuleSpeaksOfNothing(Invalid):
    """Raised when a rule names a kind of task, a unit or a badge that is not there."""

    message = Text("There is no {name}.", "不存在 {name}。")


class BadgeNeedsItself(Invalid):
    """Raised when a badge would need itself, by way of others perhaps: nobody could earn it."""

    message = Text(
        "A badge may not count on itself, nor on one that counts on it.",
        "徽章不得直接或间接以自身为条件。",
    )


def badge_of(badge_id: str) -> Badge:
    """The newest version of a badge. Raises BadgeNotFound."""
    found = _newest(badge_id)
    if found is None:
        raise BadgeNotFound
    return found


def newest_badges() -> list[Badge]:
    """The newest version of every badge, retired ones too: the standard ones first, then by id."""
    steps: list[dict[str, Any]] = [
        {"$sort": {"badge_id": 1, "version": -1}},
        {"$group": {"_id": "$badge_id", "newest": {"$first": "$$ROOT"}}},
    ]
    put = {
        group["_id"]: Badge._from_son(group["newest"])
        for group in collection(Badge).aggregate(steps)
    }
    others = sorted(set(put) - set(STANDARD_BADGES))
    return [put.get(badge_id) or _standard(badge_id) for badge_id in (*STANDARD_BADGES, *others)]


def badge_versions(wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Badge]:
    """The badges of these ids and versions, in one query; those that are not there are left out."""
    pairs = set(wanted)
    keys = [f"{badge_id}:{version}" for badge_id, version in pairs]
    found = {(one.badge_id, one.version): one for one in Badge.objects(key__in=keys)}
    for badge_id, version in pairs - set(found):
        if version == 1 and badge_id in STANDARD_BADGES:
            found[badge_id, version] = _standard(badge_id)
    return found


def put_badge(
    badge_id: str, content: dict[str, Any], *, version: int, why: str, by: Actor
) -> Badge:
    """The next version of a badge after `version`, which is 0 for a new one; earlier ones stay.

    `content` holds active, name, words and rule; who holds the badge keeps it. Logged with `why`.
    Repeating it answers the version it made. Raises NotAllowed, WhyMissing, BadgeChanged,
    BadBadgeId and other kinds of Invalid.
    """
    must_hold_at_root(Role.ADMIN, Role.RATE_ADMIN, by=by)
    made = Badge(
        key=f"{badge_id}:{version + 1}",
        badge_id=badge_id,
        version=version + 1,
        put_by=by.person_id,
        put_at=real_now(),
        why=sound_why(why),
        **usable_badge(badge_id, content),
    )
    _refuse_unknown(made)
    current = _newest(badge_id)
    if (current.version if current else 0) == version and _inserted(made, current):
        return made
    current = _newest(badge_id)
    if current is None or not _is_same(current, made):
        raise BadgeChanged(version=current.version if current else 0)
    return current


def _inserted(made: Badge, before: Badge | None) -> bool:
    """Whether this version is now there by this very write, with its record of the change."""
    root = unit_of(root_unit_id())

    def insert(session: ClientSession) -> None:
        collection(Badge).insert_one(made.to_mongo().to_dict(), session=session)
        record_change(
            "badge",
            made.badge_id,
            "put",
            unit=root,
            before=before.plain() if before else None,
            after=made.plain(),
            why=made.why,
            by_id=made.put_by,
            session=session,
        )

    try:
        in_transaction(insert)
    except DuplicateKeyError:
        return False
    return True


def _refuse_unknown(made: Badge) -> None:
    """Raises BadgeRuleSpeaksOfNothing or BadgeNeedsItself, with the field."""
    rule = dict(made.rule)
    others = {one.badge_id: dict(one.rule) for one in newest_badges()}
    named = (
        (kinds_in(rule), {kind.kind_id for kind in task_kinds()} if kinds_in(rule) else set()),
        (units_in(rule), set(units_of(list(units_in(rule))))),
        (badges_in(rule), {*others, made.badge_id}),
    )
    for names, known in named:
        for name, field in names.items():
            if name not in known:
                raise BadgeRuleSpeaksOfNothing(f"rule.{field}", name=name)
    if counts_on_itself(made.badge_id, others | {made.badge_id: rule}):
        raise BadgeNeedsItself("rule.names")


def _is_same(current: Badge, made: Badge) -> bool:
    """Whether the version that stands is what this very request made before."""
    written = (name for name in Badge._fields if name != "put_at")
    return all(getattr(current, name) == getattr(made, name) for name in written)


def _newest(badge_id: str) -> Badge | None:
    put: Badge | None = Badge.objects(badge_id=badge_id).order_by("-version").first()
    return put or (_standard(badge_id) if badge_id in STANDARD_BADGES else None)


def _standard(badge_id: str) -> Badge:
    content = usable_badge(badge_id, STANDARD_BADGES[badge_id])
    return Badge(key=f"{badge_id}:1", badge_id=badge_id, version=1, **content)
