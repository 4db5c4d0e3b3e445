"""A reward: what coins buy, offered by a unit, handed over at its redemption points."""

from enum import StrEnum

from mongoengine import DateTimeField, EnumField, IntField, LongField, StringField

from shared.database import Document


class RewardKind(StrEnum):
    """How a reward reaches the person."""

    GOODS = "goods"


class RewardState(StrEnum):
    """A reward's life: drafted, offered, withdrawn for good."""

    DRAFT = "draft"
    OFFERED = "offered"
    WITHDRAWN = "withdrawn"


class Reward(Document):
    """One thing to spend coins on; `price` in Fu coins. Terms stay as drafted once offered."""

    id = StringField(primary_key=True)
    unit_id = StringField(required=True)
    title = StringField(required=True, min_length=1, max_length=80)
    title_en = StringField(default="", max_length=120)
    description = StringField(default="", max_length=2_000)
    kind = EnumField(RewardKind, required=True)
    price = LongField(required=True, min_value=1, max_value=100_000_000)
    validity_days = IntField(required=True, min_value=1, max_value=730)
    per_person_limit = IntField(min_value=1, max_value=1_000)
    state = EnumField(RewardState, required=True)
    version = IntField(required=True, min_value=1)
    drafted_by = StringField(required=True)
    draft_key = StringField(required=True)
    drafted_at = DateTimeField(required=True)

    meta = {
        "collection": "rewards",
        "indexes": [
            {"fields": ["drafted_by", "draft_key"], "unique": True},
            ("state", "-id"),
            ("state", "unit_id", "-id"),
        ],
    }

    def is_offered(self) -> bool:
        """Whether it can be ordered now, where a point has it."""
        return bool(self.state == RewardState.OFFERED)
