"""A voucher: one person's right to one reward at one redemption point, used once."""

from datetime import datetime
from enum import StrEnum

from mongoengine import (
    BooleanField,
    DateTimeField,
    EnumField,
    IntField,
    ListField,
    LongField,
    StringField,
)

from catalog.reward import RewardKind
from shared.database import Document


class VoucherState(StrEnum):
    """A voucher's life: every move is one guarded write.

    ISSUED → REDEEMED, CANCELLED or EXPIRED; a top-up ISSUED → DELIVERING → REDEEMED or CANCELLED;
    REDEEMED → REFUNDED where the goods were brought back.
    """

    ISSUED = "issued"
    DELIVERING = "delivering"
    REDEEMED = "redeemed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REFUNDED = "refunded"


# What is still to be handed over, and so lies in escrow.
OUTSTANDING = (VoucherState.ISSUED, VoucherState.DELIVERING)
# What was handed over: the stock is gone for good, the point is owed for it.
HANDED_OVER = (VoucherState.REDEEMED, VoucherState.REFUNDED)
# What counts against the limits of a person.
COUNTED = (*OUTSTANDING, VoucherState.REDEEMED)


class Voucher(Document):
    """The right to one item; the code itself is never stored.

    `price` in Fu coins lies in `voucher:<id>` while ISSUED, or, of a top-up, on the hold `hold_id`
    until its outcome is known. One awarded in kind has no price: `cost_fen` lies there, out of the
    account `fund`. `person_id` holds it, `ordered_by` ordered (and paid) or awarded it: what comes
    back goes where it came from. `look_again_at` is when the sweep tries again to finish it, after
    it failed to.
    """

    id = StringField(primary_key=True)
    person_id = StringField(required=True)
    ordered_by = StringField(required=True)
    idempotency_key = StringField(required=True)
    reward_id = StringField(required=True)
    point_id = StringField(required=True)
    kind = EnumField(RewardKind, default=RewardKind.GOODS)
    price = LongField(required=True, min_value=0)
    cost_fen = LongField(default=0, min_value=0)
    fund = StringField()
    # Of an award: the verified matter it is for, `kind:id`; one matter, one reward. Ended unused
    # it holds the matter no more: what it was for is kept beside.
    matter = StringField()
    matter_was = StringField()
    # The code follows from the id and from how often the voucher changed hands.
    code_turn = IntField(default=0)
    code_hash = StringField(required=True)
    state = EnumField(VoucherState, required=True)
    issued_at = DateTimeField(required=True)
    expires_at = DateTimeField(required=True)
    # The reward's rules as they were when it was issued.
    cancel_until = DateTimeField()
    refund_days = IntField(default=0)
    returns_at_expiry = BooleanField(default=True)
    # Of a top-up: what it costs is held, and the phone that the order named, hashed.
    hold_id = StringField()
    recipient_hash = StringField()
    # Of a ticket.
    pool_code_id = StringField()
    gifted_at = DateTimeField()
    gift_key = StringField()
    # Of a refund: the officer's key, and whether the goods went back onto the shelf.
    refund_key = StringField()
    is_restocked = BooleanField(default=False)
    # Moves that its people are still to be told of, as telling.py names them; None: all told.
    untold = ListField(StringField(), default=None)
    # The voucher that took its place, and the one whose place it took.
    substituted_by = StringField()
    substitutes = StringField()
    # Who handed it over is a clerk, of a ticket its owner, of a top-up its provider.
    redeemed_at = DateTimeField()
    redeemed_by = StringField()
    redeemed_point_id = StringField()
    point_key_id = StringField()
    is_offline = BooleanField(default=False)
    scan_key = StringField()
    settled_entry_id = StringField()
    # The point's statement in whose line it stands.
    statement_id = StringField()
    ended_at = DateTimeField()
    ended_by = StringField()
    # A word of the verb that ended it, say "goods_returned" or "provider_refused".
    ended_reason = StringField()
    expiry_told = BooleanField(default=False)
    look_again_at = DateTimeField()

    # A hand-over is never half-told, and nobody pays what nothing backs, whoever writes.
    VALIDATOR = {
        "$and": [
            {
                "$or": [
                    {
                        "state": {"$in": ["issued", "delivering", "cancelled", "expired"]},
                        "redeemed_at": None,
                    },
                    {
                        "state": {"$in": ["redeemed", "refunded"]},
                        "redeemed_at": {"$type": "date"},
                        "redeemed_by": {"$type": "string"},
                        "redeemed_point_id": {"$type": "string"},
                        "scan_key": {"$type": "string"},
                    },
                ]
            },
            {"$or": [{"cost_fen": {"$in": [0, None]}}, {"fund": {"$type": "string"}, "price": 0}]},
        ]
    }
    meta = {
        "collection": "vouchers",
        "indexes": [
            {"fields": ["ordered_by", "idempotency_key"], "unique": True},
            {"fields": ["code_hash"], "unique": True},
            {
                "fields": ["redeemed_by", "scan_key"],
                "unique": True,
                "partialFilterExpression": {"scan_key": {"$type": "string"}},
            },
            {
                "fields": ["matter"],
                "unique": True,
                "partialFilterExpression": {"matter": {"$type": "string"}},
            },
            {
                "fields": ["ordered_by", "gift_key"],
                "unique": True,
                "partialFilterExpression": {"gift_key": {"$type": "string"}},
            },
            {
                "fields": ["ended_by", "refund_key"],
                "unique": True,
                "partialFilterExpression": {"refund_key": {"$type": "string"}},
            },
            {"fields": ["untold"], "sparse": True},
            # What somebody gave away, for their own list.
            {
                "fields": ["ordered_by", "-id"],
                "partialFilterExpression": {"gifted_at": {"$type": "date"}},
            },
            ("person_id", "-id"),
            ("ordered_by", "reward_id", "state"),
            ("reward_id", "point_id", "state"),
            ("state", "expires_at"),
            ("state", "settled_entry_id", "look_again_at"),
            ("redeemed_point_id", "statement_id", "redeemed_at"),
            ("person_id", "redeemed_at"),
        ],
    }

    def is_expired_at(self, moment: datetime) -> bool:
        """Whether its time is over, be it marked as EXPIRED yet or not."""
        return bool(self.expires_at <= moment)

    def is_award(self) -> bool:
        """Whether it was awarded in kind, without coins."""
        return bool(self.fund)

    def is_gift(self) -> bool:
        """Whether a neighbour gave it to who holds it now."""
        return bool(self.gifted_at)
