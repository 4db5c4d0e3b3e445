"""Telling officers once: whom a unit's rules concern, what was told, and up to when all was."""

from collections.abc import Iterable
from datetime import datetime

from insights.announcement import Announcement, ToldUpTo
from people import Role, Unit, holders_around
from shared.clock import real_now, stored
from shared.database import collection

CONCERNED = (Role.CENTRE_OFFICER, Role.RATE_ADMIN, Role.AUDITOR)


def concerned_by(unit: Unit, *, but: str = "") -> list[str]:
    """The officers, rate admins and auditors of the unit, above and below it, `but` one."""
    return sorted({*holders_around(*CONCERNED, at=unit)} - {but})


def untold(names: Iterable[str]) -> list[str]:
    """Those of the names that nobody was told of yet, in their order."""
    wanted = list(dict.fromkeys(names))
    told = collection(Announcement).distinct("_id", {"_id": {"$in": wanted}})
    return [name for name in wanted if name not in set(told)]


def mark_told(name: str, **more: int) -> None:
    """Remember that this was told; whoever sweeps beside us may have, and nothing changes."""
    fresh = {"told_at": real_now(), **more}
    collection(Announcement).update_one({"_id": name}, {"$setOnInsert": fresh}, upsert=True)


def told_up_to(sort: str) -> datetime | None:
    """Up to when everything of this sort was told; None where nothing was yet."""
    found = collection(ToldUpTo).find_one({"_id": sort})
    return found["reached_at"] if found else None


def mark_told_up_to(sort: str, moment: datetime) -> None:
    """Remember it; a sweep that is behind takes nothing back."""
    reached = {"$max": {"reached_at": stored(moment)}}
    collection(ToldUpTo).update_one({"_id": sort}, reached, upsert=True)
