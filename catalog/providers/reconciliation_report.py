"""A reconciliation report: one provider's file of one day, line by line against our deliveries."""

from enum import StrEnum
from typing import Any

import mongoengine as me

from shared.database import Document, EmbeddedDocument

MOST_LINES_KEPT = 1_000


class Verdict(StrEnum):
    """What one line, or a delivery that no line names, came to."""

    AGREES = "agrees"
    # It told us what we did not know.
    RESOLVES = "resolves"
    PENDING_THERE = "pending_there"
    DELIVERED_AFTER_REFUND = "delivered_after_refund"
    REFUSED_AFTER_DELIVERY = "refused_after_delivery"
    MISSING_IN_FILE = "missing_in_file"
    UNKNOWN_KEY = "unknown_key"
    WRONG_PRODUCT = "wrong_product"
    NEVER_SENT = "never_sent"
    OTHER_REFERENCE = "other_reference"
    # The same line twice: counted once.
    DUPLICATE = "duplicate"
    CONTRADICTS_ITSELF = "contradicts_itself"
    UNREADABLE = "unreadable"
    # Of files that an officer brought. Proposed, until a second officer says the same…
    NEEDS_SECOND_OFFICER = "needs_second_officer"
    # …or not even that: the provider is still being asked, another was proposed, it is their own.
    STILL_ASKED = "still_asked"
    OTHER_PROPOSAL = "other_proposal"
    OWN_DELIVERY = "own_delivery"


# What leaves deliveries open that the same file may end when it is brought again.
OPEN_VERDICTS = (
    Verdict.NEEDS_SECOND_OFFICER.value,
    Verdict.STILL_ASKED.value,
    Verdict.OTHER_PROPOSAL.value,
)


class ReportLine(EmbeddedDocument):
    """One line that does not simply agree; `number` is 0 for a delivery that no line names."""

    number = me.IntField(required=True)
    key = me.StringField(default="")
    status = me.StringField(default="")
    reference = me.StringField(default="")
    verdict = me.EnumField(Verdict, required=True)


class ReconciliationReport(Document):
    """What one file came to: a count for each verdict, and the first thousand lines to look at.

    The same file again is the same report: `digest` is of its lines, and of who brought it.
    """

    id = me.StringField(primary_key=True)
    provider_id = me.StringField(required=True)
    day = me.StringField(required=True)
    digest = me.StringField(required=True)
    # "" where the timetable fetched it, else the officer who brought it.
    brought_by = me.StringField(default="")
    made_at = me.DateTimeField(required=True)
    # How far it came, and when it was through; the next run goes on from there.
    lines_done = me.IntField(required=True, default=0)
    completed_at = me.DateTimeField()
    counts = me.MapField(me.IntField())
    lines = me.EmbeddedDocumentListField(ReportLine)

    meta: dict[str, Any] = {
        "collection": "reconciliation_reports",
        "indexes": [
            {"fields": ["provider_id", "day", "digest"], "unique": True},
            ("provider_id", "-id"),
        ],
    }
