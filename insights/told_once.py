"""Telling officers once: whom a unit's rules concern, what was told, and up to when all was."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from pymongo.errors import DuplicateKeyError

from insights.announcement import Announcement, ToldUpTo
from people import Role, Unit, holders_around
from shared.clock import real_now, stored
from shared.database import collection

# An hour of sweeps: what could not be told then is given up, or the log would be read from there
# on for ever.
MOST_TRIES = 240
# A mark is moved so rarely that most sweeps write nothing.
MARK_EVERY = timedelta(minutes=5)
CONCERNED = (Role.CENTRE_OFFICER, Role.RATE_ADMIN, Role.AUDITOR)


def concerned_by(unit: Unit, *, but: str = "") -> list[str]:
    """The officers, rate admins and auditors of the unit, above and below it, `but` one."""
    return sorted({*holders_around(*CONCERNED, at=unit)} - {but})


def untold(names: Iterable[str]) -> list[str]:
    """Those of the names that nobody was told of yet and that are not given up, in their order."""
    wanted = list(dict.fromkeys(names))
    if not wanted:
        return []
    is_over = [{"told_at": {"$ne": None}}, {"tries": {"$gte": MOST_TRIES}}]
    told = collection(Announcement).distinct("_id", {"_id": {"$in": wanted}, "$or": is_over})
    return [name for name in wanted if name not in set(told)]


def mark_told(name: str, **more: int) -> None:
    """Remember that this was told; whoever sweeps beside us may have, and nothing changes."""
    fresh = {"told_at": real_now(), **more}
    with suppress(DuplicateKeyError):
        not_yet = {"_id": name, "told_at": None}
        collection(Announcement).update_one(not_yet, {"$set": fresh}, upsert=True)


def tell_or_note(name: str, tell: Callable[[], None]) -> None:
    """Tell, and remember that it was told; or how often it failed, and raise."""
    try:
        tell()
    except Exception:
        failed = {"$inc": {"tries": 1}}
        collection(Announcement).update_one({"_id": name}, failed, upsert=True)
        raise
    mark_told(name)


def told_up_to(sort: str) -> datetime | None:
    """Up to when everything of this sort was told; None where nothing was yet."""
    found = collection(ToldUpTo).find_one({"_id": sort})
    return found["reached_at"] if found else None


def mark_told_up_to(sort: str, moment: datetime) -> None:
    """Remember it, some minutes after the last time; a sweep that is behind takes nothing back."""
    before = told_up_to(sort)
    if before and moment - before < MARK_EVERY:
        return
    reached = {"$max": {"reached_at": stored(moment)}}
    collection(ToldUpTo).update_one({"_id": sort}, reached, upsert=True)


def last_looked_at(sort: str) -> str:
    """The id of what was looked at last, of what is looked at in turn; empty before the first."""
    found = collection(ToldUpTo).find_one({"_id": sort}) or {}
    return str(found.get("last_id") or "")


def mark_looked_at(sort: str, last_id: str) -> None:
    """Remember it; of two who look beside one another both look at the same, and tell it once."""
    looked = {"$set": {"reached_at": real_now(), "last_id": last_id}}
    collection(ToldUpTo).update_one({"_id": sort}, looked, upsert=True)
