"""The words that the ledger's validators are written in. Pure."""

from enum import StrEnum
from typing import Any

# The largest whole number that every JSON reader keeps exact.
MAX_AMOUNT = 2**53 - 1
COUNT = {"bsonType": ["int", "long"], "minimum": 0, "maximum": MAX_AMOUNT}
DATE = {"bsonType": "date"}


def exactly(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    """The schema of an object that has all of `required`, may have `optional`, and no other."""
    return {
        "bsonType": "object",
        "required": list(required),
        "additionalProperties": False,
        "properties": {**required, **(optional or {})},
    }


def text(pattern: str) -> dict[str, Any]:
    """The schema of a text that matches the whole pattern."""
    # To the server, as to Python's search, `$` is also the place before a last line break.
    return {"bsonType": "string", "pattern": pattern.removesuffix("$") + r"(?!\n)$"}


def one_of(words: type[StrEnum]) -> dict[str, Any]:
    """The schema of one of these words."""
    return {"enum": [word.value for word in words]}


def by_month(pattern: str, least: int) -> dict[str, Any]:
    """The schema of coins by month, `least` or more in each."""
    coins = COUNT | {"minimum": least}
    return {
        "bsonType": "object",
        "additionalProperties": False,
        "patternProperties": {text(pattern)["pattern"]: coins},
    }
