"""A fund's grant: who brought how much money into it for a year, and by what decision."""

from typing import Any

from mongoengine import DateTimeField, IntField, LongField, StringField

from shared.database import Document


class FundGrant(Document):
    """One grant in fen, written in the same transaction as its entry; never changed.

    `authorisation` names the decision it rests on: words stay here, out of the ledger.
    """

    id = StringField(primary_key=True)
    fund = StringField(required=True)
    year = IntField(required=True)
    fen = LongField(required=True, min_value=1)
    authorisation = StringField(required=True)
    key = StringField(required=True)
    entry_id = StringField(required=True)
    granted_by = StringField(required=True)
    granted_at = DateTimeField(required=True)

    meta: dict[str, Any] = {
        "collection": "fund_grants",
        "indexes": [
            {"fields": ["granted_by", "key"], "unique": True},
            {"fields": ["fund", "year", "id"]},
        ],
    }
