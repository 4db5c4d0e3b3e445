"""Calendar feeds: the link that opens one, and what stands in it."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from mongoengine.errors import NotUniqueError

from people import Actor, PersonNotFound, Role, UnitNotFound, person_of, unit_of
from shared.clock import now, real_now
from shared.errors import NotFound
from shared.i18n import DEFAULT_LANGUAGE, Text
from shared.sealing import keyed_hash, keyed_hashes
from tasks.judging.areas import location_of
from tasks.kinds.private_places import is_private
from tasks.participation import ENDED_UNWALKED, Participation, ParticipationState
from tasks.schedules.calendar_link import CalendarLink, FeedOf
from tasks.schedules.calendar_text import Duty, feed_text
from tasks.task import Task, TaskState

# What is over stands in a feed for this long.
SHOWN_FOR = timedelta(days=60)
MAX_DUTIES = 500
TOKEN_BYTES = 32
_UID_HOST = "fuxun"
_NAMES = {
    FeedOf.PERSON: Text("My volunteer duties", "我的志愿任务"),
    FeedOf.UNIT: Text("Volunteer duties of {name}", "{name}志愿任务"),
}


class CalendarNotFound(NotFound):
    """Raised when no calendar is behind a link: never issued, revoked, or its owner is gone."""

    message = Text("There is no such calendar.", "日历不存在。")


def issue_own_link(*, by: Actor) -> str:
    """A new secret for the caller's own feed; the one before it opens nothing any more."""
    return _issue(FeedOf.PERSON, by.person_id, by)


def issue_unit_link(unit_id: str, *, by: Actor) -> str:
    """A new secret for the unit's feed; the one before it opens nothing any more.

    Raises NotAllowed, UnitNotFound.
    """
    by.must_hold(Role.CENTRE_OFFICER, at=unit_of(unit_id))
    return _issue(FeedOf.UNIT, unit_id, by)


def _issue(feed_of: FeedOf, owner_id: str, by: Actor) -> str:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    link = {
        "feed_of": feed_of,
        "owner_id": owner_id,
        "token_hash": keyed_hash(_hashed_as(token)),
        "issued_by": by.person_id,
        "issued_at": real_now(),
    }
    changes = {f"set__{name}": value for name, value in link.items()}
    try:
        CalendarLink.objects(id=f"{feed_of}:{owner_id}").modify(upsert=True, **changes)
    except NotUniqueError:
        # Two first links at once met at the insert; now it is there, and the later one counts.
        CalendarLink.objects(id=f"{feed_of}:{owner_id}").modify(**changes)
    return token


def _hashed_as(token: str) -> str:
    return f"calendar:{token}"


def revoke_own_link(*, by: Actor) -> None:
    """Let the caller's feed be opened by nothing; repeating it changes nothing."""
    CalendarLink.objects(id=f"{FeedOf.PERSON}:{by.person_id}").delete()


def revoke_unit_link(unit_id: str, *, by: Actor) -> None:
    """Let the unit's feed be opened by nothing. Raises NotAllowed, UnitNotFound."""
    by.must_hold(Role.CENTRE_OFFICER, at=unit_of(unit_id))
    CalendarLink.objects(id=f"{FeedOf.UNIT}:{unit_id}").delete()


def calendar_behind(token: str) -> bytes:
    """The feed that this secret opens, as iCalendar text. Raises CalendarNotFound."""
    hashes = keyed_hashes(_hashed_as(token))
    link: CalendarLink | None = CalendarLink.objects(token_hash__in=hashes).first()
    if link is None:
        raise CalendarNotFound
    try:
        if link.feed_of == FeedOf.PERSON:
            return _feed_of_person(link.owner_id)
        return _feed_of_unit(link.owner_id)
    except (PersonNotFound, UnitNotFound):
        raise CalendarNotFound from None


def _feed_of_person(person_id: str) -> bytes:
    language = person_of(person_id).language or DEFAULT_LANGUAGE
    found = Participation.objects(person_id=person_id, ends_at__gt=now() - SHOWN_FOR)
    own: Sequence[Participation] = list(found.order_by("-id").limit(MAX_DUTIES))
    tasks = {task.id: task for task in _tasks({one.task_id for one in own})}
    duties = [_claimed(one, tasks[one.task_id]) for one in own if one.task_id in tasks]
    return feed_text(_NAMES[FeedOf.PERSON].say(language), duties, language=language)


def _tasks(ids: Iterable[str]) -> Iterable[Task]:
    found: Iterable[Task] = Task.objects(id__in=list(ids)).exclude("claims", "waiting")
    return found


def _feed_of_unit(unit_id: str) -> bytes:
    unit = unit_of(unit_id)
    published = Task.objects(
        unit_id=unit_id, published_at__ne=None, ends_at__gt=now() - SHOWN_FOR
    ).exclude("claims", "waiting")
    duties = [
        _duty(task, f"task-{task.id}", is_off=task.state == TaskState.CANCELLED)
        for task in published.order_by("-id").limit(MAX_DUTIES)
    ]
    return feed_text(_NAMES[FeedOf.UNIT].say(DEFAULT_LANGUAGE, name=unit.name), duties)


def _claimed(participation: Participation, task: Task) -> Duty:
    is_off = participation.state in ENDED_UNWALKED or task.state == TaskState.CANCELLED
    waits = participation.state == ParticipationState.WAITING
    changes = (participation.claimed_at, participation.started_at, participation.finished_at)
    changed_at = max(moment for moment in (*changes, task.closed_at) if moment)
    uid = f"participation-{participation.id}"
    is_theirs = not waits and participation.state not in ENDED_UNWALKED
    return _duty(
        task, uid, is_off=is_off, is_tentative=waits, changed_at=changed_at, is_theirs=is_theirs
    )


def _duty(
    task: Task,
    uid: str,
    *,
    is_off: bool,
    is_tentative: bool = False,
    changed_at: datetime | None = None,
    is_theirs: bool = False,
) -> Duty:
    """The task as a feed's entry; a private place is in the feed of whose slot it is alone."""
    lon, lat = location_of(task.area) if is_theirs else task.location["coordinates"]
    hides = is_private(task.kind_rules) and not is_theirs
    return Duty(
        uid=f"{uid}@{_UID_HOST}",
        title=task.title,
        starts_at=task.starts_at,
        ends_at=task.ends_at,
        changed_at=changed_at or task.closed_at or task.published_at,
        # Whatever changed makes the number rise: a called-off entry replaces the one before.
        sequence=task.version * 2 + is_off,
        location=task.place if hides else f"{task.place} {task.address}",
        lat=lat,
        lon=lon,
        is_off=is_off,
        is_tentative=is_tentative,
        brief=task.brief or "",
    )
