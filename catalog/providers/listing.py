"""Questions about deliveries: one's own, a provider's, its reports and discrepancies."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from io import StringIO
from typing import Any

from catalog.offering import OFFICERS
from catalog.providers.delivery import TopUpDelivery
from catalog.providers.discrepancy import Discrepancy
from catalog.providers.putting import seen_provider
from catalog.providers.reconciliation_report import ReconciliationReport
from catalog.providers.reconciling import bounds_of
from catalog.providers.settling_by_hand import DeliveryNotFound
from catalog.providers.wire import in_utc
from catalog.voucher import Voucher
from people import Actor, masked_phone, unit_of
from shared.cursors import from_cursor, to_cursor
from shared.database import collection
from shared.errors import NotFound
from shared.i18n import Text
from shared.sealing import unseal

OUR_COLUMNS = ("key", "state", "reference", "product", "sent_at", "ended_at", "ended_by", "coins")
BATCH = 500


class ReportNotFound(NotFound):
    """Raised when there is no such reconciliation report, or none of this provider."""

    message = Text("There is no such report.", "未找到该对账报告。")


@dataclass(frozen=True)
class ProviderPage:
    """Documents, newest first; `next_cursor` is None on the last page."""

    items: list[Any]
    next_cursor: str | None


def delivery_of(delivery_id: str, *, by: Actor) -> TopUpDelivery:
    """A delivery, for the person it is for and for officers of its point.

    Who it is for does not see which officers settled it. Raises DeliveryNotFound, for others' too.
    """
    found: TopUpDelivery | None = TopUpDelivery.objects.with_id(delivery_id)
    if found is None:
        raise DeliveryNotFound
    if found.person_id != by.person_id and not by.holds(*OFFICERS, at=unit_of(found.point_id)):
        raise DeliveryNotFound
    if found.person_id == by.person_id:
        found.proposal, found.settled_by = None, []
    return found


def shown_recipient(delivery: TopUpDelivery) -> str:
    """The delivery's phone as it may be shown: `138****8000`; empty once it is forgotten."""
    if not delivery.recipient_sealed:
        return ""
    return masked_phone(unseal(delivery.recipient_sealed, bound_to=delivery.seal_place))


def deliveries_by(
    provider_id: str, *, by: Actor, state: str = "", cursor: str = "", limit: int = 20
) -> ProviderPage:
    """A provider's deliveries, newest first. Raises ProviderNotFound, NotAllowed, BadCursor."""
    wanted = {"provider_id": seen_provider(provider_id, by=by).id}
    return _page(
        TopUpDelivery.objects(**wanted, **({"state": state} if state else {})), cursor, limit
    )


def discrepancies_of(
    provider_id: str, *, by: Actor, cursor: str = "", limit: int = 20
) -> ProviderPage:
    """A provider's discrepancies, newest first. Raises ProviderNotFound, NotAllowed, BadCursor."""
    seen = seen_provider(provider_id, by=by)
    return _page(Discrepancy.objects(provider_id=seen.id), cursor, limit)


def reports_of(provider_id: str, *, by: Actor, cursor: str = "", limit: int = 20) -> ProviderPage:
    """A provider's reports, newest first. Raises ProviderNotFound, NotAllowed, BadCursor."""
    seen = seen_provider(provider_id, by=by)
    return _page(ReconciliationReport.objects(provider_id=seen.id), cursor, limit)


def report_of(provider_id: str, report_id: str, *, by: Actor) -> ReconciliationReport:
    """One report with its lines. Raises ProviderNotFound, NotAllowed, ReportNotFound."""
    seen = seen_provider(provider_id, by=by)
    found: ReconciliationReport | None = ReconciliationReport.objects(
        id=report_id, provider_id=seen.id
    ).first()
    if found is None:
        raise ReportNotFound
    return found


def _page(wanted: Any, cursor: str, limit: int) -> ProviderPage:
    if cursor:
        wanted = wanted.filter(id__lt=from_cursor(cursor, str)[0])
    found = list(wanted.order_by("-id").limit(limit + 1))
    more = len(found) > limit
    return ProviderPage(found[:limit], to_cursor(found[limit - 1].id) if more else None)


def deliveries_csv(provider_id: str, day: date, *, by: Actor) -> Iterator[str]:
    """Our side of a day as CSV, by when each delivery ended; no phone stands in it.

    Raises ProviderNotFound, NotAllowed.
    """
    seen = seen_provider(provider_id, by=by)
    starts, ends = bounds_of(day)
    wanted = {"provider_id": seen.id, "ended_at": {"$gte": starts, "$lt": ends}}
    return _csv(collection(TopUpDelivery).find(wanted).sort("ended_at", 1).batch_size(BATCH))


def _csv(rows: Any) -> Iterator[str]:
    yield _csv_line(OUR_COLUMNS)
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield _csv_lines(batch)
            batch = []
    yield _csv_lines(batch)


def _csv_lines(batch: list[dict[str, Any]]) -> str:
    keys = {"_id": {"$in": [row["_id"] for row in batch]}}
    prices = {one["_id"]: one["price"] for one in collection(Voucher).find(keys, {"price": 1})}
    return "".join(
        _csv_line(
            (
                row["_id"],
                row["state"],
                row.get("reference", ""),
                row["product"],
                in_utc(row["sent_at"]) if row.get("sent_at") else "",
                in_utc(row["ended_at"]),
                row.get("ended_by", ""),
                prices[row["_id"]],
            )
        )
        for row in batch
    )


def _csv_line(cells: tuple[Any, ...]) -> str:
    out = StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([_plain(cell) for cell in cells])
    return out.getvalue()


def _plain(cell: Any) -> str:
    """A cell that no spreadsheet takes for a formula: a provider chose what stands in some."""
    text = str(cell)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
