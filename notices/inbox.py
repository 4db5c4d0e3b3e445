"""The inbox: what a person has been told and may see by now, and the marks of having read it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from notices.notice import Notice
from notices.places import behind, cursor_at, older
from people import Actor
from shared.clock import now, real_now
from shared.database import collection
from shared.errors import NotFound
from shared.i18n import Text

# A read notice is kept this long.
KEPT_READ = timedelta(days=90)
# Counted no further: an app shows "99+" long before.
MOST_COUNTED = 1_000


class NoticeNotFound(NotFound):
    """Raised when the caller has no such notice."""

    message = Text("You have no such notice.", "未找到该通知。")


@dataclass(frozen=True)
class NoticePage:
    """A page of the inbox, newest first; `next_cursor` is None at the end."""

    items: list[Notice]
    unread: int
    next_cursor: str | None


def inbox_of(
    person_id: str, *, unread: bool = False, cursor: str = "", limit: int = 20
) -> NoticePage:
    """What the person has been told, the latest shown first, with how many are unread (≤ 1,000).

    What waits for the end of quiet hours is not there yet. Raises BadCursor.
    """
    wanted = _shown_to(person_id)
    if unread:
        wanted["read_at"] = None
    if cursor:
        wanted["$or"] = behind(cursor, "shown_from")
    found = list(Notice.objects(__raw__=wanted).order_by("-shown_from", "-id").limit(limit + 1))
    items = found[:limit]
    more = cursor_at(items[-1].shown_from, items[-1].id) if len(found) > limit else None
    return NoticePage(items, unread_of(person_id), more)


def unread_of(person_id: str) -> int:
    """How many notices the person has not read, counted up to 1,000."""
    wanted = _shown_to(person_id) | {"read_at": None}
    return collection(Notice).count_documents(wanted, limit=MOST_COUNTED)


def read_notice(notice_id: str, *, by: Actor) -> Notice:
    """Mark one of the caller's notices as read; the first time counts. Raises NoticeNotFound."""
    mine = _shown_to(by.person_id) | {"_id": notice_id}
    collection(Notice).update_one(mine | {"read_at": None}, {"$set": _read()})
    return _mine(notice_id, by)


def read_notices_up_to(notice_id: str, *, by: Actor) -> int:
    """Mark this notice and all shown before it as read; how many were not. Raises NoticeNotFound.

    What came in after the caller looked stays unread.
    """
    last = _mine(notice_id, by)
    unread = _shown_to(by.person_id) | {"read_at": None}
    unread["$or"] = [*older(last.shown_from, last.id, "shown_from"), {"_id": last.id}]
    return collection(Notice).update_many(unread, {"$set": _read()}).modified_count


def _mine(notice_id: str, by: Actor) -> Notice:
    found = Notice.objects(__raw__=_shown_to(by.person_id) | {"_id": notice_id}).first()
    if found is None:
        raise NoticeNotFound
    return found


def _shown_to(person_id: str) -> dict[str, Any]:
    return {"person_id": person_id, "shown_from": {"$lte": now()}}


def _read() -> dict[str, Any]:
    return {"read_at": now(), "expires_at": real_now() + KEPT_READ}
