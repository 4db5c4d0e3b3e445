"""What a proof of the book can find wrong, and the plain sentence each finding prints. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FindingKind(StrEnum):
    """What a proof can find wrong."""

    UNSOUND_ENTRY = "unsound_entry"
    UNSOUND_BALANCE = "unsound_balance"
    UNSOUND_HOLD = "unsound_hold"
    UNSOUND_REQUEST = "unsound_request"
    BALANCE_DIFFERS = "balance_differs"
    ENTRIES_DIFFER = "entries_differ"
    OWES_DIFFERS = "owes_differs"
    HELD_DIFFERS = "held_differs"
    LOTS_DIFFER = "lots_differ"
    EARLIEST_LOT_DIFFERS = "earliest_lot_differs"
    OVERDRAWN = "overdrawn"
    BUDGET_EXCEEDED = "budget_exceeded"
    HOLD_DIFFERS = "hold_differs"
    HOLD_WITHOUT_ENTRY = "hold_without_entry"
    REVERSES_NOTHING = "reverses_nothing"
    REVERSES_REVERSAL = "reverses_reversal"
    REVERSAL_DIFFERS = "reversal_differs"
    REVERSAL_UNASKED = "reversal_unasked"
    REQUEST_WITHOUT_REVERSAL = "request_without_reversal"
    REQUEST_DIFFERS = "request_differs"
    REQUEST_SELF_APPROVED = "request_self_approved"
    RETURNS_NOTHING = "returns_nothing"
    POSTED_AFTER_CLOSING = "posted_after_closing"
    CLOSING_DIFFERS = "closing_differs"
    MONTH_DIFFERS = "month_differs"
    SEAL_BROKEN = "seal_broken"


# How many findings are printed after the first; the sum says how many there are.
MAX_SAID = 100
K = FindingKind
_SENTENCES = {
    K.UNSOUND_ENTRY: "entry {where} is not one that the book takes",
    K.UNSOUND_BALANCE: "the stored balance of {where} is not one that the book takes",
    K.UNSOUND_HOLD: "hold {where} is not one that the book takes",
    K.UNSOUND_REQUEST: "the request to reverse entry {where} is not one that the book takes",
    K.BALANCE_DIFFERS: "{where} holds {stored}, but its entries sum to {replayed}",
    K.ENTRIES_DIFFER: "{where} counts {stored} entries, but {replayed} touch it",
    K.OWES_DIFFERS: "the owner of {where} owes {stored}, but the entries say {replayed}",
    K.HELD_DIFFERS: "{where} has {stored} held, but its active holds sum to {replayed}",
    K.LOTS_DIFFER: "{where} has {stored} free coins, but entries and holds leave {replayed}",
    K.EARLIEST_LOT_DIFFERS: "the earliest lot of {where} is kept as {stored}, but is {replayed}",
    K.OVERDRAWN: "the entries of {where} sum to {replayed}, below zero",
    K.BUDGET_EXCEEDED: "entry {where} left {stored} at {replayed}, below zero",
    K.HOLD_DIFFERS: "hold {where} says that {stored} was paid, but its entry moved {replayed}",
    K.HOLD_WITHOUT_ENTRY: "hold {where} says that {stored} was paid, but its entry is missing",
    K.REVERSES_NOTHING: "entry {where} reverses entry {stored}, which is missing",
    K.REVERSES_REVERSAL: "entry {where} reverses entry {stored}, which is a reversal itself",
    K.REVERSAL_DIFFERS: "entry {where} does not undo what entry {stored} did on {replayed}",
    K.REVERSAL_UNASKED: "entry {where} reverses entry {stored}, but the request says {replayed}",
    K.REQUEST_WITHOUT_REVERSAL: "entry {stored} is said to reverse entry {where}, and does not",
    K.REQUEST_DIFFERS: "entry {where} was to be reversed for {stored}, but was for {replayed}",
    K.REQUEST_SELF_APPROVED: "{stored} both asked for and approved the reversal of entry {where}",
    K.RETURNS_NOTHING: "entry {where} returns coins of entry {stored}, which is missing",
    K.POSTED_AFTER_CLOSING: "entry {where} counts in {stored}, and was posted after it closed",
    K.CLOSING_DIFFERS: "the {where} is closed through {stored}, but the last month is {replayed}",
    K.MONTH_DIFFERS: "{where} ended the month with {stored}, but its entries say {replayed}",
    K.SEAL_BROKEN: "{stored}",
}


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: printed, it is a sentence with the stored and replayed figures.

    `where` is the id of an entry (a request has that of the entry to be reversed), a hold or a
    balance (account|currency, or month|account|currency for a month's end, account|currency|month
    for a lot). `at` is when it was posted, where a finding belongs to one moment of the book.
    Amounts are minor units.
    """

    kind: FindingKind
    where: str
    stored: int | str | None = None
    replayed: int | str | None = None
    at: datetime | None = None

    def __str__(self) -> str:
        return _SENTENCES[self.kind].format(
            where=self.where,
            stored="nothing" if self.stored is None else self.stored,
            replayed="nothing" if self.replayed is None else self.replayed,
        )


@dataclass(frozen=True)
class BookProof:
    """What a proof of the whole book found, and what it went through in how many seconds."""

    findings: list[Finding]
    entries: int
    accounts: int
    holds: int
    seals: int
    seconds: float

    def lines(self) -> Iterator[str]:
        """What was found, to be read by a person: the first difference, the others, the sum."""
        scope = (
            f"{self.entries:,} entries, {self.accounts:,} accounts, {self.holds:,} holds and "
            f"{self.seals:,} seals in {self.seconds:.2f} s"
        )
        if not self.findings:
            yield f"the book agrees: proven {scope}"
            return
        first, *others = self.findings
        yield f"THE BOOK DIFFERS, first here: {first}"
        yield from (f"  {finding}" for finding in others[:MAX_SAID])
        if len(others) > MAX_SAID:
            yield f"  and {len(others) - MAX_SAID} more"
        counted = Counter(finding.kind for finding in self.findings)
        kinds = ", ".join(f"{kind} {counted[kind]}" for kind in FindingKind if counted[kind])
        yield f"differences: {len(self.findings)} ({kinds}); gone through {scope}"


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """The first difference first: what belongs to a moment in order of posting, then by name."""
    kinds = list(FindingKind)

    def place(finding: Finding) -> tuple[bool, float, str, int]:
        # Of an entry that was tampered with it may be anything.
        at = finding.at.timestamp() if isinstance(finding.at, datetime) else None
        return at is None, at or 0.0, finding.where, kinds.index(finding.kind)

    return sorted(findings, key=place)
