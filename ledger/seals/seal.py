"""The seal: a list of entries that can no longer be changed unseen, chained to the seal before.

Written once, never changed. Its number is its id, so of two who make the next seal one wins; no
entry can stand in two, for the server keeps `entry_ids` unique.
"""

from typing import Any

from mongoengine import (
    BinaryField,
    DateTimeField,
    ListField,
    LongField,
    StringField,
)

from ledger.entry import HASH_PATTERN
from shared.database import Document
from shared.ids import ID_PATTERN

# Their ids, leaves and index keys stay far below the 16 MB of a document.
MAX_SEALED = 5_000
NO_SEAL = "0" * 64  # what stands for the hash of the seal before the first

_COUNT = {"bsonType": "long", "minimum": 1}
_HASH = {"bsonType": "string", "pattern": HASH_PATTERN}
_MOMENT = {"bsonType": "date"}
_SHAPE: dict[str, Any] = {
    "_id": _COUNT,
    "sealed_at": _MOMENT,
    "posted_through": _MOMENT,
    "count": {"bsonType": "long", "minimum": 1, "maximum": MAX_SEALED},
    "total": _COUNT,
    "entry_ids": {
        "bsonType": "array",
        "minItems": 1,
        "maxItems": MAX_SEALED,
        "uniqueItems": True,
        "items": {"bsonType": "string", "pattern": ID_PATTERN.pattern},
    },
    "leaves": {"bsonType": "binData"},
    "root": _HASH,
    "previous": _HASH,
    "seal_hash": _HASH,
    "peaks": {"bsonType": "array", "minItems": 1, "maxItems": 64, "items": _HASH},
    "log_root": _HASH,
    "key_id": {"bsonType": "string"},
    "signature": {"bsonType": "string", "pattern": "^[0-9a-f]{128}$"},
}


class Seal(Document):
    """Up to 5,000 entries in order of posting, by the Merkle root over their canonical texts.

    `leaves` are the hashes of the entries in the order of `entry_ids`, 32 bytes each. `total` and
    `posted_through` speak of this and all seals before. `seal_hash` is over the header, which
    names `previous`; `peaks` and `log_root` are of the tree over all seal hashes so far, and
    `signature` of the head that was published with this seal.
    """

    VALIDATOR = {
        "$jsonSchema": {
            "bsonType": "object",
            "required": list(_SHAPE),
            "additionalProperties": False,
            "properties": _SHAPE,
        },
        "$expr": {"$eq": ["$count", {"$size": {"$ifNull": ["$entry_ids", []]}}]},
    }

    id = LongField(primary_key=True)
    sealed_at = DateTimeField(required=True)
    posted_through = DateTimeField(required=True)
    count = LongField(required=True)
    total = LongField(required=True)
    entry_ids = ListField(StringField(), required=True)
    leaves = BinaryField(required=True)
    root = StringField(required=True)
    previous = StringField(required=True)
    seal_hash = StringField(required=True)
    peaks = ListField(StringField(), required=True)
    log_root = StringField(required=True)
    key_id = StringField(required=True)
    signature = StringField(required=True)

    meta: dict[str, Any] = {
        "collection": "seals",
        "indexes": [{"fields": ["entry_ids"], "unique": True}],
    }
