"""Line verdicts: what each line of a provider's file comes to, a batch being read at once.

Only a file fetched from the provider itself, over the signed way, ends what was unknown. One that
an officer brings is that officer's word: it proposes, and a second officer has to say the same.
"""

from dataclasses import dataclass
from typing import Any

from catalog.providers.concluding import News, compare, conclude
from catalog.providers.delivery import DeliveryState, Source, TopUpDelivery
from catalog.providers.discrepancies import clear_discrepancies, note_discrepancy
from catalog.providers.discrepancy import DiscrepancyKind
from catalog.providers.port import FileLine, Outcome, OutcomeKind
from catalog.providers.provider import Provider
from catalog.providers.reconciliation_report import ReportLine, Verdict
from catalog.providers.settling_by_hand import (
    DeliveryEnded,
    NotInDoubt,
    OtherProposal,
    OwnDelivery,
    settle_delivery,
)
from catalog.providers.wire import is_word
from people import Actor
from shared.database import collection

IN_FILE = "in_file"


@dataclass(frozen=True)
class DayFile:
    """A provider's file of a business day (2017-12-31); `by` brought it, None: it was fetched.

    `first` is the first line of each key; of the `torn` keys it says different things.
    """

    provider: Provider
    day: str
    lines: list[FileLine]
    by: Actor | None
    first: dict[str, FileLine]
    torn: frozenset[str]

    @property
    def source(self) -> Source:
        """Whose word it is."""
        return Source.FILE if self.by is None else Source.FILE_BY_HAND


def day_file(provider: Provider, day: str, lines: list[FileLine], by: Actor | None) -> DayFile:
    """The file, with what its lines say of each other."""
    first: dict[str, FileLine] = {}
    torn = {line.key for line in lines if first.setdefault(line.key, line).status != line.status}
    return DayFile(provider, day, lines, by, first, frozenset(torn))


def compared(file: DayFile, start: int, end: int) -> list[ReportLine]:
    """What the lines from `start` to `end` came to; their work is done, and safe to repeat."""
    batch = file.lines[start:end]
    wanted = {"_id": {"$in": [line.key for line in batch]}, "provider_id": file.provider.id}
    rows = {row["_id"]: row for row in collection(TopUpDelivery).find(wanted)}
    found = []
    for line in batch:
        if line.key in file.torn:
            _note(file, line, DiscrepancyKind.CONTRADICTS_ITSELF)
            verdict = Verdict.CONTRADICTS_ITSELF
        elif file.first[line.key] is not line:
            verdict = Verdict.DUPLICATE
        else:
            verdict = _verdict(file, line, rows.get(line.key))
        found.append(
            ReportLine(
                number=line.number,
                key=line.key,
                status=line.status,
                reference=line.reference,
                verdict=verdict,
            )
        )
    if file.by is None:
        _mark(file, found, rows)
    return found


def _mark(file: DayFile, found: list[ReportLine], rows: dict[str, dict[str, Any]]) -> None:
    """Remember which deliveries the provider's own file names, each being written once."""
    keys = [
        line.key
        for line in found
        if line.verdict in _NAMED and line.status == "delivered" and line.key in rows
    ]
    new = [key for key in keys if rows[key].get("in_file_of") is None]
    if not new:
        return
    clear_discrepancies(file.provider.id, new, DiscrepancyKind.MISSING_IN_FILE)
    collection(TopUpDelivery).update_many(
        {"_id": {"$in": new}, "in_file_of": None}, {"$set": {"in_file_of": file.day}}
    )


# Verdicts of a line that is about the very delivery which it names.
_NAMED = (
    Verdict.AGREES,
    Verdict.RESOLVES,
    Verdict.OTHER_REFERENCE,
    Verdict.DELIVERED_AFTER_REFUND,
    Verdict.NEVER_SENT,
)


def _verdict(file: DayFile, line: FileLine, row: dict[str, Any] | None) -> Verdict:
    outcome = _outcome(line)
    if outcome is None:
        return Verdict.UNREADABLE
    if row is None:
        _note(file, line, DiscrepancyKind.UNKNOWN_KEY)
        return Verdict.UNKNOWN_KEY
    if line.product != row["product"]:
        _note(file, line, DiscrepancyKind.WRONG_PRODUCT)
        return Verdict.WRONG_PRODUCT
    if outcome.kind == OutcomeKind.PENDING:
        return Verdict.PENDING_THERE
    if _is_known(row, outcome):
        return Verdict.AGREES
    if file.by is None:
        news = conclude(line.key, outcome, file.source)
    elif row["state"] == DeliveryState.SENT.value:
        return _proposed(line.key, outcome, file.by)
    else:
        news = compare(line.key, outcome, file.source)
    return _verdict_of(news, line.key, outcome)


def _verdict_of(news: News, key: str, outcome: Outcome) -> Verdict:
    if news == News.CONTRADICTS:
        return _contradiction(key, outcome)
    if news == News.TELLS_NOTHING:  # it was sent this moment
        return Verdict.STILL_ASKED
    return Verdict.RESOLVES if news == News.ENDED_IT else Verdict.AGREES


def _proposed(key: str, outcome: Outcome, by: Actor) -> Verdict:
    """What an officer's word about a delivery that was sent comes to: settled by two, if at all."""
    said = outcome.reference if outcome.kind == OutcomeKind.DELIVERED else outcome.reason
    reference = said if is_word(said) else IN_FILE
    try:
        settled = settle_delivery(key, outcome=outcome.kind.value, reference=reference, by=by)
    except NotInDoubt:
        return Verdict.STILL_ASKED
    except OwnDelivery:
        return Verdict.OWN_DELIVERY
    except OtherProposal:
        return Verdict.OTHER_PROPOSAL
    except DeliveryEnded:
        return _verdict_of(compare(key, outcome, Source.FILE_BY_HAND), key, outcome)
    is_open = settled.state == DeliveryState.SENT
    return Verdict.NEEDS_SECOND_OFFICER if is_open else Verdict.RESOLVES


def _is_known(row: dict[str, Any], outcome: Outcome) -> bool:
    """Whether it ended just so before: an end never changes, so nothing is to be asked anew."""
    if outcome.kind == OutcomeKind.REFUSED:
        return bool(row["state"] == DeliveryState.REFUNDED.value)
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
        return Outcome(OutcomeKind.REFUSED, reason=line.reference or IN_FILE)
    return Outcome(OutcomeKind.PENDING) if line.status == "pending" else None


def _note(file: DayFile, line: FileLine, kind: DiscrepancyKind) -> None:
    note_discrepancy(
        file.provider,
        line.key,
        kind,
        source=file.source.value,
        status=line.status,
        reference=line.reference,
    )
