"""A stock: how many of one reward one redemption point was given, and how many are left."""

from mongoengine import BooleanField, IntField, StringField

from shared.database import Document


class Stock(Document):
    """One (reward, point): `supplied` in total ever, `available` not ordered by anybody.

    `withdrawn` stands here as well as in the reward, because an order writes its stock: what it
    writes is what another write can stop it at.
    """

    id = StringField(primary_key=True)
    reward_id = StringField(required=True)
    point_id = StringField(required=True)
    supplied = IntField(required=True, min_value=0)
    available = IntField(required=True, min_value=0)
    withdrawn = BooleanField(default=False)
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
