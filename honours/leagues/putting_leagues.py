"""Which leagues there are: the newest version an admin put, or else the standard one."""

from collections.abc import Mapping
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from honours.leagues.league import League
from honours.leagues.league_content import usable_league
from honours.leagues.standard_leagues import STANDARD_LEAGUES
from people import (
    Actor,
    Role,
    Unit,
    must_hold_at_root,
    record_change,
    root_unit_id,
    sound_why,
    unit_of,
)
from shared.clock import now
from shared.database import collection, in_transaction
from shared.errors import Conflict, NotFound
from shared.i18n import Text

LEAGUE_ADMINS = (Role.ADMIN, Role.RATE_ADMIN)


class LeagueNotFound(NotFound):
    """Raised when no league has this id."""

    message = Text("There is no such league.", "没有该联赛。")


class LeagueChanged(Conflict):
    """Raised when a league is at another version than the one named in If-Match."""

    message = Text(
        "The league is at version {version} now (0: there is none of that id).",
        "该联赛当前版本为 {version}（0 表示不存在）。",
    )


def league_of(league_id: str) -> League:
    """The newest version of a league. Raises LeagueNotFound."""
    found = _newest(league_id)
    if found is None:
        raise LeagueNotFound
    return found


def all_leagues() -> list[League]:
    """The newest version of every league, retired ones too: the standard ones first, then by id.

    None before a city is founded.
    """
    steps: list[dict[str, Any]] = [
        {"$sort": {"league_id": 1, "version": -1}},
        {"$group": {"_id": "$league_id", "newest": {"$first": "$$ROOT"}}},
    ]
    put = {
        group["_id"]: League._from_son(group["newest"])
        for group in collection(League).aggregate(steps)
    }
    others = sorted(set(put) - set(STANDARD_LEAGUES))
    named = (*STANDARD_LEAGUES, *others) if root_unit_id() else others
    return [put.get(league_id) or _standard(league_id) for league_id in named]


def put_league(
    league_id: str, content: Mapping[str, Any], *, why: str, version: int, by: Actor
) -> League:
    """The next version of a league after `version`, which is 0 for a new one; earlier ones stay.

    `content`: active, name {en, zh}, unit_id, field, measure, least_contributors, season. It
    counts from the next season on. Repeating it answers the version it made. Raises NotAllowed,
    UnitNotFound, WhyMissing, LeagueChanged, and kinds of Invalid.
    """
    must_hold_at_root(*LEAGUE_ADMINS, by=by)
    why, unit = sound_why(why), unit_of(str(content.get("unit_id") or root_unit_id()))
    made = League(
        key=f"{league_id}:{version + 1}",
        league_id=league_id,
        version=version + 1,
        unit_id=unit.id,
        put_by=by.person_id,
        put_at=now(),
        **usable_league(league_id, content),
    )
    current = _newest(league_id)
    if (current.version if current else 0) == version:
        if _inserted(made, current, unit, why):
            return made
        current = _newest(league_id)
    if current is None or not _is_same(current, made):
        raise LeagueChanged(version=current.version if current else 0)
    return current


def _inserted(made: League, before: League | None, unit: Unit, why: str) -> bool:
    """Write the version and the log of it; whoever inserts the version's key first made it."""
    made.validate()

    def decide(session: ClientSession) -> None:
        collection(League).insert_one(made.to_mongo().to_dict(), session=session)
        record_change(
            "league",
            made.league_id,
            "put",
            unit=unit,
            before=before.terms() if before else None,
            after=made.terms(),
            why=why,
            by_id=made.put_by,
            session=session,
        )

    try:
        in_transaction(decide)
    except DuplicateKeyError:
        return False
    return True


def _is_same(current: League, made: League) -> bool:
    """Whether the version that stands is what this very request made before."""
    same_maker = (current.version, current.put_by) == (made.version, made.put_by)
    return same_maker and current.terms() == made.terms()


def _newest(league_id: str) -> League | None:
    put: League | None = League.objects(league_id=league_id).order_by("-version").first()
    return put or (_standard(league_id) if league_id in STANDARD_LEAGUES else None)


def _standard(league_id: str) -> League:
    content = usable_league(league_id, STANDARD_LEAGUES[league_id])
    return League(
        key=f"{league_id}:1", league_id=league_id, version=1, unit_id=root_unit_id(), **content
    )
