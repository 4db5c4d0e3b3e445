"""Who sees what of commendations: the public, whom one is for, who nominated, the officers."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from honours.commendations.commendation import Commendation, CommendationKind, CommendationState
from honours.commendations.commendation_roles import CHECKERS, speaks_for
from honours.commendations.commending import CommendationNotFound
from people import Actor, Unit, unit_of, units_of
from shared.cursors import from_cursor, moment_of_cursor, to_cursor
from shared.errors import NotAllowed

MOST_ON_A_PAGE = 100


class CommendationSide(StrEnum):
    """On which side of a commendation somebody stands."""

    SUBJECT = "subject"
    NOMINATOR = "nominator"
    OFFICER = "officer"


class PublicCommendation(NamedTuple):
    """What anybody may know; title and words are empty where they were not consented to.

    `name` and `unit_name` hold both languages: {"en": …, "zh-CN": …}.
    """

    id: str
    kind: CommendationKind
    title: str
    words: str
    name: dict[str, str]
    unit_id: str
    unit_name: dict[str, str]
    deed_on: str | None
    awarded_at: datetime


class PublicPage(NamedTuple):
    """Public commendations, the newest award first; where the list goes on."""

    items: list[PublicCommendation]
    next_cursor: str | None


class SeenCommendation(NamedTuple):
    """A commendation as one side sees it; `hidden` names the fields which that side does not."""

    commendation: Commendation
    side: CommendationSide
    hidden: frozenset[str]

    def shown(self) -> dict[str, Any]:
        """Its fields by name, those hidden as None."""
        found = self.commendation
        return {name: None if name in self.hidden else found[name] for name in FIELDS} | {
            "side": self.side,
            "is_public": found.is_public,
        }


class SeenPage(NamedTuple):
    """Commendations as one side sees them, newest first; where the list goes on."""

    items: list[dict[str, Any]]
    next_cursor: str | None


OPEN_FIELDS = (
    "id",
    "kind",
    "person_id",
    "subject_unit_id",
    "unit_id",
    "title",
    "words",
    "deed_on",
    "state",
    "nominated_at",
    "checked_at",
    "awarded_at",
    "is_consented",
    "are_words_consented",
    "shown_as",
    "shown_name",
    "consented_at",
    "version",
)
# Names of officers and of who nominated, and what was found out, are the officers' alone.
OFFICERS_FIELDS = frozenset(
    (
        "nominated_by",
        "found",
        "checked_by",
        "decided_by",
        "decided_at",
        "awarded_by",
        "consented_by",
    )
)
FIELDS = (*OPEN_FIELDS, *sorted(OFFICERS_FIELDS), "why")


def seen_commendation(commendation_id: str, *, by: Actor) -> SeenCommendation:
    """The commendation as the caller's side sees it. Raises CommendationNotFound."""
    found: Commendation | None = Commendation.objects(id=commendation_id).first()
    side = _side_of(found, by) if found is not None else None
    if found is None or side is None:
        raise CommendationNotFound
    return as_seen(found, side)


def as_seen(found: Commendation, side: CommendationSide) -> SeenCommendation:
    """The commendation with what this side does not see left out."""
    if side == CommendationSide.OFFICER:
        return SeenCommendation(found, side, frozenset())
    hidden = set(OFFICERS_FIELDS)
    if side == CommendationSide.NOMINATOR:
        # A card that somebody saw must not lead to whose it is, nor is a consent their affair.
        hidden |= {"person_id", "is_consented", "are_words_consented"}
        hidden |= {"shown_name", "shown_as", "consented_at"}
    return SeenCommendation(found, side, frozenset(hidden))


def seen_after(found: Commendation, *, by: Actor) -> SeenCommendation:
    """A commendation that the caller just changed, as their side sees it."""
    return as_seen(found, _side_of(found, by) or CommendationSide.NOMINATOR)


def _side_of(found: Commendation, by: Actor) -> CommendationSide | None:
    # Whom it is for comes first: an officer sees of their own what anybody would, and nothing
    # before the award: words that nobody checked reach nobody but who looks into them.
    is_nominator = found.nominated_by == by.person_id
    if found.person_id == by.person_id or speaks_for(by, found.subject_unit_id):
        early = CommendationSide.NOMINATOR if is_nominator else None
        return CommendationSide.SUBJECT if found.awarded_at else early
    if by.holds(*CHECKERS, at=found):
        return CommendationSide.OFFICER
    return CommendationSide.NOMINATOR if is_nominator else None


def own_commendations(
    *, side: CommendationSide, by: Actor, limit: int = 20, cursor: str | None = None
) -> SeenPage:
    """The commendations awarded to the caller, or that the caller nominated, newest first.

    Raises BadCursor.
    """
    if side == CommendationSide.NOMINATOR:
        return _page({"nominated_by": by.person_id}, by, limit, cursor)
    return _page({"person_id": by.person_id} | _AWARDED, by, limit, cursor)


