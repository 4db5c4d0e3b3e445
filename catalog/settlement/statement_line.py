"""A line of a redemption point's statement: one hand-over, what it is worth, and any dispute."""

from enum import StrEnum
from fractions import Fraction

from mongoengine import (
    DateTimeField,
    DictField,
    EmbeddedDocumentField,
    EnumField,
    IntField,
    LongField,
    StringField,
)

from catalog.settlement.amounts import coin_value
from shared.database import Document, EmbeddedDocument

MOST_REASON = 500


class LineKind(StrEnum):
    """What was handed over: against coins, awarded in kind, delivered, opened; or is disputed.

    An OFFLINE one was handed over without network against what could not be redeemed by then.
    """

    HAND_OVER = "hand_over"
    AWARD = "award"
    DELIVERY = "delivery"
    OPENING = "opening"
    OFFLINE = "offline"


# Those that stand for a voucher's one hand-over.
OF_VOUCHERS = (LineKind.HAND_OVER, LineKind.AWARD, LineKind.DELIVERY, LineKind.OPENING)


class LineState(StrEnum):
    """A line's life: PLAIN → DISPUTED → ACCEPTED or REJECTED; whatever it was → REFUNDED."""

    PLAIN = "plain"
    DISPUTED = "disputed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REFUNDED = "refunded"


class Dispute(EmbeddedDocument):
    """Why a line is not agreed to, and the fen claimed for it instead.

    Of the system's own `by` is empty, `reason` a code and `words` what it means in both languages;
    a clerk may add a claim to it: `claimed_by`, in their words `claim_reason`.
    """

    by = StringField(default="")
    at = DateTimeField(required=True)
    reason = StringField(required=True, max_length=MOST_REASON)
    words = DictField()
    claimed_fen = LongField(min_value=0)
    claimed_by = StringField(default="")
    claim_reason = StringField(default="", max_length=MOST_REASON)


class Proposal(EmbeddedDocument):
    """What one officer would decide, and may not alone: another one is to decide the same."""

    by = StringField(required=True)
    at = DateTimeField(required=True)
    fen = LongField(required=True, min_value=0)
    reason = StringField(required=True, max_length=MOST_REASON)


class Decision(EmbeddedDocument):
    """What an officer decided: `fen` in all for the line, None where it counts as it stood.

    `proposed_by` is the other officer of two.
    """

    by = StringField(required=True)
    at = DateTimeField(required=True)
    fen = LongField(min_value=0)
    reason = StringField(required=True, max_length=MOST_REASON)
    proposed_by = StringField(default="")


class StatementLine(Document):
    """One line, number `number` of its statement; `id` is `<statement>:<number>`.

    `coins` went to the point's account, each 10,000 worth `fen_per_10000_coins` at the hand-over
    (None: no card was in force, so an officer decides); `in_kind_fen` was credited for an award.
    Of an OFFLINE one both are 0: `price` and `cost_fen` say what its voucher was for, in no sum.
    """

    id = StringField(primary_key=True)
    statement_id = StringField(required=True)
    number = IntField(required=True, min_value=1)
    kind = EnumField(LineKind, required=True)
    # None where a code that was handed over for offline means no voucher.
    voucher_id = StringField()
    offline_id = StringField()
    reward_id = StringField()
    title = StringField(required=True)
    title_en = StringField(default="")
    handed_over_at = DateTimeField(required=True)
    coins = LongField(required=True, min_value=0)
    fen_per_10000_coins = IntField(min_value=0)
    in_kind_fen = LongField(required=True, min_value=0)
    price = LongField(default=0, min_value=0)
    cost_fen = LongField(default=0, min_value=0)
    state = EnumField(LineState, required=True)
    dispute = EmbeddedDocumentField(Dispute)
    proposal = EmbeddedDocumentField(Proposal)
    decision = EmbeddedDocumentField(Decision)

    meta = {
        "collection": "statement_lines",
        "indexes": [
            {"fields": ["statement_id", "number"], "unique": True},
            # The server itself refuses to state a voucher's hand-over twice, whoever writes.
            {
                "fields": ["voucher_id"],
                "unique": True,
                "partialFilterExpression": {"kind": {"$in": [kind.value for kind in OF_VOUCHERS]}},
            },
            {
                "fields": ["offline_id"],
                "unique": True,
                "partialFilterExpression": {"offline_id": {"$type": "string"}},
            },
        ],
    }

    def is_returned(self) -> bool:
        """Whether the goods were brought back, so that nothing is owed."""
        return bool(self.state == LineState.REFUNDED)

    def is_open(self) -> bool:
        """Whether it is disputed and not decided."""
        return bool(self.state == LineState.DISPUTED)

    def granted_fen(self) -> int | None:
        """What an officer decided that it is worth in all; None where it counts as it stood."""
        decided = self.decision
        return None if decided is None or decided.fen is None else int(decided.fen)

    def is_valued(self) -> bool:
        """Whether it is worth something known without anybody's decision."""
        known = not self.coins or self.fen_per_10000_coins is not None
        return bool(self.kind != LineKind.OFFLINE and known)

    def likely_fen(self) -> Fraction:
        """What it is worth by itself, or would be were its offline hand-over believed; exact."""
        coins, fen = (
            (self.price, self.cost_fen)
            if self.kind == LineKind.OFFLINE
            else (self.coins, self.in_kind_fen)
        )
        return (fen or 0) + coin_value(coins or 0, self.fen_per_10000_coins or 0)

    def counted_fen(self) -> Fraction:
        """What it counts for by now; disputed and not decided, no more than an award's cost."""
        granted = self.granted_fen()
        if self.is_returned():
            return Fraction(0)
        if self.is_open() or (self.kind == LineKind.OFFLINE and granted is None):
            return Fraction(self.in_kind_fen)
        return self.likely_fen() if granted is None else Fraction(granted)
