"""Profiling: a point's hours, pause and phone number are said, all at once, by its own staff."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from mongoengine.errors import ValidationError
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from catalog.offering import OFFICERS, redemption_point_of
from catalog.points.pausing import mirror_pause
from catalog.points.point_profile import ExtraDay, PointProfile, TimeSpan, WeekdayHours
from catalog.stock import Stock
from people import Actor, Role
from shared.clock import now
from shared.database import collection, in_transaction
from shared.errors import Conflict, Invalid
from shared.i18n import Text

MOST_SPANS = 50
MOST_DAYS = 400
_PHONE = re.compile(r"\+?[0-9][0-9 ()-]{1,24}[0-9]")

Part = TypeVar("Part")


class HoursInvalid(Invalid):
    """Raised when something said of a point's hours cannot be meant; `field` names it."""

    message = Text("These opening hours cannot be used.", "该营业时间设置无效。")


class PauseNeedsReason(Invalid):
    """Raised when a point would be paused and nobody says why."""

    message = Text("Say why the point is paused.", "暂停兑换时请填写原因。")


class HoursChanged(Conflict):
    """Raised when somebody else changed the point's hours meanwhile."""

    message = Text(
        "These hours were changed meanwhile: please look again.", "营业时间已被修改，请刷新后重试。"
    )


@dataclass(frozen=True)
class PointTerms:
    """What a point says of itself, whole.

    `weekly` are (weekday 1 to 7, from_minute, until_minute), `closed_days` days (2017-12-31),
    `extra_days` such days with their (from_minute, until_minute); minutes are of the business time
    zone's day. `low_at`: so few of anything are few there.
    """

    weekly: Sequence[tuple[int, int, int]] = ()
    closed_days: Sequence[date] = ()
    extra_days: Sequence[tuple[date, Sequence[tuple[int, int]]]] = ()
    paused: bool = False
    paused_reason: str = ""
    phone_number: str = ""
    low_at: int | None = field(default=None)


def set_point_hours(point_id: str, terms: PointTerms, *, version: int, by: Actor) -> PointProfile:
    """Say when a point is open, whether it is paused, and how it is reached.

    `version` is the one last read, 0 where none was said before; a repeat of what stands is
    answered with it. Once a pause answers, nothing is ordered there. Raises UnitNotFound,
    NotARedemptionPoint, NotAllowed, HoursInvalid, PauseNeedsReason, HoursChanged.
    """
    by.must_hold(Role.CLERK, *OFFICERS, at=redemption_point_of(point_id))
    said = _profile(point_id, terms, version, by)
    try:
        written = in_transaction(lambda session: _write(said, version, session))
    except DuplicateKeyError:
        written = False
    # A stock may have been opened beside the transaction, which did not see it.
    mirror_pause(point_id)
    stands = PointProfile.objects.with_id(point_id)
    if not written and (stands is None or _content(stands) != _content(said)):
        raise HoursChanged
    return said if written else stands


def _profile(point_id: str, terms: PointTerms, version: int, by: Actor) -> PointProfile:
    paused_reason = terms.paused_reason.strip() if terms.paused else ""
    if terms.paused and not paused_reason:
        raise PauseNeedsReason("paused_reason")
    if terms.phone_number and not _PHONE.fullmatch(terms.phone_number):
        raise HoursInvalid("phone_number")
    said = PointProfile(
        id=point_id,
        weekly=_read("weekly", sorted(set(terms.weekly)), _weekday_hours, MOST_SPANS),
        closed_days=_read("closed_days", sorted(set(terms.closed_days)), _day, MOST_DAYS),
        extra_days=_extra_days(terms),
        paused=terms.paused,
        paused_reason=paused_reason,
        phone_number=terms.phone_number,
        low_at=terms.low_at,
        version=version + 1,
        changed_by=by.person_id,
        changed_at=now(),
    )
    try:
        said.validate()
    except ValidationError as error:
        raise HoursInvalid(next(iter(error.to_dict()))) from error
    return said


def _extra_days(terms: PointTerms) -> list[ExtraDay]:
    days = [day for day, _ in terms.extra_days]
    if len(set(days)) < len(days) or not all(spans for _, spans in terms.extra_days):
        raise HoursInvalid("extra_days")
    if any(len(spans) > MOST_SPANS for _, spans in terms.extra_days):
        raise HoursInvalid("extra_days")

    def extra_day(said: tuple[date, Sequence[tuple[int, int]]]) -> ExtraDay:
        spans = [_span(*span) for span in sorted(set(said[1]))]
        return ExtraDay(day=said[0].isoformat(), spans=spans)

    return _read("extra_days", sorted(terms.extra_days), extra_day, MOST_DAYS)


def _read(name: str, said: Sequence[Any], read: Callable[[Any], Part], most: int) -> list[Part]:
    if len(said) > most:
        raise HoursInvalid(name)
    try:
        return [read(one) for one in said]
    except ValueError:
        raise HoursInvalid(name) from None


def _weekday_hours(said: tuple[int, int, int]) -> WeekdayHours:
    weekday, from_minute, until_minute = said
    return WeekdayHours(weekday=weekday, span=_span(from_minute, until_minute))


def _span(from_minute: int, until_minute: int) -> TimeSpan:
    if from_minute >= until_minute:
        raise ValueError("ends before it begins")
    return TimeSpan(from_minute=from_minute, until_minute=until_minute)


def _day(day: date) -> str:
    return day.isoformat()


def _write(said: PointProfile, version: int, session: ClientSession) -> bool:
    """The profile, where it still has `version`, and its pause in every stock; else nothing."""
    row = said.to_mongo().to_dict()
    if version == 0:
        collection(PointProfile).insert_one(row, session=session)
    else:
        known = {"_id": said.id, "version": version}
        if not collection(PointProfile).replace_one(known, row, session=session).matched_count:
            return False
    wrong = {"point_id": said.id, "paused": {"$ne": True} if said.paused else True}
    collection(Stock).update_many(wrong, {"$set": {"paused": said.paused}}, session=session)
    return True


def _content(profile: PointProfile) -> dict[str, Any]:
    """What the staff said, without when and who."""
    row: dict[str, Any] = profile.to_mongo().to_dict()
    return {
        name: value
        for name, value in row.items()
        if name not in ("version", "changed_by", "changed_at") and value not in ([], None)
    }
