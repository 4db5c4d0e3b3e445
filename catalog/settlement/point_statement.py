"""A statement: what one redemption point handed over on one day, and what it is owed for it."""

from enum import StrEnum

from mongoengine import (
    BooleanField,
    DateTimeField,
    EmbeddedDocumentField,
    EnumField,
    IntField,
    ListField,
    LongField,
    StringField,
)

from shared.database import Document, EmbeddedDocument


class StatementState(StrEnum):
    """A statement's life: CLOSED by the day's end → CONFIRMED by the point → SETTLED → PAID."""

    CLOSED = "closed"
    CONFIRMED = "confirmed"
    SETTLED = "settled"
    PAID = "paid"


# What can still change: hand-overs are disputed, decided, brought back.
UNSETTLED = (StatementState.CLOSED, StatementState.CONFIRMED)


class Sums(EmbeddedDocument):
    """What the lines add up to (see amounts.Totals): final from the settlement on."""

    lines = IntField(required=True, min_value=0)
    coins = LongField(required=True, min_value=0)
    coin_fen = LongField(required=True, min_value=0)
    in_kind_fen = LongField(required=True, min_value=0)
    total_fen = LongField(required=True, min_value=0)
    open_disputes = IntField(required=True, min_value=0)


class Payment(EmbeddedDocument):
    """How it was paid: out of which fund (its account in the book), by which transfer."""

    fund = StringField(required=True)
    account = StringField(required=True)
    reference = StringField(required=True, max_length=80)
    paid_by = StringField(required=True)
    paid_at = DateTimeField(required=True)


class PointStatement(Document):
    """One statement; `id` is `<point>:<day>`, with `:2`, `:3` for the further ones of a full day.

    `day` ("2026-02-16") is of the business time zone. `goes_on` says that the day has more than
    this one holds. `untold` names what happened that is not told yet (see telling.py).
    """

    id = StringField(primary_key=True)
    point_id = StringField(required=True)
    # The point's place in the tree when it was made: officers list by units above it.
    lineage = ListField(StringField(), required=True)
    day = StringField(required=True, regex=r"^\d{4}-\d{2}-\d{2}$")
    number = IntField(required=True, min_value=1)
    state = EnumField(StatementState, required=True)
    sums = EmbeddedDocumentField(Sums, required=True)
    goes_on = BooleanField(default=False)
    closed_at = DateTimeField(required=True)
    # The last decision about a line: the point has its days to answer from then on.
    decided_at = DateTimeField()
    # Empty where the point's silence confirmed it.
    confirmed_by = StringField()
    confirmed_at = DateTimeField()
    settled_by = StringField()
    settled_at = DateTimeField()
    # None where there was nothing to move.
    settlement_entry_id = StringField()
    payment = EmbeddedDocumentField(Payment)
    payment_entry_id = StringField()
    untold = ListField(StringField())
    version = IntField(required=True, min_value=1)

    # Nobody's word alone makes it settled or paid, whoever writes.
    VALIDATOR = {
        "$or": [
            {"state": {"$in": ["closed"]}, "settled_at": None, "payment": None},
            {
                "state": {"$in": ["confirmed"]},
                "confirmed_at": {"$type": "date"},
                "settled_at": None,
                "payment": None,
            },
            {"state": {"$in": ["settled"]}, "settled_at": {"$type": "date"}, "payment": None},
            {
                "state": {"$in": ["paid"]},
                "settled_at": {"$type": "date"},
                "payment": {"$type": "object"},
            },
        ]
    }
    meta = {
        "collection": "point_statements",
        "indexes": [
            {"fields": ["point_id", "-day", "-number"], "unique": True},
            ("lineage", "-day", "-id"),
            ("point_id", "state"),
            ("state", "closed_at"),
            ("untold",),
        ],
    }

    def reference(self) -> str:
        """What it is called in the book and in the name of its file: its id without colons."""
        return str(self.id).replace(":", "_")
