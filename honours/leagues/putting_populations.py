"""Populations: put by an admin with their source, asked for by the leagues."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from honours.leagues.population import MOST_RESIDENTS, Population
from people import Actor, Role, record_change, sound_why, unit_of
from settings import settings
from shared.clock import now, real_now
from shared.database import collection, in_transaction
from shared.errors import Conflict, Invalid, NotFound
from shared.i18n import Text

POPULATION_READERS = (Role.ADMIN, Role.RATE_ADMIN, Role.CENTRE_OFFICER, Role.AUDITOR)
MAX_SOURCE = 200


class PopulationNotFound(NotFound):
    """Raised when nobody has put how many residents a unit has."""

    message = Text("The population of this unit is not known.", "该单位尚未登记人口数。")


class BadPopulation(Invalid):
    """Raised when residents are no whole number from 1 on, their source unsaid, or of tomorrow."""

    message = Text(
        "Say a whole number of residents from 1 on, its source, and a day that is not to come.",
        "请填写不小于 1 的整数人口、数据来源，以及不晚于今天的统计日期。",
    )


class PopulationChanged(Conflict):
    """Raised when a unit's population is at another version than the one named in If-Match."""

    message = Text(
        "The population is at version {version} now (0: it was never put).",
        "该人口数据当前版本为 {version}（0 表示未登记）。",
    )


def put_population(
    unit_id: str, *, residents: int, source: str, as_of: date, why: str, version: int, by: Actor
) -> Population:
    """Put how many residents a unit has, after `version` (0 where it was never put); logged.

    The next edition of every league counts by it. Repeating it answers what it made. Raises
    UnitNotFound, NotAllowed, WhyMissing, BadPopulation, PopulationChanged.
    """
    unit = unit_of(unit_id)
    by.must_hold(Role.ADMIN, at=unit)
    why, facts = sound_why(why), _sound(residents, source, as_of)
    row = {**facts, "put_by": by.person_id, "put_at": real_now(), "version": version + 1}

    def decide(session: ClientSession) -> bool:
        rows = collection(Population)
        before = rows.find_one({"_id": unit_id}, session=session)
        if (before["version"] if before else 0) != version:
            return False
        rows.replace_one({"_id": unit_id, "version": version}, row, upsert=True, session=session)
        record_change(
            "population",
            unit_id,
            "put",
            unit=unit,
            before={name: before[name] for name in facts} if before else None,
            after=facts,
            why=why,
            by_id=by.person_id,
            session=session,
        )
        return True

    try:
        is_put = in_transaction(decide)
    except DuplicateKeyError:
        # Somebody put the first one at the same time.
        is_put = False
    found = Population.objects.with_id(unit_id)
    is_ours = found and found.version == version + 1 and found.put_by == by.person_id
    if not is_put and not (is_ours and {name: found[name] for name in facts} == facts):
        raise PopulationChanged(version=found.version if found else 0)
    return found


def population_of(unit_id: str, *, by: Actor) -> Population:
    """What was put for a unit. Raises UnitNotFound, NotAllowed, PopulationNotFound."""
    by.must_hold(*POPULATION_READERS, at=unit_of(unit_id))
    found: Population | None = Population.objects.with_id(unit_id)
    if found is None:
        raise PopulationNotFound
    return found


def residents_of(unit_ids: Iterable[str]) -> dict[str, int]:
    """The residents of these units, by unit id; unknown ones are left out."""
    rows = collection(Population).find({"_id": {"$in": list(unit_ids)}}, {"residents": 1})
    return {row["_id"]: row["residents"] for row in rows}


def populations_put_since(moment: datetime) -> set[str]:
    """The units whose population was put since a moment."""
    rows = collection(Population).find({"put_at": {"$gte": moment}}, {"_id": 1})
    return {row["_id"] for row in rows}


def _sound(residents: int, source: str, as_of: date) -> dict[str, Any]:
    today = now().astimezone(ZoneInfo(settings().business_time_zone)).date()
    if type(residents) is not int or not 1 <= residents <= MOST_RESIDENTS:
        raise BadPopulation("residents")
    if not 1 <= len(source.strip()) <= MAX_SOURCE:
        raise BadPopulation("source")
    if as_of > today:
        raise BadPopulation("as_of")
    return {"residents": residents, "source": source.strip(), "as_of": as_of.isoformat()}
