"""What any provider is asked and may answer, whatever it is reached by. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol


class OutcomeKind(StrEnum):
    """What a provider's answer, or its silence, says about a delivery.

    NOT_SENT: the request never left. UNKNOWN: it may have arrived, and nothing is known; to be
    asked for, never guessed. NOT_FOUND: asked, the provider says that it never had it.
    """

    DELIVERED = "delivered"
    REFUSED = "refused"
    PENDING = "pending"
    UNKNOWN = "unknown"
    NOT_SENT = "not_sent"
    NOT_FOUND = "not_found"


@dataclass(frozen=True)
class Outcome:
    """One outcome: the provider's `reference` of a delivery, a word for why it was not."""

    kind: OutcomeKind
    reference: str = ""
    reason: str = ""


@dataclass(frozen=True)
class TopUpOrder:
    """What a provider is to deliver to the phone `recipient` (E.164), not after `valid_until`."""

    key: str
    product: str
    recipient: str
    valid_until: datetime


@dataclass(frozen=True)
class FileLine:
    """One line of a provider's file of a day; `number` counts from 2, the header being 1."""

    number: int
    key: str
    status: str
    reference: str
    delivered_at: str
    product: str


class FileUnavailable(Exception):
    """Raised by a port where the provider's file cannot be had or read; the word says why."""


class ProviderPort(Protocol):
    """The one way to a provider: none of its calls raises for what the other side does."""

    def deliver(self, order: TopUpOrder) -> Outcome:
        """Ask for a delivery under its key; the same key again never delivers a second time."""

    def ask(self, key: str) -> Outcome:
        """What became of the delivery with this key."""

    def reconciliation(self, day: date) -> list[FileLine]:
        """Every delivery of a day, as the provider counts it. Raises FileUnavailable."""
