"""An award: a reward in kind for one verified matter, paid by a fund instead of coins."""

from enum import StrEnum
from typing import Any

from mongoengine import (
    BooleanField,
    DateTimeField,
    EnumField,
    IntField,
    ListField,
    LongField,
    StringField,
)

from shared.database import Document


class MatterKind(StrEnum):
    """What a reward is for: verified work, a case that was closed, an entry of a paper register."""

    PARTICIPATION = "participation"
    CASE = "case"
    REGISTER = "register"


class AwardState(StrEnum):
    """REQUESTED → APPROVED or DISMISSED; within what one officer may decide, APPROVED at once.

    APPROVED → ENDED where its voucher ended unused: withdrawn, cancelled, recalled, lapsed.
    """

    REQUESTED = "requested"
    APPROVED = "approved"
    DISMISSED = "dismissed"
    ENDED = "ended"


class Award(Document):
    """One officer's wish to reward a matter, and what became of it; `cost_fen` as it was asked.

    `grade` is the matter's by the rate card then, where it had grades. `needs_second`: with what
    the person was given of late it is above what one officer gives alone; a second one approves.
    Approved, `voucher_id` is what the person got, out of the fund's `account`. `open_matter` is
    the matter until the wish is dismissed or what it gave has ended unused: no two at a time.
    """

    id = StringField(primary_key=True)
    reward_id = StringField(required=True)
    point_id = StringField(required=True)
    person_id = StringField(required=True)
    # The reward's unit and those above it, for the officers that see it.
    unit_id = StringField(required=True)
    lineage = ListField(StringField(), required=True)
    fund = StringField(required=True)
    cost_fen = LongField(required=True, min_value=1)
    grade = StringField()
    needs_second = BooleanField(required=True, default=False)
    matter = StringField(required=True)
    open_matter = StringField()
    state = EnumField(AwardState, required=True)
    asked_by = StringField(required=True)
    asked_at = DateTimeField(required=True)
    key = StringField(required=True)
    decided_by = StringField()
    decided_at = DateTimeField()
    account = StringField()
    voucher_id = StringField()
    # The notice that is still to be told; None where nobody waits for one.
    untold = StringField()
    version = IntField(required=True, min_value=1)

    VALIDATOR: dict[str, Any] = {
        "$or": [
            {"state": "requested", "open_matter": {"$type": "string"}, "voucher_id": None},
            {
                "state": "approved",
                "open_matter": {"$type": "string"},
                "account": {"$type": "string"},
                "voucher_id": {"$type": "string"},
            },
            {"state": "dismissed", "open_matter": None, "voucher_id": None},
            {"state": "ended", "open_matter": None, "voucher_id": {"$type": "string"}},
        ]
    }
    meta = {
        "collection": "awards",
        "indexes": [
            {"fields": ["asked_by", "key"], "unique": True},
            {
                "fields": ["open_matter"],
                "unique": True,
                "partialFilterExpression": {"open_matter": {"$type": "string"}},
            },
            {"fields": ["untold"], "sparse": True},
            ("lineage", "state", "-id"),
            ("person_id", "-asked_at"),
        ],
    }
