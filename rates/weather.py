"""Weather warnings: heat and storms that officers declare, for which outdoor work is worth more.

What was published before a warning keeps its price; what is published while one is known counts
the hours that lie in it.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from people import Actor, Role, Unit, record_change, sound_why, unit_of
from rates.pricing import WeatherSpan
from rates.rate_card import Occasion
from rates.weather_warning import WeatherWarning
from shared.clock import now, stored
from shared.cursors import from_cursor, to_cursor
from shared.database import collection, confirmed, in_transaction
from shared.errors import Conflict, Invalid, NotFound, Unavailable
from shared.i18n import Text
from shared.ids import new_id

DECLARERS = (Role.CENTRE_OFFICER, Role.RATE_ADMIN)
READERS = (*DECLARERS, Role.AUDITOR, Role.ADMIN)
WEATHER = (Occasion.HEAT, Occasion.STORM)
# A warning is for weather that is known: longer or further ahead it would be a rate of its own.
LONGEST = timedelta(days=14)
AHEAD = timedelta(days=30)
# The weather service may have been faster than the officer.
BEHIND = timedelta(days=1)
PAGE_MAX = 100


class NoWeather(Invalid):
    """Raised when a warning is for an occasion that is no weather."""

    message = Text(
        "A warning is for heat or for storm.", "预警类型须为高温（heat）或恶劣天气（storm）。"
    )


class BadWarningTime(Invalid):
    """Raised when a warning ends before it begins, is over, lasts too long or lies too far off."""

    message = Text(
        "A warning begins at most {behind} day back and {ahead} days ahead, ends in the future, "
        "and lasts at most {longest} days.",
        "预警开始时间最多早于现在 {behind} 天、晚于现在 {ahead} 天，须在未来结束，"
        "最长 {longest} 天。",
    )


class WarningNotFound(NotFound):
    """Raised when there is no such weather warning, or none in the caller's reach."""

    message = Text("There is no such weather warning.", "未找到该天气预警。")


class WarningKeyUsed(Conflict):
    """Raised when the Idempotency-Key was used for another warning."""

    message = Text(
        "This Idempotency-Key was used for another warning.",
        "该 Idempotency-Key 已用于其他天气预警。",
    )


class WarningOver(Conflict):
    """Raised when a warning that ran to its end would be ended early."""

    message = Text("This warning is over already.", "该天气预警已结束。")


class WarningPage(NamedTuple):
    """Weather warnings, newest first; where the list goes on."""

    items: list[WeatherWarning]
    next_cursor: str | None


def declare_weather(
    unit_id: str,
    occasion: Occasion,
    starts_at: datetime,
    ends_at: datetime,
    *,
    why: str,
    key: str,
    by: Actor,
) -> WeatherWarning:
    """Declare heat or a storm for a unit and all below it; the same key answers the same warning.

    Raises UnitNotFound, NotAllowed, NoWeather, BadWarningTime, WhyMissing, WarningKeyUsed.
    """
    unit = unit_of(unit_id)
    by.must_hold(*DECLARERS, at=unit)
    if occasion not in WEATHER:
        raise NoWeather("occasion")
    wanted = WeatherWarning(
        id=new_id(),
        unit_id=unit.id,
        lineage=list(unit.lineage),
        occasion=Occasion(occasion),
        starts_at=stored(starts_at),
        ends_at=stored(ends_at),
        why=sound_why(why),
        key=key,
        declared_by=by.person_id,
        declared_at=now(),
    )
    # Looked up first: a repeat may come when the warning is over.
    earlier = _declared_before(wanted)
    if earlier is None:
        _refuse_bad_time(wanted)
        try:
            _write(wanted, unit)
        except DuplicateKeyError:
            confirmed(WeatherWarning).find_one({"declared_by": by.person_id, "key": key})
            earlier = _declared_before(wanted)
            if earlier is None:
                raise Unavailable from None
    return earlier or wanted


def _declared_before(wanted: WeatherWarning) -> WeatherWarning | None:
    """The warning made under the same key, where it says the same. Raises WarningKeyUsed."""
    found: WeatherWarning | None = WeatherWarning.objects(
        declared_by=wanted.declared_by, key=wanted.key
    ).first()
    said = ("unit_id", "occasion", "starts_at", "ends_at", "why")
    if found and any(found[name] != wanted[name] for name in said):
        raise WarningKeyUsed
    return found


def _refuse_bad_time(wanted: WeatherWarning) -> None:
    begins, ends, moment = wanted.starts_at, wanted.ends_at, now()
    if begins >= ends or ends <= moment or ends - begins > LONGEST:
        raise _bad_time("ends_at")
    if not moment - BEHIND <= begins <= moment + AHEAD:
        raise _bad_time("starts_at")


