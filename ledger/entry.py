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
from ledger.schemas import DATE, MAX_AMOUNT, by_month, exactly, one_of, text
from shared.database import Document, EmbeddedDocument
from shared.ids import ID_PATTERN

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


# minimum and maximum alone would let 0.5 and 0 pass; a type alone would let 2**60 pass.
_AMOUNT = {
    "bsonType": ["int", "long"],
    "minimum": -MAX_AMOUNT,
    "maximum": MAX_AMOUNT,
    "not": {"enum": [0]},
}

_LEG = exactly(
    {"account": text(NAME_PATTERN), "currency": one_of(Currency), "amount": _AMOUNT},
    {"lots": by_month(MONTH_PATTERN, least=1)},
)

_SHAPE = exactly(
    {
        "_id": text(ID_PATTERN.pattern),
        "key": text(KEY_PATTERN),
        "request_hash": text(HASH_PATTERN),
        "kind": one_of(EntryKind),
        "legs": {"bsonType": "array", "minItems": 2, "maxItems": MAX_LEGS, "items": _LEG},
        "about": exactly({"kind": text(WORD_PATTERN), "id": text(REFERENCE_PATTERN)}),
        "effective_at": DATE,
        "posted_at": DATE,
    },
    {
        "unit": text(REFERENCE_PATTERN),
        "returns": text(ID_PATTERN.pattern),
        "reverses": text(ID_PATTERN.pattern),
        "reason": one_of(ReasonCode),
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


def _lots_within_amounts() -> dict[str, Any]:
    """The expression that is true where no leg's lots are more than its amount."""
    lots = {"$cond": [{"$eq": [{"$type": "$$this.lots"}, "object"]}, "$$this.lots", {}]}
    coins = {"$sum": {"$map": {"input": {"$objectToArray": lots}, "in": "$$this.v"}}}
    amount = {"$cond": [{"$isNumber": "$$this.amount"}, {"$abs": "$$this.amount"}, 0]}
    legs = {"$cond": [{"$isArray": "$legs"}, "$legs", []]}
    within = {"$allElementsTrue": {"$map": {"input": legs, "in": {"$lte": [coins, amount]}}}}
    return {"$or": [{"$not": [{"$isArray": "$legs"}]}, within]}


def _lots_in_wallets_only() -> dict[str, Any]:
    """The query that is true where only legs on wallets have lots."""
    outside = {
        "lots": {"$exists": True},
        "account": {"$not": {"$regex": f"^{AccountKind.WALLET}:"}},
    }
    return {"$not": {"$elemMatch": outside}}


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
                _lots_within_amounts(),
                # Nothing counts before it happens: what is effective after a moment was also
                # posted after it, which the questions about the past rely on.
                {"$lte": ["$effective_at", "$posted_at"]},
            ]
        },
        "legs": _lots_in_wallets_only(),
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
