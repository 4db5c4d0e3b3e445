"""A reward: what coins buy, offered by a unit, handed over at its redemption points."""

from enum import StrEnum

from mongoengine import (
    BooleanField,
    DateTimeField,
    EmbeddedDocumentField,
    EmbeddedDocumentListField,
    EnumField,
    IntField,
    ListField,
    LongField,
    StringField,
)

from shared.database import Document, EmbeddedDocument

MOST_COINS = 100_000_000
MOST_FEN = 10_000_000


class RewardKind(StrEnum):
    """How a reward reaches the person.

    GOODS and a partner's COUPON against a scan at the point, a TOP_UP (data, calls) by a provider,
    a TICKET as a code out of a pool that its owner opens.
    """

    GOODS = "goods"
    COUPON = "coupon"
    TOP_UP = "top_up"
    TICKET = "ticket"


SCANNED = (RewardKind.GOODS, RewardKind.COUPON)


class RewardState(StrEnum):
    """A reward's life: drafted, offered, withdrawn for good."""

    DRAFT = "draft"
    OFFERED = "offered"
    WITHDRAWN = "withdrawn"


class ExpiryRule(StrEnum):
    """What becomes of the coins of a voucher that was never used."""

    RETURNS = "returns"
    FORFEITS = "forfeits"


class Buyers(EmbeddedDocument):
    """Who may order; what is left empty asks nothing. Of each list, one is enough."""

    least_level = IntField(default=0, min_value=0, max_value=100)
    groups = ListField(StringField())
    trades = ListField(StringField())
    roles = ListField(StringField())
    # A home in this unit or below it.
    unit_id = StringField()


class SaleHours(EmbeddedDocument):
    """When it can be ordered on some days of the week, in minutes of the business time zone's day.

    `weekdays` are 1 (Monday) to 7; from `from_minute` up to `until_minute` (at most 1,440).
    """

    weekdays = ListField(IntField(min_value=1, max_value=7), required=True)
    from_minute = IntField(required=True, min_value=0, max_value=1_439)
    until_minute = IntField(required=True, min_value=1, max_value=1_440)


class Reward(Document):
    """One thing to spend coins on. Terms stay as drafted once offered.

    `price` in Fu coins, 0 where it is only ever awarded; `cost_fen` is what its point gets for one
    awarded in kind, in fen, None where it cannot be. Once ordered, it can be cancelled for
    `cancel_hours` (None: up to its end) and brought back for `refund_days` after the hand-over.
    """

    id = StringField(primary_key=True)
    unit_id = StringField(required=True)
    title = StringField(required=True, min_length=1, max_length=80)
    title_en = StringField(default="", max_length=120)
    description = StringField(default="", max_length=2_000)
    kind = EnumField(RewardKind, required=True)
    price = LongField(required=True, min_value=0, max_value=MOST_COINS)
    cost_fen = LongField(min_value=1, max_value=MOST_FEN)
    validity_days = IntField(required=True, min_value=1, max_value=730)
    per_person_limit = IntField(min_value=1, max_value=1_000)
    per_day_limit = IntField(min_value=1, max_value=1_000)
    buyers = EmbeddedDocumentField(Buyers)
    # It can be ordered within both, where they are said, and within one of the hours.
    on_sale_from = DateTimeField()
    on_sale_until = DateTimeField()
    sale_hours = EmbeddedDocumentListField(SaleHours)
    cancel_hours = IntField(min_value=0, max_value=17_520)
    refund_days = IntField(default=0, min_value=0, max_value=90)
    expiry_rule = EnumField(ExpiryRule, default=ExpiryRule.RETURNS)
    can_be_gifted = BooleanField(default=True)
    # Of a TOP_UP: who delivers it, and what the provider calls it.
    provider_id = StringField()
    product = StringField(max_length=80)
    # Files of shared/photo_files.py, the first being the one shown in lists.
    picture_ids = ListField(StringField())
    state = EnumField(RewardState, required=True)
    version = IntField(required=True, min_value=1)
    drafted_by = StringField(required=True)
    draft_key = StringField(required=True)
    # What was first said under that key: a repeat is told from another draft, changed or not.
    draft_hash = StringField()
    drafted_at = DateTimeField(required=True)
    # Recalled: by whom, and whether vouchers of it may still have to be given back.
    recalled_by = StringField()
    is_recall_open = BooleanField()

    meta = {
        "collection": "rewards",
        "indexes": [
            {"fields": ["drafted_by", "draft_key"], "unique": True},
            ("state", "-id"),
            ("state", "unit_id", "-id"),
            {"fields": ["is_recall_open"], "sparse": True},
        ],
    }

    def is_offered(self) -> bool:
        """Whether it was offered and not withdrawn; when it can be ordered says buying_rules."""
        return bool(self.state == RewardState.OFFERED)

    def is_scanned(self) -> bool:
        """Whether a clerk hands it over against a scan."""
        return self.kind in SCANNED
