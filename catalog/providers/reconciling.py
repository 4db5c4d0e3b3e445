"""Reconciling: a provider's file of a day against our deliveries, a batch of lines at a time.

A run ends after a while and says so in its report; the next one, the same file being fetched or
brought again, goes on where it stopped.
"""

import hashlib
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from catalog.offering import OFFICERS
from catalog.providers.delivery import DeliveryState, TopUpDelivery
from catalog.providers.discrepancies import note_discrepancy, noted_of
from catalog.providers.discrepancy import DiscrepancyKind
from catalog.providers.line_verdicts import DayFile, compared, day_file
from catalog.providers.port import FileLine
from catalog.providers.provider import Provider
from catalog.providers.putting import provider_of
from catalog.providers.reconciliation_report import (
    MOST_LINES_KEPT,
    OPEN_VERDICTS,
    ReconciliationReport,
    ReportLine,
    Verdict,
)
from catalog.providers.try_rules import CLOCK_MARGIN
from catalog.providers.wire import BadFile, lines_in
from people import Actor, unit_of
from settings import settings
from shared.clock import real_now
from shared.database import collection
from shared.errors import Invalid
from shared.i18n import Text
from shared.ids import new_id

BATCH = 200
# One worker does other jobs too, and a request is answered within half a minute.
RUN_S = 15


class BadReconciliation(Invalid):
    """Raised when a reconciliation file cannot be read; `why` is a word, say "line_7"."""

    message = Text("This file cannot be read: {why}.", "对账文件无法读取：{why}。")


class DayNotOver(Invalid):
    """Raised when the day to reconcile is not over yet."""

    message = Text("This day is not over yet.", "该日尚未结束。")


def reconcile(provider_id: str, day: date, content: bytes, *, by: Actor) -> ReconciliationReport:
    """Compare a file that an officer brings; the same file again goes on with the same report.

    It ends no delivery by itself: its lines are the officer's proposals, as at settle_delivery.
    Raises ProviderNotFound, NotAllowed, DayNotOver, BadReconciliation.
    """
    provider = provider_of(provider_id)
    by.must_hold(*OFFICERS, at=unit_of(provider.point_id))
    if bounds_of(day)[1] > real_now():
        raise DayNotOver("day")
    try:
        lines = lines_in(content.decode())
    except (BadFile, UnicodeDecodeError) as error:
        why = str(error) if isinstance(error, BadFile) else "not_utf8"
        raise BadReconciliation("body", why=why) from error
    return reconcile_lines(provider, day, lines, by=by)


def reconcile_lines(
    provider: Provider,
    day: date,
    lines: list[FileLine],
    *,
    by: Actor | None = None,
    until_s: float | None = None,
) -> ReconciliationReport:
    """Compare the lines of a day's file, `by` having brought it, until time.monotonic() says so.

    At least a batch is done; `completed_at` of the report is None where more is left.
    """
    until_s = time.monotonic() + RUN_S if until_s is None else until_s
    file = day_file(provider, day.isoformat(), lines, by)
    report = _opened(file)
    while report.completed_at is None and report.lines_done < len(lines):
        start, end = report.lines_done, min(report.lines_done + BATCH, len(lines))
        found = compared(file, start, end)
        advanced = _advanced(report, found, end)
        if advanced is None:  # another run is at it
            return ReconciliationReport.objects.get(id=report.id)
        report = advanced
        if time.monotonic() >= until_s:
            return report
    return report if report.completed_at else _completed(report, file, until_s)


def bounds_of(day: date) -> tuple[datetime, datetime]:
    """When the business day begins and ends."""
    zone = ZoneInfo(settings().business_time_zone)
    starts = datetime.combine(day, time_of_day(), zone)
    return starts, datetime.combine(day + timedelta(days=1), time_of_day(), zone)


def _opened(file: DayFile) -> ReconciliationReport:
    """The report of this very file by this very officer, begun now or before."""
    brought_by = file.by.person_id if file.by else ""
    at = {
        "provider_id": file.provider.id,
        "day": file.day,
        "digest": _digest(file.lines, brought_by),
    }
    known: ReconciliationReport | None = ReconciliationReport.objects(**at).first()
    if known is None:
        fresh = ReconciliationReport(id=new_id(), brought_by=brought_by, made_at=real_now(), **at)
        try:
            collection(ReconciliationReport).insert_one(fresh.to_mongo())
        except DuplicateKeyError:
            return ReconciliationReport.objects.get(**at)
        return fresh
    if known.completed_at is not None and any(known.counts.get(one) for one in OPEN_VERDICTS):
        return _begun_anew(known)
    return known


