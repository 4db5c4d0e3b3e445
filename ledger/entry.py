"""One entry of the book: immutable, its legs balanced in each currency.

The server holds every write against `VALIDATOR`, whoever writes. An entry outlives people's
right to be forgotten, so it carries no free text and nothing personal: ids and amounts only.
"""

from enum import StrEnum
from typing import Any

from mongoengine import (
    DateTimeField,
    EmbeddedDocumentField,
    EmbeddedDocumentListField,
    EnumField,
    LongField,
    StringField,
)

from ledger.accounts import NAME_PATTERN
from shared.database import Document, EmbeddedDocument
from shared.ids import ID_PATTERN

# The largest whole number that every JSON reader keeps exact.
MAX_AMOUNT = 2**53 - 1
# With MAX_AMOUNT this keeps any sum of legs far inside 64 bits.
MAX_LEGS = 200
KEY_PATTERN = r"^[A-Za-z0-9:._-]{1,200}$"
WORD_PATTERN = r"^[a-z][a-z_]{0,39}$"
REFERENCE_PATTERN = r"^[A-Za-z0-9_-]{1,64}$"
HASH_PATTERN = r"^[0-9a-f]{64}$"


class Currency(StrEnum):
    """What amounts count: Fu coins, or fen of renminbi."""

    FUB = "FUB"
    CNY = "CNY"


class EntryKind(StrEnum):
    """What happened that moved the coins."""

    BUDGET_GRANT = "budget_grant"
    PUBLICATION = "publication"
    REWARD = "reward"
    TASK_RETURN = "task_return"
    ORDER = "order"
    REDEMPTION = "redemption"
    CANCELLATION = "cancellation"
    EXPIRY = "expiry"


def _exactly(**fields: dict[str, Any]) -> dict[str, Any]:
    """The schema of an object that has all of these fields and no other."""
    return {
        "bsonType": "object",
        "required": list(fields),
        "additionalProperties": False,
        "properties": fields,
    }


def _text(pattern: str) -> dict[str, Any]:
    return {"bsonType": "string", "pattern": pattern}


def _one_of(words: type[StrEnum]) -> dict[str, Any]:
    return {"enum": [word.value for word in words]}


# minimum and maximum alone would let 0.5 and 0 pass; a type alone would let 2**60 pass.
_AMOUNT = {
    "bsonType": ["int", "long"],
    "minimum": -MAX_AMOUNT,
    "maximum": MAX_AMOUNT,
    "not": {"enum": [0]},
}

_SHAPE = _exactly(
    _id=_text(ID_PATTERN.pattern),
    key=_text(KEY_PATTERN),
    request_hash=_text(HASH_PATTERN),
    kind=_one_of(EntryKind),
    legs={
        "bsonType": "array",
        "minItems": 2,
        "maxItems": MAX_LEGS,
        "items": _exactly(account=_text(NAME_PATTERN), currency=_one_of(Currency), amount=_AMOUNT),
    },
    about=_exactly(kind=_text(WORD_PATTERN), id=_text(REFERENCE_PATTERN)),
    effective_at={"bsonType": "date"},
    posted_at={"bsonType": "date"},
)


def _balances_in(currency: Currency) -> dict[str, Any]:
    """The expression that is true where the legs in `currency` sum to zero."""
    # $expr is evaluated even where the shape is wrong: without $isArray it would be an error
    # of its own kind instead of a plain rejection.
    legs = {"$cond": [{"$isArray": "$legs"}, "$legs", []]}
    in_currency = {"$filter": {"input": legs, "cond": {"$eq": ["$$this.currency", currency.value]}}}
    amounts = {"$map": {"input": in_currency, "in": "$$this.amount"}}
    return {"$eq": [{"$sum": amounts}, 0]}


class StoredLeg(EmbeddedDocument):
    """One side of an entry: so much into (plus) or out of (minus) an account."""

    account = StringField(required=True)
    currency = EnumField(Currency, required=True)
    amount = LongField(required=True)


class About(EmbeddedDocument):
    """What the entry is about: a word for the noun, and its id."""

    kind = StringField(required=True)
    id = StringField(required=True)


class Entry(Document):
    """One movement of coins; written once by the book, never changed."""

    VALIDATOR = {
        "$jsonSchema": _SHAPE,
        "$expr": {"$and": [_balances_in(currency) for currency in Currency]},
    }

    id = StringField(primary_key=True)
    key = StringField(required=True)
    request_hash = StringField(required=True)
    kind = EnumField(EntryKind, required=True)
    legs = EmbeddedDocumentListField(StoredLeg, required=True)
    about = EmbeddedDocumentField(About, required=True)
    effective_at = DateTimeField(required=True)
    posted_at = DateTimeField(required=True)

    meta: dict[str, Any] = {
        "collection": "entries",
        "indexes": [
            {"fields": ["key"], "unique": True},
            {"fields": ["legs.account", "-posted_at", "-id"]},
        ],
    }
