"""How fast hand-overs may follow one another: at one point, and to one person at all of them."""

from contextlib import suppress
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from limits import RateLimitItem, parse_many
from pymongo import ReturnDocument, WriteConcern
from pymongo.errors import DuplicateKeyError

from catalog.scanning.scan_desk import ScanDesk
from catalog.voucher import Voucher
from settings import settings
from shared.clock import now, real_now
from shared.database import collection
from shared.errors import TooMany
from shared.i18n import Text


class TooManyScans(TooMany):
    """Raised when a redemption point scans faster than clerks can hand over."""

    message = Text(
        "Too many scans at this point. Please wait {retry_after_s} seconds.",
        "该兑换点扫码过于频繁，请在 {retry_after_s} 秒后重试。",
    )


class TooManyHandOvers(TooMany):
    """Raised when one person was handed over more than anybody fetches for themselves."""

    message = Text(
        "This person was handed over much of late. Please wait {retry_after_s} seconds.",
        "该持券人近期兑换过于频繁，请在 {retry_after_s} 秒后重试。",
    )


def counted_scan(point_id: str) -> dict[str, Any]:
    """Count one try at a point and give its desk, as stored. Raises TooManyScans.

    One small write, which need not outlive a crash of the server: it tells the pace, the key that
    is needed and who is paused at once, so that a scan asks for them with one command.
    """
    moment = real_now()
    items = _items(settings().limit_scans_per_point)
    desk = _visited(point_id, {str(item.get_expiry()): _window(item, moment) for item in items})
    for item in items:
        if desk["windows"][str(item.get_expiry())]["tries"] > item.amount:
            window_s = item.get_expiry()
            raise TooManyScans(retry_after_s=window_s - int(moment.timestamp()) % window_s)
    return desk


def open_desk(point_id: str) -> None:
    """Make the point's desk where nothing was scanned there yet."""
    with suppress(DuplicateKeyError):  # a scan made it this moment
        collection(ScanDesk).update_one(
            {"_id": point_id}, {"$setOnInsert": {"needs_key": False}}, upsert=True
        )


def _visited(point_id: str, windows: dict[str, int]) -> dict[str, Any]:
    desks = collection(ScanDesk).with_options(write_concern=WriteConcern(w=1, j=False))
    counted = {name: _one_more(f"$windows.{name}", number) for name, number in windows.items()}
    for _ in range(3):
        try:
            desk = desks.find_one_and_update(
                {"_id": point_id},
                [{"$set": {"windows": counted}}],
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
            return desk or {}
        except DuplicateKeyError:
            continue  # another first scan of the point made it this moment
    raise TooManyScans(retry_after_s=1)


def _one_more(window: str, number: int) -> dict[str, Any]:
    goes_on = {"$eq": [f"{window}.number", number]}
    tries = {"$cond": [goes_on, {"$add": [f"{window}.tries", 1]}, 1]}
    return {"number": number, "tries": tries}


def _window(item: RateLimitItem, moment: datetime) -> int:
    return int(moment.timestamp()) // item.get_expiry()


def refuse_haste(person_id: str) -> None:
    """Raises TooManyHandOvers where a person was handed over as much as the limits let them be.

    It counts what stands, so two scans that race at the very limit may both pass.
    """
    moment, items = now(), _items(settings().limit_hand_overs_per_person)
    longest = timedelta(seconds=max(item.get_expiry() for item in items))
    # Answered out of the index alone.
    times = _latest(person_id, {"$gt": moment - longest}, items)
    waits = [_wait_s(times, item, moment) for item in items]
    if max(waits) > 0:
        raise TooManyHandOvers(retry_after_s=max(waits))


def refuse_haste_then(person_id: str, moment: datetime) -> None:
    """As `refuse_haste`, of a moment that is past: what came in the same time after it counts too.

    So a queue is as slow in whatever order its lines are brought in. Raises TooManyHandOvers.
    """
    for item in _items(settings().limit_hand_overs_per_person):
        window = timedelta(seconds=item.get_expiry())
        for span in (
            {"$gt": moment - window, "$lte": moment},
            {"$gte": moment, "$lt": moment + window},
        ):
            if len(_latest(person_id, span, (item,))) >= item.amount:
                raise TooManyHandOvers(retry_after_s=item.get_expiry())


def _latest(
    person_id: str, span: dict[str, datetime], items: tuple[RateLimitItem, ...]
) -> list[datetime]:
    """When a person was handed over in a span, the latest first, as many as the limits ask for."""
    found = collection(Voucher).find(
        {"person_id": person_id, "redeemed_at": span}, {"_id": 0, "redeemed_at": 1}
    )
    latest = found.sort("redeemed_at", -1).limit(max(item.amount for item in items))
    return [row["redeemed_at"] for row in latest]


def _wait_s(times: list[datetime], item: RateLimitItem, moment: datetime) -> int:
    """Whole seconds until the limit leaves room; 0 where it does. `times`: the latest first."""
    if len(times) < item.amount:
        return 0
    free_at = times[item.amount - 1] + timedelta(seconds=item.get_expiry())
    wait_s = (free_at - moment).total_seconds()
    return int(wait_s) + 1 if wait_s > 0 else 0


@lru_cache(maxsize=16)
def _items(limits: str) -> tuple[RateLimitItem, ...]:
    return tuple(parse_many(limits))
