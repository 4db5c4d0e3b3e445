"""A stock: how many of one reward one redemption point was given, and how many are left."""

from mongoengine import BooleanField, DateTimeField, IntField, StringField

from shared.database import Document
from shared.errors import Refused
from shared.i18n import Text


class OutOfStock(Refused):
    """Raised when nothing of the reward is left at the redemption point."""

    message = Text("Nothing is left at this redemption point.", "该兑换点已无库存。")


class Stock(Document):
    """One (reward, point): `supplied` in total ever, `available` not ordered by anybody.

    For goods that is what lies on the shelf, for a ticket the codes in its pool, for a top-up what
    was paid to its provider: nothing is sold beyond it. `withdrawn` stands here as well as in the
    reward, because an order writes its stock: what it writes is what another write can stop it at.
    """

    id = StringField(primary_key=True)
    reward_id = StringField(required=True)
    point_id = StringField(required=True)
    supplied = IntField(required=True, min_value=0)
    available = IntField(required=True, min_value=0)
    withdrawn = BooleanField(default=False)
    # The point is closed for now (see points): nothing is ordered there, as with `withdrawn`.
    paused = BooleanField(default=False)
    # Officers and clerks are told when no more than this are left: once for each supply.
    low_at = IntField(min_value=0)
    low_told_for = IntField()
    # The last time that somebody counted the shelf.
    counted_at = DateTimeField()
    version = IntField(required=True, min_value=1)

    # The server itself refuses an oversold stock, whoever writes.
    VALIDATOR = {
        "$jsonSchema": {
            "bsonType": "object",
            "required": ["_id", "reward_id", "point_id", "supplied", "available", "version"],
            "properties": {
                "supplied": {"bsonType": ["int", "long"], "minimum": 0},
                "available": {"bsonType": ["int", "long"], "minimum": 0},
                "withdrawn": {"bsonType": "bool"},
                "paused": {"bsonType": "bool"},
            },
        },
        "$expr": {"$lte": ["$available", "$supplied"]},
    }
    meta = {
        "collection": "stocks",
        "indexes": [
            {"fields": ["reward_id", "point_id"], "unique": True},
            ("point_id", "reward_id"),
        ],
    }
