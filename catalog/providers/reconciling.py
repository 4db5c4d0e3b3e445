"""Reconciling: a provider's file of a day against our deliveries, line by line, safe to repeat.

What was unknown ends by it, through the same gate as any news; what contradicts is noted.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pymongo.errors import DuplicateKeyError

from catalog.offering import OFFICERS
from catalog.providers.concluding import News, conclude
from catalog.providers.delivery import DeliveryState, Source, TopUpDelivery
from catalog.providers.discrepancies import clear_discrepancy, note_discrepancy
from catalog.providers.discrepancy import DiscrepancyKind
from catalog.providers.port import FileLine, Outcome, OutcomeKind
from catalog.providers.provider import Provider
from catalog.providers.putting import provider_of
from catalog.providers.reconciliation_report import (
    MOST_LINES_KEPT,
    ReconciliationReport,
    ReportLine,
    Verdict,
)
from catalog.providers.try_rules import CLOCK_MARGIN
from catalog.providers.wire import BadFile, is_word, lines_in
from people import Actor, unit_of
from settings import settings
from shared.clock import real_now
from shared.database import collection
from shared.errors import Invalid
from shared.i18n import Text
from shared.ids import new_id

BATCH = 500
_QUIET = (Verdict.AGREES,)


class BadReconciliation(Invalid):
    """Raised when a reconciliation file cannot be read; `why` is a word, say "line_7"."""

    message = Text("This file cannot be read: {why}.", "对账文件无法读取：{why}。")


class DayNotOver(Invalid):
    """Raised when the day to reconcile is not over yet."""

    message = Text("This day is not over yet.", "该日尚未结束。")


def reconcile(provider_id: str, day: date, content: bytes, *, by: Actor) -> ReconciliationReport:
    """Compare a file that an officer brings; the same file again answers the same report.

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
    return reconcile_lines(provider, day, lines, brought_by=by.person_id)


def reconcile_lines(
    provider: Provider, day: date, lines: list[FileLine], *, brought_by: str = ""
) -> ReconciliationReport:
    """Compare the lines of a day's file; every line's work is done before the report stands."""
    digest = _digest(lines)
    at = {"provider_id": provider.id, "day": day.isoformat(), "digest": digest}
    earlier: ReconciliationReport | None = ReconciliationReport.objects(**at).first()
    if earlier is not None:
        return earlier
    compared = [*_compared(provider, day, lines), *_missing(provider, day, lines)]
    report = ReconciliationReport(
        id=new_id(),
        brought_by=brought_by,
        made_at=real_now(),
        counts=dict(Counter(line.verdict.value for line in compared)),
        lines=[line for line in compared if line.verdict not in _QUIET][:MOST_LINES_KEPT],
        **at,
    )
    try:
        collection(ReconciliationReport).insert_one(report.to_mongo())
    except DuplicateKeyError:
        return ReconciliationReport.objects.get(**at)
    return report


def bounds_of(day: date) -> tuple[datetime, datetime]:
    """When the business day begins and ends."""
    zone = ZoneInfo(settings().business_time_zone)
    starts = datetime.combine(day, time(), zone)
    return starts, datetime.combine(day + timedelta(days=1), time(), zone)


def _digest(lines: Iterable[FileLine]) -> str:
    hashed = hashlib.sha256()
    for line in lines:
        cells = (line.key, line.status, line.reference, line.delivered_at, line.product)
        hashed.update("\x1f".join(cells).encode() + b"\n")
    return hashed.hexdigest()[:32]


def _compared(provider: Provider, day: date, lines: list[FileLine]) -> Iterator[ReportLine]:
    """What each line came to, a batch of deliveries being read at once."""
    statuses: dict[str, set[str]] = {}
    for line in lines:
        statuses.setdefault(line.key, set()).add(line.status)
    seen: set[str] = set()
    for start in range(0, len(lines), BATCH):
        batch = lines[start : start + BATCH]
        wanted = {"_id": {"$in": [line.key for line in batch]}, "provider_id": provider.id}
        rows = {row["_id"]: row for row in collection(TopUpDelivery).find(wanted)}
        for line in batch:
            if len(statuses[line.key]) > 1:
                verdict = _contradicting(provider, line)
            elif line.key in seen:
                verdict = Verdict.DUPLICATE
            else:
                verdict = _verdict(provider, day, line, rows.get(line.key))
            seen.add(line.key)
            yield ReportLine(
                number=line.number,
                key=line.key,
                status=line.status,
                reference=line.reference,
                verdict=verdict,
            )


