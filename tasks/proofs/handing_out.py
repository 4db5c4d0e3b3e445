"""How hand-outs are counted per item and place, put right, and held against what was asked."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from people import Actor, Role, unit_of
from shared.clock import now
from shared.database import collection
from shared.errors import Conflict, Invalid, NotFound, Refused, Unavailable
from shared.i18n import Text
from shared.ids import new_id
from tasks.participation import Participation, ParticipationState
from tasks.proofs.hand_out import HandOut
from tasks.proofs.photo import Photo
from tasks.proofs.under_way import bring, must_be_under_way, parameters_of
from tasks.publishing import task_of
from tasks.taking_part import own_participation, participation_of
from tasks.task import Task, TaskState

MAX_LINES = 200
MAX_PERIOD = timedelta(days=92)


class HandOutNotFound(NotFound):
    """Raised when the participation has no such hand-out."""

    message = Text("There is no such hand-out.", "发放记录不存在。")


class HandOutKeyReused(Conflict):
    """Raised when a key comes again with another hand-out."""

    message = Text(
        "This key was already used for another hand-out.", "该编号已用于另一条发放记录。"
    )


class TooManyHandOuts(Refused):
    """Raised when a participation holds as many hand-outs as it may."""

    message = Text("A participation may hold {most} hand-outs.", "每次参与最多 {most} 条发放记录。")


class NotAskedFor(Invalid):
    """Raised when an item or a place is not one of those that the task names."""

    message = Text("The task asks for: {wanted_words}.", "该任务要求：{wanted_words}。")


class PhotosNotThere(Invalid):
    """Raised when a hand-out names a photo that its participation does not have."""

    message = Text("The participation has no such photo.", "该参与没有这张照片。")


class BadPeriod(Invalid):
    """Raised when a period ends before it begins, or is longer than a quarter of a year."""

    message = Text(
        "The period must end after it begins and last {most_days} days at most.",
        "时间段须先开始后结束，且不超过 {most_days} 天。",
    )


@dataclass(frozen=True)
class Counted:
    """So many of one item at one place."""

    item: str
    place: str
    count: int


@dataclass(frozen=True)
class PlaceReached:
    """One place that was asked for: how much came there, the least that was asked."""

    place: str
    count: int
    least: int

    @property
    def is_reached(self) -> bool:
        """Whether as much came there as was asked, and at least one."""
        return self.count >= max(self.least, 1)


@dataclass(frozen=True)
class HandOutSheet:
    """A participation's hand-outs: the lines, the sums of those not voided, the places asked."""

    lines: list[HandOut]
    sums: list[Counted]
    places: list[PlaceReached]


@dataclass(frozen=True)
class UnitHandOuts:
    """A unit's hand-outs over a period: verified sums, what is not decided yet, and the places."""

    sums: list[Counted]
    undecided: list[Counted]
    places: list[PlaceReached]


def hand_out(
    participation_id: str,
    *,
    item: str,
    place: str,
    count: int,
    photo_ids: list[str],
    key: str,
    by: Actor,
) -> HandOut:
    """One line: `count` of `item` brought to `place`; the same key again answers the same line.

    Raises ParticipationNotFound, WrongParticipationState, NotAskedFor, PhotosNotThere,
    HandOutKeyReused, TooManyHandOuts.
    """
    found = own_participation(participation_id, by)
    said: dict[str, Any] = {
        "item": item,
        "place": place,
        "count": count,
        "photo_ids": sorted(set(photo_ids)),
    }
    earlier = _earlier(participation_id, key, said)
    if earlier is not None:
        return earlier
    must_be_under_way(found)
    _refuse_unasked(task_of(found.task_id), item, place)
    _refuse_strange_photos(participation_id, said["photo_ids"])
    line = HandOut(
        id=new_id(),
        participation_id=found.id,
        task_id=found.task_id,
        unit_id=found.unit_id,
        key=key,
        handed_at=now(),
        **said,
    )
    return _keep(line, said)


def _earlier(participation_id: str, key: str, said: dict[str, Any]) -> HandOut | None:
    earlier: HandOut | None = HandOut.objects(participation_id=participation_id, key=key).first()
    if earlier is None:
        return None
    if any(getattr(earlier, name) != value for name, value in said.items()):
        raise HandOutKeyReused
    return earlier


def _refuse_unasked(task: Task, item: str, place: str) -> None:
    """A misspelt place would be one more place, and the right one would look unreached."""
    asked = parameters_of(task, "handed_out") or {}
    items = list(asked.get("items") or [])
    places = [one["name"] for one in asked.get("places") or []]
    if items and item not in items:
        raise NotAskedFor("item", wanted_words="; ".join(items))
    if places and place not in places:
        raise NotAskedFor("place", wanted_words="; ".join(places))


def _refuse_strange_photos(participation_id: str, photo_ids: list[str]) -> None:
    held = Photo.objects(participation_id=participation_id, id__in=photo_ids).count()
    if held != len(photo_ids):
        raise PhotosNotThere("photo_ids")