def commendations_by_unit(
    unit_id: str,
    *,
    by: Actor,
    state: CommendationState | None = None,
    limit: int = 20,
    cursor: str | None = None,
) -> SeenPage:
    """What a unit and those below it award, or are asked to, for its officers, newest first.

    What is for the caller, or a unit they speak for, is among it from the award on. Raises
    UnitNotFound, NotAllowed, BadCursor.
    """
    by.must_hold(*CHECKERS, at=unit_of(unit_id))
    own = [held.unit_id for held in by.roles if speaks_for(by, held.unit_id)]
    others = {"person_id": {"$ne": by.person_id}, "subject_unit_id": {"$nin": own}}
    wanted: dict[str, Any] = {"lineage": unit_id, "$or": [_AWARDED, others]}
    if state is not None:
        wanted["state"] = state.value
    return _page(wanted, by, limit, cursor)


def commendations_of_unit(
    unit_id: str, *, by: Actor, limit: int = 20, cursor: str | None = None
) -> SeenPage:
    """The commendations awarded to a unit, for those who speak for it, newest first.

    Raises UnitNotFound, NotAllowed, BadCursor.
    """
    if not speaks_for(by, unit_of(unit_id).id):
        raise NotAllowed
    return _page({"subject_unit_id": unit_id} | _AWARDED, by, limit, cursor)


_AWARDED = {"awarded_at": {"$type": "date"}}


def _page(wanted: dict[str, Any], by: Actor, limit: int, cursor: str | None) -> SeenPage:
    if cursor:
        wanted = wanted | {"_id": {"$lt": from_cursor(cursor, str)[0]}}
    most = max(1, min(limit, MOST_ON_A_PAGE))
    found = list(Commendation.objects(__raw__=wanted).order_by("-id").limit(most + 1))
    shown = [seen_after(one, by=by).shown() for one in found[:most]]
    return SeenPage(shown, to_cursor(found[most - 1].id) if len(found) > most else None)


def public_commendations(
    *,
    unit_id: str | None = None,
    kind: CommendationKind | None = None,
    limit: int = 20,
    cursor: str | None = None,
) -> PublicPage:
    """What may be known in public, of a unit and those below it where one is said.

    Raises UnitNotFound, BadCursor.
    """
    wanted: dict[str, Any] = dict(_PUBLIC)
    if unit_id is not None:
        wanted["lineage"] = unit_of(unit_id).id
    if kind is not None:
        wanted["kind"] = kind.value
    if cursor:
        at_ms, last_id = from_cursor(cursor, int, str)
        at = moment_of_cursor(at_ms)
        wanted["$or"] = [{"awarded_at": {"$lt": at}}, {"awarded_at": at, "_id": {"$lt": last_id}}]
    most = max(1, min(limit, MOST_ON_A_PAGE))
    found = _newest(wanted, most + 1)
    last = found[most - 1] if len(found) > most else None
    position = (round(last.awarded_at.timestamp() * 1000), last.id) if last else None
    return PublicPage(_published(found[:most]), to_cursor(*position) if position else None)


def published_commendations(unit_id: str, limit: int) -> list[PublicCommendation]:
    """The newest public commendations that are for a unit, or that it or one below it awarded.

    For the unit's page.
    """
    most = max(1, min(limit, MOST_ON_A_PAGE))
    # One query for each, for one of both would walk the whole city's.
    branches = ({"lineage": unit_id}, {"subject_unit_id": unit_id})
    found = {one.id: one for branch in branches for one in _newest(_PUBLIC | branch, most)}
    newest = sorted(found.values(), key=lambda one: (one.awarded_at, one.id), reverse=True)
    return _published(newest[:most])


_PUBLIC = {"state": CommendationState.AWARDED.value, "is_consented": True}


def _newest(wanted: dict[str, Any], most: int) -> list[Commendation]:
    found = Commendation.objects(__raw__=wanted).order_by("-awarded_at", "-id")
    return list(found.limit(most))


def _published(found: Sequence[Commendation]) -> list[PublicCommendation]:
    named = {one.unit_id for one in found} | {one.subject_unit_id for one in found}
    units = units_of([one for one in named if one])
    return [_public(one, units) for one in found]


def _public(found: Commendation, units: dict[str, Unit]) -> PublicCommendation:
    subject = units.get(found.subject_unit_id or "")
    name = {"en": found.shown_name, "zh-CN": found.shown_name}
    return PublicCommendation(
        found.id,
        found.kind,
        found.title if found.are_words_consented else "",
        found.words if found.are_words_consented else "",
        _names(subject) if subject else name,
        found.unit_id,
        _names(units[found.unit_id]) if found.unit_id in units else {"en": "", "zh-CN": ""},
        found.deed_on,
        found.awarded_at,
    )


def _names(unit: Unit) -> dict[str, str]:
    return {"en": unit.name_en or unit.name, "zh-CN": unit.name}