def _bad_time(field: str) -> BadWarningTime:
    days = {"behind": BEHIND.days, "ahead": AHEAD.days, "longest": LONGEST.days}
    return BadWarningTime(field, **days)


def _write(wanted: WeatherWarning, unit: Unit) -> None:
    """The warning and the record of it, both or neither. Raises DuplicateKeyError."""
    after = {
        "occasion": Occasion(wanted.occasion).value,
        "starts_at": wanted.starts_at,
        "ends_at": wanted.ends_at,
    }

    def decide(session: ClientSession) -> None:
        collection(WeatherWarning).insert_one(wanted.to_mongo(), session=session)
        record_change(
            "weather_warning",
            wanted.id,
            "declared",
            unit=unit,
            before=None,
            after=after,
            why=wanted.why,
            by_id=wanted.declared_by,
            session=session,
        )

    in_transaction(decide)


def end_weather(warning_id: str, *, why: str, by: Actor) -> WeatherWarning:
    """End a warning now, before its time; one that has not begun never counts.

    Repeating it answers the same. Raises WarningNotFound, NotAllowed, WhyMissing, WarningOver.
    """
    found = WeatherWarning.objects.with_id(warning_id)
    if found is None or not by.holds(*READERS, at=found):
        raise WarningNotFound
    by.must_hold(*DECLARERS, at=found)
    why, moment = sound_why(why), now()
    if found.withdrawn_at is None:
        if found.ends_at <= moment:
            raise WarningOver
        _end(found, moment, why, by)
    ended: WeatherWarning = WeatherWarning.objects.get(id=warning_id)
    return ended


def _end(found: WeatherWarning, moment: datetime, why: str, by: Actor) -> None:
    as_seen = {"_id": found.id, "withdrawn_at": None}
    ended = {"$set": {"withdrawn_at": moment, "withdrawn_by": by.person_id}}
    unit = unit_of(found.unit_id)

    def decide(session: ClientSession) -> None:
        # Whoever was faster has written the record.
        if (
            not collection(WeatherWarning)
            .update_one(as_seen, ended, session=session)
            .modified_count
        ):
            return
        record_change(
            "weather_warning",
            found.id,
            "ended",
            unit=unit,
            before={"ends_at": found.ends_at},
            after={"ends_at": moment},
            why=why,
            by_id=by.person_id,
            session=session,
        )

    in_transaction(decide)


def weather_over(
    unit_ids: Collection[str],
    starts_at: datetime,
    ends_at: datetime,
    *,
    known_at: datetime | None = None,
) -> tuple[WeatherSpan, ...]:
    """The spans of heat and storm over any of these units that meet [starts_at, ends_at).

    A warning of a unit holds for all below it: `unit_ids` are those with all above them. Spans of
    one occasion may overlap. With `known_at` as they stood then: declared, and not ended yet.
    """
    wanted: dict[str, Any] = {
        "unit_id": {"$in": list(unit_ids)},
        "ends_at": {"$gt": stored(starts_at)},
        "starts_at": {"$lt": stored(ends_at)},
    }
    spans = []
    if known_at is not None:
        wanted["declared_at"] = {"$lte": stored(known_at)}
    for row in collection(WeatherWarning).find(wanted).sort("_id", 1):
        ended_at = row.get("withdrawn_at")
        if ended_at is None or (known_at is not None and ended_at > stored(known_at)):
            ended_at = row["ends_at"]
        until = min(row["ends_at"], ended_at)
        if max(row["starts_at"], stored(starts_at)) < until:
            spans.append(WeatherSpan(Occasion(row["occasion"]), row["starts_at"], until))
    return tuple(spans)


def warnings_page(
    unit_id: str, *, cursor: str | None = None, limit: int = 20, by: Actor
) -> WarningPage:
    """The warnings declared for a unit or for one below it, newest first.

    Raises UnitNotFound, NotAllowed, BadCursor.
    """
    by.must_hold(*READERS, at=unit_of(unit_id))
    wanted: dict[str, Any] = {"lineage": unit_id}
    if cursor:
        wanted["id__lt"] = from_cursor(cursor, str)[0]
    limit = max(1, min(limit, PAGE_MAX))
    found = list(WeatherWarning.objects(**wanted).order_by("-id").limit(limit + 1))
    more = to_cursor(found[limit - 1].id) if len(found) > limit else None
    return WarningPage(found[:limit], more)
