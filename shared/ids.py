"""Ids, made before anything is written, so that a write can be repeated and referred to."""

import re
import secrets

from bson import ObjectId

ID_PATTERN = re.compile(r"^[0-9a-f]{24}$")


def new_id() -> str:
    """A fresh id, 24 hex digits, rising with time: for tasks, entries, vouchers."""
    return str(ObjectId())


def random_id() -> str:
    """A fresh id, 24 hex digits, that says nothing of when it was made: for people and tips."""
    return secrets.token_hex(12)
