"""The database user of the web and job processes: it can add to the book and change none of it.

Whoever breaks into one of these processes then still cannot rewrite what was posted: the server
itself refuses. Privileges only ever add up in MongoDB, so what must not be is simply not given.
"""

import re
from typing import Any

from pymongo.errors import OperationFailure

from shared.database import all_documents, database
from shared.errors import Conflict, Invalid
from shared.i18n import Text

ROLE = "fuxun_app"
# What was written there stands for ever.
NEVER_CHANGED = frozenset({"entries", "seals"})
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
LEAST_PASSWORD = 16
ROLE_EXISTS, USER_EXISTS = 51002, 51003


class BadDatabaseUser(Invalid):
    """Raised when a database user is to be made with a name or a password that will not do."""

    message = Text(
        "The name has 1 to 64 letters, digits, - and _; the password {least} characters or more.",
        "用户名须为 1 至 64 位字母、数字、- 或 _；密码至少 {least} 位。",
    )


class DatabaseUserTaken(Conflict):
    """Raised when the user is there with other roles: an administrator's are not taken away."""

    message = Text(
        "{name} has other roles in the database; choose another name.",
        "数据库用户 {name} 已有其他角色，请换用其他名称。",
    )


def make_database_user(name: str, password: str) -> list[str]:
    """Make the role and the user as they must be; the collections that it may change.

    The user lives in the application's own database. Safe to repeat: a user of this role gets the
    new password. Whoever calls must be connected as an administrator. Raises BadDatabaseUser,
    DatabaseUserTaken, and pymongo's OperationFailure where the server refuses.
    """
    if not NAME.fullmatch(name) or len(password) < LEAST_PASSWORD:
        raise BadDatabaseUser("name", least=LEAST_PASSWORD)
    _refuse_others(name)
    changed = _changed_collections()
    privileges = privileges_of(database().name, changed)
    _create_or_update("Role", ROLE, ROLE_EXISTS, privileges=privileges, roles=[])
    _create_or_update("User", name, USER_EXISTS, pwd=password, roles=[ROLE])
    return changed


def privileges_of(database_name: str, changed: list[str]) -> list[dict[str, Any]]:
    """What the role may do: read and insert everywhere in the database, change what is `changed`.

    No index, no validator and no collection can be changed or dropped with it, and validators
    cannot be gone past.
    """
    return [
        _privilege(database_name, "", "find", "insert", "changeStream"),
        *(_privilege(database_name, name, "remove", "update") for name in changed),
    ]


def _privilege(database_name: str, name: str, *actions: str) -> dict[str, Any]:
    return {"resource": {"db": database_name, "collection": name}, "actions": list(actions)}


def _changed_collections() -> list[str]:
    """Every collection there is or will be, but those that are never changed."""
    ours = {str(document._get_collection_name()) for document in all_documents()}
    # Leases have no document; views and what is the server's own are nobody's to change.
    there = database().list_collection_names(filter={"type": "collection"})
    return sorted(name for name in (ours | set(there)) - NEVER_CHANGED if "system." not in name)


def _refuse_others(name: str) -> None:
    for user in database().command("usersInfo", name)["users"]:
        if [(role["role"], role["db"]) for role in user["roles"]] != [(ROLE, database().name)]:
            raise DatabaseUserTaken(name=name)


def _create_or_update(what: str, name: str, exists: int, **terms: Any) -> None:
    try:
        database().command(f"create{what}", name, **terms)
    except OperationFailure as failure:
        if failure.code != exists:
            raise
        database().command(f"update{what}", name, **terms)