def _keep(line: HandOut, said: dict[str, Any]) -> HandOut:
    def insert(session: ClientSession) -> None:
        of_this = {"participation_id": line.participation_id}
        if collection(HandOut).count_documents(of_this, session=session) >= MAX_LINES:
            raise TooManyHandOuts(most=MAX_LINES)
        collection(HandOut).insert_one(line.to_mongo().to_dict(), session=session)

    try:
        bring(line.participation_id, insert)
    except DuplicateKeyError:
        earlier = _earlier(line.participation_id, line.key, said)
        if earlier is None:
            raise Unavailable from None
        return earlier
    return line


def void_hand_out(participation_id: str, hand_out_id: str, *, by: Actor) -> HandOut:
    """The line, no longer counted; it stays readable. Repeating it changes nothing.

    Raises ParticipationNotFound, HandOutNotFound, WrongParticipationState.
    """
    found = own_participation(participation_id, by)
    line = _line_of(found.id, hand_out_id)
    if line.voided_at is not None:
        return line
    moment = now()

    def write(session: ClientSession) -> None:
        collection(HandOut).update_one(
            {"_id": line.id, "voided_at": None}, {"$set": {"voided_at": moment}}, session=session
        )

    bring(found.id, write)
    return _line_of(found.id, hand_out_id)


def _line_of(participation_id: str, hand_out_id: str) -> HandOut:
    line: HandOut | None = HandOut.objects(
        id=hand_out_id, participation_id=participation_id
    ).first()
    if line is None:
        raise HandOutNotFound
    return line


def lines_of(participation_id: str) -> list[HandOut]:
    """Every line of a participation, voided ones too, in the order they were written."""
    return list(HandOut.objects(participation_id=participation_id).order_by("id"))


def hand_outs_of(participation_id: str, *, by: Actor) -> HandOutSheet:
    """What a participation handed out, per item and place, and the places it did not reach.

    Raises ParticipationNotFound.
    """
    found = participation_of(participation_id, by=by)
    lines = lines_of(found.id)
    sums = summed((line.item, line.place, line.count) for line in lines if not line.voided_at)
    return HandOutSheet(lines, sums, places_of([task_of(found.task_id)], sums))


def summed(lines: Iterable[tuple[str, str, int]]) -> list[Counted]:
    """(item, place, count) added up, by place and item."""
    sums: Counter[tuple[str, str]] = Counter()
    for item, place, count in lines:
        sums[place, item] += count
    return [Counted(item, place, count) for (place, item), count in sorted(sums.items())]


def places_of(tasks: Iterable[Task], sums: Iterable[Counted]) -> list[PlaceReached]:
    """Every place that the tasks name, with what came there; the most that one task asks counts."""
    least: dict[str, int] = {}
    for task in tasks:
        for place in (parameters_of(task, "handed_out") or {}).get("places") or []:
            asked = int(place.get("least") or 1)
            least[place["name"]] = max(asked, least.get(place["name"], 0))
    came: Counter[str] = Counter()
    for one in sums:
        came[one.place] += one.count
    return [PlaceReached(name, came[name], asked) for name, asked in sorted(least.items())]


def hand_outs_in(unit_id: str, since: datetime, until: datetime, *, by: Actor) -> UnitHandOuts:
    """What a unit's tasks brought where between two moments; which places were not reached.

    Only verified participations count as having reached a place. Raises NotAllowed, UnitNotFound,
    BadPeriod.
    """
    unit = unit_of(unit_id)
    by.must_hold(Role.CENTRE_OFFICER, Role.AUDITOR, at=unit)
    if not since < until <= since + MAX_PERIOD:
        raise BadPeriod("until", most_days=MAX_PERIOD.days)
    tasks = Task.objects(
        unit_id=unit.id,
        state__in=[TaskState.PUBLISHED, TaskState.CLOSED],
        starts_at__gte=since,
        starts_at__lt=until,
    ).only("checks")
    rows = _rows_in(unit.id, since, until)
    states = _states_of({row["participation_id"] for row in rows})
    verified = [row for row in rows if states[row["participation_id"]] == _VERIFIED]
    undecided = [row for row in rows if states[row["participation_id"]] in _UNDECIDED]
    sums = _summed_rows(verified)
    return UnitHandOuts(sums, _summed_rows(undecided), places_of(tasks, sums))


_VERIFIED = ParticipationState.VERIFIED.value
_UNDECIDED = {
    ParticipationState.STARTED.value,
    ParticipationState.FINISHED.value,
    ParticipationState.IN_REVIEW.value,
    ParticipationState.APPEALED.value,
}


def _rows_in(unit_id: str, since: datetime, until: datetime) -> list[dict[str, Any]]:
    wanted = {"unit_id": unit_id, "handed_at": {"$gte": since, "$lt": until}, "voided_at": None}
    fields = {"participation_id": 1, "item": 1, "place": 1, "count": 1}
    return list(collection(HandOut).find(wanted, fields))


def _states_of(participation_ids: set[str]) -> dict[str, str]:
    found = collection(Participation).find(
        {"_id": {"$in": sorted(participation_ids)}}, {"state": 1}
    )
    return {row["_id"]: row["state"] for row in found}


def _summed_rows(rows: Iterable[dict[str, Any]]) -> list[Counted]:
    return summed((row["item"], row["place"], row["count"]) for row in rows)
