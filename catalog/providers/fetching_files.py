"""Fetching files: each provider's file of each day that is over, until there is a report of it."""

import time
from datetime import date, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

import structlog

from catalog.providers.http_provider import HttpProvider
from catalog.providers.port import FileUnavailable
from catalog.providers.provider import Provider
from catalog.providers.reconciliation_report import ReconciliationReport
from catalog.providers.reconciling import RUN_S, bounds_of, reconcile_lines
from notices import tell_officers
from settings import settings
from shared.clock import real_now
from shared.database import collection
from shared.sweeping import sweep_each

# A provider needs a while after midnight to write its file.
FILE_AFTER = timedelta(hours=1)
FETCH_AGAIN = timedelta(minutes=15)
# After this officers hear that a file is missing; they may bring it themselves.
MISSING_AFTER = timedelta(hours=12)
DAYS_BACK = 7

log = structlog.get_logger()


def reconcile_yesterday() -> int:
    """Fetch and compare the files that are due, yesterday's and those missed before; how many.

    After some seconds the rest is left to the next run.
    """
    until_s = time.monotonic() + RUN_S
    due = {"next_file_at": {"$not": {"$gt": real_now()}}}
    found = collection(Provider).find(due, {"_id": 1}).sort("next_file_at", 1)
    provider_ids = [row["_id"] for row in found]
    in_time = takewhile(lambda _: time.monotonic() < until_s, provider_ids)

    def fetch(provider_id: str) -> bool:
        return fetch_due(provider_id, until_s=until_s)

    return sweep_each(in_time, fetch)


def fetch_due(provider_id: str, *, until_s: float | None = None) -> bool:
    """Fetch the oldest file of a provider that is missing; whether one was compared to its end."""
    moment = real_now()
    provider: Provider | None = Provider.objects(
        id=provider_id, __raw__={"next_file_at": {"$not": {"$gt": moment}}}
    ).modify(set__next_file_at=moment + FETCH_AGAIN, new=True)
    if provider is None:  # another worker is at it
        return False
    missing = _missing_days(provider, moment)
    if not missing:
        return False
    day = missing[0]
    try:
        lines = HttpProvider(provider).reconciliation(day)
    except FileUnavailable as error:
        log.warning("no_reconciliation_file", provider=provider.id, day=str(day), why=str(error))
        if moment >= bounds_of(day)[1] + MISSING_AFTER:
            _tell_missing(provider, day)
        return False
    report = reconcile_lines(provider, day, lines, until_s=until_s)
    if report.completed_at is None or len(missing) > 1:
        Provider.objects(id=provider.id).update_one(set__next_file_at=moment)
    return report.completed_at is not None


def _missing_days(provider: Provider, moment: datetime) -> list[date]:
    """The days of the last week, since it was made, that lack a report; oldest first.

    A file that an officer brought is not the provider's own word, and stands for none.
    """
    zone = ZoneInfo(settings().business_time_zone)
    last = (moment - FILE_AFTER).astimezone(zone).date()
    first = max(last - timedelta(days=DAYS_BACK), provider.made_at.astimezone(zone).date())
    days = [first + timedelta(days=past) for past in range((last - first).days)]
    wanted = {
        "provider_id": provider.id,
        "day": {"$in": [day.isoformat() for day in days]},
        "brought_by": "",
        "completed_at": {"$ne": None},
    }
    had = set(collection(ReconciliationReport).distinct("day", wanted))
    return [day for day in days if day.isoformat() not in had]


def _tell_missing(provider: Provider, day: date) -> None:
    facts = {"provider": dict(provider.name), "day": day.isoformat()}
    key = f"reconciliation-missing:{provider.id}:{day.isoformat()}"
    tell_officers(provider.point_id, "reconciliation_missing", facts, key=key)
