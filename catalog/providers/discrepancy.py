"""A discrepancy: what a provider says of a delivery, against what stands in our books."""

from enum import StrEnum
from typing import Any

import mongoengine as me

from shared.database import Document
from shared.i18n import Text


class DiscrepancyKind(StrEnum):
    """What is wrong; none of it moves a coin by itself, officers settle it with the provider."""

    # The coins went back, and now the provider says that it delivered.
    DELIVERED_AFTER_REFUND = "delivered_after_refund"
    # The coins are paid, and now the provider says that it did not deliver.
    REFUSED_AFTER_DELIVERY = "refused_after_delivery"
    # Delivered here, and not in the provider's file of the day.
    MISSING_IN_FILE = "missing_in_file"
    # In the provider's file, and never ordered from it.
    UNKNOWN_KEY = "unknown_key"
    WRONG_PRODUCT = "wrong_product"
    # The provider says something about what was never sent to it.
    NEVER_SENT = "never_sent"
    OTHER_REFERENCE = "other_reference"
    # Two lines of one file say different things.
    CONTRADICTS_ITSELF = "contradicts_itself"


KIND_WORDS: dict[DiscrepancyKind, Text] = {
    DiscrepancyKind.DELIVERED_AFTER_REFUND: Text(
        "delivered after the coins were given back", "退还福币后又称已充值"
    ),
    DiscrepancyKind.REFUSED_AFTER_DELIVERY: Text(
        "refused after it was delivered", "充值成功后又称未办理"
    ),
    DiscrepancyKind.MISSING_IN_FILE: Text("missing in the file of its day", "当日对账文件中缺少"),
    DiscrepancyKind.UNKNOWN_KEY: Text("never ordered from them", "本地无此充值单"),
    DiscrepancyKind.WRONG_PRODUCT: Text("another product", "产品不一致"),
    DiscrepancyKind.NEVER_SENT: Text("never sent to them", "从未向其发送"),
    DiscrepancyKind.OTHER_REFERENCE: Text("another reference", "流水号不一致"),
    DiscrepancyKind.CONTRADICTS_ITSELF: Text("the file contradicts itself", "对账文件自相矛盾"),
}


class Discrepancy(Document):
    """One discrepancy of one delivery, noted once whoever sees it how often.

    `cleared_at` where later news showed that there was none, or an officer closed it: `closed_by`,
    with `closing_words` of what was found out and done about it.
    """

    id = me.StringField(primary_key=True)
    provider_id = me.StringField(required=True)
    key = me.StringField(required=True)
    kind = me.EnumField(DiscrepancyKind, required=True)
    source = me.StringField(required=True)
    status = me.StringField(default="")
    reference = me.StringField(default="")
    found_at = me.DateTimeField(required=True)
    cleared_at = me.DateTimeField()
    closed_by = me.StringField()
    closing_words = me.StringField()
    to_tell = me.BooleanField(default=False)

    meta: dict[str, Any] = {
        "collection": "provider_discrepancies",
        "indexes": [
            {"fields": ["provider_id", "key", "kind"], "unique": True},
            ("provider_id", "-id"),
            {
                "fields": ["to_tell"],
                "partialFilterExpression": {"to_tell": True},
            },
        ],
    }
