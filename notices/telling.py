"""Telling people: one notice a key in the inbox of each, harmless to repeat."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pymongo.errors import BulkWriteError

from notices.handing_on import is_wanted
from notices.notice import Notice
from notices.notice_settings import NoticeSettings
from notices.quiet_hours import shown_from
from notices.templates import TEMPLATES, facts_lacking
from notices.wishes import settings_of_all
from people import Role, Unit, holders_of, unit_of
from settings import settings
from shared.clock import now, real_now
from shared.database import DUPLICATE_KEY, collection
from shared.ids import new_id
from shared.queue import enqueue

# An unread notice is forgotten after this long.
KEPT_UNREAD = timedelta(days=400)


class BadNotice(ValueError):
    """Raised when a notice has no template, or not the facts that its words need: our own slip."""


def tell(person_id: str, notice: str, facts: dict[str, Any], *, key: str) -> None:
    """Put one notice into a person's inbox, once for each `key`; repeating changes nothing.

    `facts` fill the words of the template called `notice`: plain values, aware times, or
    {"en": …, "zh-CN": …}; further ones (ids) go along for the app. Raises BadNotice.
    """
    tell_people([person_id], notice, facts, key=key)


def tell_officers(unit: Unit | str, notice: str, facts: dict[str, Any], *, key: str) -> None:
    """Tell every centre officer at the unit or above it, each once for each `key`.

    Raises BadNotice, UnitNotFound.
    """
    at = unit_of(unit) if isinstance(unit, str) else unit
    tell_people(holders_of(Role.CENTRE_OFFICER, at=at), notice, facts, key=key)


def tell_people(person_ids: Iterable[str], notice: str, facts: dict[str, Any], *, key: str) -> None:
    """Tell each of these people who has not muted it, once for each `key`. Raises BadNotice."""
    lacking = facts_lacking(notice, facts)
    if lacking:
        raise BadNotice(lacking)
    wishes = settings_of_all(list(dict.fromkeys(person_ids)))
    is_urgent, to_hand_on = TEMPLATES[notice].urgent, is_wanted(notice)
    rows = [
        _row(one, notice, is_urgent) | {"facts": facts, "key": key, "to_hand_on": to_hand_on}
        for one in wishes.values()
        if is_urgent or notice not in one.muted
    ]
    if not rows:
        return
    try:
        collection(Notice).insert_many(rows, ordered=False)
    except BulkWriteError as error:
        # Who was told before is told no second time; anything else is a failure.
        if any(one["code"] != DUPLICATE_KEY for one in error.details["writeErrors"]):
            raise
    if to_hand_on:
        # Those that were there before were handed on then: the job finds nothing to do.
        enqueue("notices.jobs.deliver", [row["_id"] for row in rows])


def _row(wishes: NoticeSettings, notice: str, is_urgent: bool) -> dict[str, Any]:
    moment = now()
    zone = ZoneInfo(settings().business_time_zone)
    quiet = (wishes.quiet_from_minute, wishes.quiet_until_minute)
    return {
        "_id": new_id(),
        "person_id": wishes.id,
        "name": notice,
        "wording": TEMPLATES[notice].number,
        "created_at": moment,
        "shown_from": moment if is_urgent else shown_from(moment, *quiet, zone),
        "expires_at": real_now() + KEPT_UNREAD,
    }
