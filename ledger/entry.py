"""The entry, the ledger's one fact: balanced legs under a unique key, never changed.

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
    MapField,
    StringField,
)

from ledger.accounts import NAME_PATTERN, AccountKind
from ledger.entry_kinds import MOVEMENTS, EntryKind, Movement, ReasonCode
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
MONTH_PATTERN = r"^[0-9]{4}-(0[1-9]|1[0-2])$"
REVERSAL_FIELDS = ("reverses", "reason")


class Currency(StrEnum):
    """What amounts count: Fu coins, or fen of renminbi."""

    FUB = "FUB"
    CNY = "CNY"


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    """The schema of an object that has all of `required`, may have `optional`, and no other."""
    return {
        "bsonType": "object",
        "required": list(required),
        "additionalProperties": False,
        "properties": {**required, **(optional or {})},
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

LOTS_SCHEMA = {
    "bsonType": "object",
    "additionalProperties": False,
    "patternProperties": {
        MONTH_PATTERN: {"bsonType": ["int", "long"], "minimum": 1, "maximum": MAX_AMOUNT}
    },
}

_LEG = _object(
    {"account": _text(NAME_PATTERN), "currency": _one_of(Currency), "amount": _AMOUNT},
    {"lots": LOTS_SCHEMA},
)

_SHAPE = _object(
    {
        "_id": _text(ID_PATTERN.pattern),
        "key": _text(KEY_PATTERN),
        "request_hash": _text(HASH_PATTERN),
        "kind": _one_of(EntryKind),
        "legs": {"bsonType": "array", "minItems": 2, "maxItems": MAX_LEGS, "items": _LEG},
        "about": _object({"kind": _text(WORD_PATTERN), "id": _text(REFERENCE_PATTERN)}),
        "effective_at": {"bsonType": "date"},
        "posted_at": {"bsonType": "date"},
    },
    {
        "unit": _text(REFERENCE_PATTERN),
        "returns": _text(ID_PATTERN.pattern),
        "reverses": _text(ID_PATTERN.pattern),
        "reason": _one_of(ReasonCode),
    },
)


def _balances_in(currency: Currency) -> dict[str, Any]:
    """The expression that is true where the legs in `currency` sum to zero."""
    # $expr is evaluated even where the shape is wrong: without $isArray it would be an error
    # of its own kind instead of a plain rejection.
    legs = {"$cond": [{"$isArray": "$legs"}, "$legs", []]}
    in_currency = {"$filter": {"input": legs, "cond": {"$eq": ["$$this.currency", currency.value]}}}
    amounts = {"$map": {"input": in_currency, "in": "$$this.amount"}}
    return {"$eq": [{"$sum": amounts}, 0]}


def _no_account_twice() -> dict[str, Any]:
    """The expression that is true where every leg is on an account (and currency) of its own."""
    legs = {"$cond": [{"$isArray": "$legs"}, "$legs", []]}
    names = {"$map": {"input": legs, "in": ["$$this.account", "$$this.currency"]}}
    return {"$eq": [{"$size": legs}, {"$size": {"$setUnion": [names]}}]}


def _named_as(kinds: frozenset[AccountKind]) -> dict[str, str]:
    return {"$regex": "^(?:" + "|".join(sorted(kinds)) + ")(?::|$)"}


def _moves_as(kind: EntryKind, movement: Movement) -> dict[str, Any]:
    """The query that is true of entries of this kind whose legs are where they may be."""
    if kind is EntryKind.REVERSAL:
        return {"kind": kind.value, **{name: {"$exists": True} for name in REVERSAL_FIELDS}}
    allowed = [
        {"amount": {"$lt": 0}, "account": _named_as(movement.out_of)},
        {"amount": {"$gt": 0}, "account": _named_as(movement.into)},
    ]
    return {
        "kind": kind.value,
        "legs": {"$not": {"$elemMatch": {"$nor": allowed}}},
        **{name: {"$exists": False} for name in REVERSAL_FIELDS},
    }


class StoredLeg(EmbeddedDocument):
    """One side of an entry: so much into (plus) or out of (minus) an account.

    `lots` says which of the amount is of which month of expiry; the rest never expires.
    """

    account = StringField(required=True)
    currency = EnumField(Currency, required=True)
    amount = LongField(required=True)
    lots = MapField(LongField(), default=None)


class About(EmbeddedDocument):
    """What the entry is about: a word for the noun, and its id."""

    kind = StringField(required=True)
    id = StringField(required=True)


class Entry(Document):
    """One movement of coins; written once by the book, never changed.

    `unit` is whose activity it belongs to; `returns` is the entry whose coins come back with it,
    `reverses` the one that it undoes, for `reason`.
    """

    VALIDATOR = {
        "$jsonSchema": _SHAPE,
        "$expr": {
            "$and": [
                *(_balances_in(currency) for currency in Currency),
                _no_account_twice(),
                # Nothing counts before it happens: what is effective after a moment was also
                # posted after it, which the questions about the past rely on.
                {"$lte": ["$effective_at", "$posted_at"]},
            ]
        },
        "$or": [_moves_as(kind, movement) for kind, movement in MOVEMENTS.items()],
    }

    id = StringField(primary_key=True)
    key = StringField(required=True)
    request_hash = StringField(required=True)
    kind = EnumField(EntryKind, required=True)
    legs = EmbeddedDocumentListField(StoredLeg, required=True)
    about = EmbeddedDocumentField(About, required=True)
    unit = StringField()
    returns = StringField()
    reverses = StringField()
    reason = EnumField(ReasonCode)
    effective_at = DateTimeField(required=True)
    posted_at = DateTimeField(required=True)

    meta: dict[str, Any] = {
        "collection": "entries",
        "indexes": [
            {"fields": ["key"], "unique": True},
            {"fields": ["legs.account", "-posted_at", "-id"]},
            {"fields": ["posted_at", "id"]},
            {
                "fields": ["reverses"],
                "unique": True,
                "partialFilterExpression": {"reverses": {"$exists": True}},
            },
        ],
    }