def _contradicting(provider: Provider, line: FileLine) -> Verdict:
    _note(provider, line, DiscrepancyKind.CONTRADICTS_ITSELF)
    return Verdict.CONTRADICTS_ITSELF


def _verdict(
    provider: Provider, day: date, line: FileLine, row: dict[str, object] | None
) -> Verdict:
    outcome = _outcome(line)
    if outcome is None:
        return Verdict.UNREADABLE
    if row is None:
        _note(provider, line, DiscrepancyKind.UNKNOWN_KEY)
        return Verdict.UNKNOWN_KEY
    if line.product != row["product"]:
        _note(provider, line, DiscrepancyKind.WRONG_PRODUCT)
        return Verdict.WRONG_PRODUCT
    if outcome.kind == OutcomeKind.PENDING:
        return Verdict.PENDING_THERE
    news = News.AGREES if _is_known(row, outcome) else conclude(line.key, outcome, Source.FILE)
    if outcome.kind == OutcomeKind.DELIVERED:
        collection(TopUpDelivery).update_one(
            {"_id": line.key, "in_file_of": None}, {"$set": {"in_file_of": day.isoformat()}}
        )
        clear_discrepancy(provider.id, line.key, DiscrepancyKind.MISSING_IN_FILE)
    if news == News.CONTRADICTS:
        return _contradiction(line.key, outcome)
    return Verdict.RESOLVES if news == News.ENDED_IT else Verdict.AGREES


def _is_known(row: dict[str, object], outcome: Outcome) -> bool:
    """Whether it ended just so before: an end never changes, so nothing is to be asked anew."""
    ended = (row["state"], row.get("reference"))
    return ended == (DeliveryState.DELIVERED.value, outcome.reference or None)


def _contradiction(key: str, outcome: Outcome) -> Verdict:
    state = TopUpDelivery.objects.get(id=key).state
    if state == DeliveryState.REFUNDED:
        return Verdict.DELIVERED_AFTER_REFUND
    if state == DeliveryState.DELIVERED:
        is_refused = outcome.kind == OutcomeKind.REFUSED
        return Verdict.REFUSED_AFTER_DELIVERY if is_refused else Verdict.OTHER_REFERENCE
    return Verdict.NEVER_SENT


def _outcome(line: FileLine) -> Outcome | None:
    """What a line says; None where it says nothing that can be read."""
    if line.status == "delivered" and is_word(line.reference):
        return Outcome(OutcomeKind.DELIVERED, reference=line.reference)
    if line.status == "refused":
        return Outcome(OutcomeKind.REFUSED, reason=line.reference or "in_file")
    return Outcome(OutcomeKind.PENDING) if line.status == "pending" else None


def _note(provider: Provider, line: FileLine, kind: DiscrepancyKind) -> None:
    note_discrepancy(
        provider,
        line.key,
        kind,
        source=Source.FILE.value,
        status=line.status,
        reference=line.reference,
    )


def _missing(provider: Provider, day: date, lines: list[FileLine]) -> Iterator[ReportLine]:
    """Deliveries of the day that no file names: both days end a margin early, for their clock."""
    starts, ends = bounds_of(day)
    named = {line.key for line in lines}
    wanted = {
        "provider_id": provider.id,
        "state": DeliveryState.DELIVERED.value,
        "ended_at": {"$gte": starts - CLOCK_MARGIN, "$lt": ends - CLOCK_MARGIN},
        "in_file_of": None,
    }
    for row in collection(TopUpDelivery).find(wanted).sort("ended_at", 1):
        if row["_id"] in named:
            continue
        note_discrepancy(
            provider, row["_id"], DiscrepancyKind.MISSING_IN_FILE, source=Source.FILE.value
        )
        yield ReportLine(
            number=0,
            key=row["_id"],
            status="",
            reference=row.get("reference", ""),
            verdict=Verdict.MISSING_IN_FILE,
        )