def _begun_anew(known: ReconciliationReport) -> ReconciliationReport:
    """A report that left deliveries open may come to more now: it is made again, in its place."""
    _changed(
        {"_id": known.id, "completed_at": known.completed_at},
        {"$set": {"lines_done": 0, "counts": {}, "lines": []}, "$unset": {"completed_at": ""}},
    )
    return ReconciliationReport.objects.get(id=known.id)


def _digest(lines: Iterable[FileLine], brought_by: str) -> str:
    hashed = hashlib.sha256(brought_by.encode())
    for line in lines:
        cells = (line.key, line.status, line.reference, line.delivered_at, line.product)
        hashed.update("\x1f".join(cells).encode() + b"\n")
    return hashed.hexdigest()[:32]


def _advanced(
    report: ReconciliationReport, found: list[ReportLine], lines_done: int
) -> ReconciliationReport | None:
    counts = Counter(line.verdict.value for line in found)
    change: dict[str, Any] = {
        "$set": {"lines_done": lines_done},
        "$inc": {f"counts.{verdict}": count for verdict, count in counts.items()},
        "$push": _kept([line for line in found if line.verdict != Verdict.AGREES]),
    }
    guard = {"_id": report.id, "lines_done": report.lines_done, "completed_at": None}
    return _changed(guard, change)


def _completed(report: ReconciliationReport, file: DayFile, until_s: float) -> ReconciliationReport:
    """The report with what is missing in the file; as it was where time was up before that."""
    count = 0
    lines: list[ReportLine] = []
    rows = _missing_rows(file)
    while batch := list(islice(rows, BATCH)):
        if count and time.monotonic() >= until_s:
            return report
        if file.by is None:  # an officer's wrong file would make all that day's deliveries doubtful
            _note_missing(file.provider, [row["_id"] for row in batch])
        count += len(batch)
        lines += [_missing_line(row) for row in batch[: max(0, MOST_LINES_KEPT - len(lines))]]
    change: dict[str, Any] = {"$set": {"completed_at": real_now()}, "$push": _kept(lines)}
    if count:
        change["$set"][f"counts.{Verdict.MISSING_IN_FILE.value}"] = count
    done = _changed({"_id": report.id, "completed_at": None}, change)
    return done or ReconciliationReport.objects.get(id=report.id)


def _kept(lines: list[ReportLine]) -> dict[str, Any]:
    each = [line.to_mongo() for line in lines]
    return {"lines": {"$each": each, "$slice": MOST_LINES_KEPT}}


def _changed(guard: dict[str, Any], change: dict[str, Any]) -> ReconciliationReport | None:
    row = collection(ReconciliationReport).find_one_and_update(
        guard, change, return_document=ReturnDocument.AFTER
    )
    return None if row is None else ReconciliationReport._from_son(row)


def _missing_rows(file: DayFile) -> Iterator[dict[str, Any]]:
    """Deliveries of the day that no file names: both days end a margin early, for their clock."""
    starts, ends = bounds_of(date.fromisoformat(file.day))
    named = {line.key for line in file.lines}
    wanted = {
        "provider_id": file.provider.id,
        "state": DeliveryState.DELIVERED.value,
        "ended_at": {"$gte": starts - CLOCK_MARGIN, "$lt": ends - CLOCK_MARGIN},
        "in_file_of": None,
    }
    shown = {"reference": 1}
    found = collection(TopUpDelivery).find(wanted, shown).sort("ended_at", 1).batch_size(BATCH)
    return (row for row in found if row["_id"] not in named)


def _note_missing(provider: Provider, keys: list[str]) -> None:
    kind = DiscrepancyKind.MISSING_IN_FILE
    known = noted_of(provider.id, keys, kind)
    for key in keys:
        if key not in known:
            note_discrepancy(provider, key, kind, source="file")


def _missing_line(row: dict[str, Any]) -> ReportLine:
    return ReportLine(
        number=0,
        key=row["_id"],
        status="",
        reference=row.get("reference", ""),
        verdict=Verdict.MISSING_IN_FILE,
    )
