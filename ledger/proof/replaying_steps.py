"""Pieces of aggregations over the book that a proof is built from.

Tampered documents must be found, not trip the proof: whatever has the wrong type counts as
nothing in these, and is named where documents are held against their validators.
"""

from collections.abc import Iterator
from typing import Any

from bson.codec_options import DatetimeConversion
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from ledger.accounts import AccountKind
from shared.database import Document, collection

Steps = list[dict[str, Any]]

# Of each kind of finding: who has hundreds is past reading them.
MAX_FINDINGS = 100

# An entry is stamped before it commits, by one of several clocks: for so long the order of stamps
# need not be the order of commits.
CROSSING_S = 60

# A hold that can be told by its balance, and that balance.
WELL_NAMED = {"account": {"$type": "string"}, "currency": {"$type": "string"}}
BALANCE_OF_HOLD = {"$concat": ["$account", "|", "$currency"]}

_OWED = f"{AccountKind.OWED}:"
_WALLET = f"{AccountKind.WALLET}:"


def is_owed(account: str) -> dict[str, Any]:
    """Whether the account is what somebody owes."""
    return {"$eq": [{"$substrBytes": [account, 0, len(_OWED)]}, _OWED]}


def balance_of_leg(account: str, currency: str) -> dict[str, Any]:
    """The id of the balance that an account is kept in: a debt stands in its owner's wallet's."""
    beside = {"$concat": [_WALLET, {"$substrBytes": [account, len(_OWED), -1]}]}
    return {"$concat": [{"$cond": [is_owed(account), beside, account]}, "|", currency]}


def reading(document: type[Document]) -> Collection:
    """The collection; a moment beyond what Python can hold stays what it is and is no error."""
    plain = collection(document)
    options = plain.codec_options.with_options(datetime_conversion=DatetimeConversion.DATETIME_AUTO)
    return plain.with_options(codec_options=options)


def over(
    document: type[Document], steps: Steps, session: ClientSession
) -> Iterator[dict[str, Any]]:
    """What an aggregation over the documents answers, as of the session's moment."""
    yield from reading(document).aggregate(steps, allowDiskUse=True, session=session)


def beside(document: type[Document], steps: Steps) -> dict[str, Any]:
    """The stage that adds the rows which other documents give."""
    return {"$unionWith": {"coll": collection(document).name, "pipeline": steps}}


def named(kinds: frozenset[AccountKind] | set[AccountKind]) -> dict[str, Any]:
    """The condition that an account is of one of these kinds."""
    return {"$regex": "^(?:" + "|".join(sorted(kinds)) + ")(?::|$)"}


def text(field: str) -> dict[str, Any]:
    """The field where it is a text: $concat and its like stop at anything else."""
    return {"$cond": [{"$eq": [{"$type": field}, "string"]}, field, ""]}


def number(field: str) -> dict[str, Any]:
    """The field where it is a number, else zero."""
    return {"$cond": [{"$isNumber": field}, field, 0]}
