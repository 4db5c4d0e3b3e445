"""The log of changes: what was changed of the rules, from what to what, by whom and why."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from pymongo.client_session import ClientSession

from people.actor import Actor
from people.change_record import ChangeRecord
from people.questions import unit_of
from people.roles import Role
from people.unit import Unit
from shared.clock import real_now
from shared.cursors import from_cursor, to_cursor
from shared.database import collection
from shared.errors import Invalid
from shared.i18n import Text
from shared.ids import new_id

MAX_WHY_LENGTH = 500
PAGE_MAX = 100
READERS = (Role.RATE_ADMIN, Role.CENTRE_OFFICER, Role.AUDITOR, Role.ADMIN)
# What is about people rather than rules, and who of the readers looks into such things.
OF_PEOPLE = ("commendation", "badge_held")
READERS_OF_PEOPLE = (Role.CENTRE_OFFICER, Role.ADMIN)


class WhyMissing(Invalid):
    """Raised when a change of the rules comes without a reason, or with an endless one."""

    message = Text(
        "Please say why, in 1 to {length} characters.", "请填写变更原因（1 至 {length} 字）。"
    )


class ChangePage(NamedTuple):
    """Changes, newest first; where the list goes on."""

    items: list[ChangeRecord]
    next_cursor: str | None


def sound_why(why: str) -> str:
    """The reason given for a change, trimmed. Raises WhyMissing."""
    why = why.strip()
    if not 1 <= len(why) <= MAX_WHY_LENGTH:
        raise WhyMissing("why", length=MAX_WHY_LENGTH)
    return why


def record_change(
    subject: str,
    about_id: str,
    verb: str,
    *,
    unit: Unit,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    why: str,
    by_id: str,
    person_id: str | None = None,
    session: ClientSession,
) -> None:
    """Add a record to the log inside the transaction that makes the change.

    Of `before` and `after` (plain values by name) only what differs is kept. `person_id` is whom
    it is about, where that is one person.
    """
    before, after = dict(before or {}), dict(after or {})
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    record = ChangeRecord(
        id=new_id(),
        subject=subject,
        about_id=about_id,
        unit_id=unit.id,
        lineage=list(unit.lineage),
        verb=verb,
        before={name: before[name] for name in names if name in before},
        after={name: after[name] for name in names if name in after},
        why=why,
        by_id=by_id,
        person_id=person_id,
        at=real_now(),
    )
    collection(ChangeRecord).insert_one(record.to_mongo().to_dict(), session=session)


def changes_page(
    unit_id: str,
    *,
    about_id: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
    by: Actor,
) -> ChangePage:
    """The changes of the rules of a unit and of all below it, newest first.

    What was decided of people is there for officers and admins alone, and for nobody of
    themselves. Raises UnitNotFound, NotAllowed, BadCursor.
    """
    unit = unit_of(unit_id)
    by.must_hold(*READERS, at=unit)
    limit = max(1, min(limit, PAGE_MAX))
    wanted: dict[str, Any] = {"lineage": unit_id, "person_id__ne": by.person_id}
    if not by.holds(*READERS_OF_PEOPLE, at=unit):
        wanted["subject__nin"] = OF_PEOPLE
    if about_id:
        wanted["about_id"] = about_id
    if cursor:
        wanted["id__lt"] = from_cursor(cursor, str)[0]
    found = list(ChangeRecord.objects(**wanted).order_by("-id").limit(limit + 1))
    more = to_cursor(found[limit - 1].id) if len(found) > limit else None
    return ChangePage(found[:limit], more)


def changes_since(record_id: str, *, until: datetime, limit: int) -> list[ChangeRecord]:
    """The records after the one of this id, oldest first, made before `until`: for who tells."""
    wanted = ChangeRecord.objects(id__gt=record_id, at__lt=until)
    return list(wanted.order_by("id").limit(limit))
