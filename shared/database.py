"""MongoDB: the connection, the base of every document, the one door to transactions, `prepare`.

MongoDB is the truth. It must be a replica set (one member will do): transactions and
majority writes need one. Indexes and validators are applied by `prepare`, never on the way.
"""

import contextlib
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from datetime import timedelta
from typing import Any, TypeVar

import mongoengine
import pymongo
from mongoengine.connection import get_db
from pymongo import ReadPreference, WriteConcern
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import AutoReconnect, DuplicateKeyError, PyMongoError
from pymongo.read_concern import ReadConcern

from settings import settings
from shared.clock import real_now
from shared.errors import Unavailable
from shared.ids import random_id
from shared.orphans import NAMES_BEGIN_WITH, look_for_orphans

Result = TypeVar("Result")

# One command may take this long before the caller is told to try again.
COMMAND_TIMEOUT_MS = 8_000
# The server's code of a write that met a unique index, as bulk writes tell it.
DUPLICATE_KEY = 11000
# A whole transaction with its retries; pymongo alone would go on for 120 s.
TRANSACTION_TIMEOUT_S = 6.0
# Who is still in each other's way after this long may be in the way of somebody dead.
SUSPICION_AFTER_S = 1.0
# An index over years of entries takes its time; its lease lapses before, which harms nobody: the
# server joins two who build the same index.
PREPARE_TIMEOUT_S = 3_600
PREPARE_LEASE_S = 120

_deciding: ContextVar[bool] = ContextVar("deciding", default=False)


class NotAReplicaSet(Exception):
    """Raised at start when the server is not a member of a replica set."""


class Document(mongoengine.Document):
    """The base of every document: no index on the way, unknown fields of a newer version kept out.

    A subclass may carry `VALIDATOR`, a `$jsonSchema` or query document that the server holds
    every write against, whoever writes.
    """

    VALIDATOR: dict[str, Any] | None = None
    meta: dict[str, Any] = {"abstract": True, "auto_create_index": False, "strict": False}


class EmbeddedDocument(mongoengine.EmbeddedDocument):
    """The base of everything embedded in a document: unknown fields of a newer version kept out."""

    meta: dict[str, Any] = {"abstract": True, "strict": False}


def connect() -> None:
    """Connect this process to MongoDB, once, after any fork; checks that it is a replica set."""
    mongoengine.disconnect()
    mongoengine.connect(
        host=settings().mongodb_uri,
        tz_aware=True,
        uuidRepresentation="standard",
        w="majority",
        journal=True,
        readConcernLevel="majority",
        retryWrites=True,
        timeoutMS=COMMAND_TIMEOUT_MS,
        serverSelectionTimeoutMS=5_000,
        # unlike any other process's: by it a server is asked who is still there (see orphans.py)
        appname=f"{NAMES_BEGIN_WITH}{holder_name()}:{random_id()}",
    )
    if "setName" not in database().command("hello"):
        raise NotAReplicaSet(
            "MongoDB must run as a replica set (one member will do): start it with --replSet "
            "and run rs.initiate() once"
        )


def database() -> Database:
    """The connected database, its answers in aware UTC times."""
    return get_db()


def collection(document: type[Document]) -> Collection:
    """The plain PyMongo collection behind a document class, for guarded or hot commands."""
    plain: Collection = document._get_collection()
    return plain


def confirmed(document: type[Document]) -> Collection:
    """The collection, read once all that stood before is confirmed by a majority.

    What made a transaction start anew or refuse may not be seen yet by a plain read. For a
    `find_one` by a unique key.
    """
    return collection(document).with_options(read_concern=ReadConcern("linearizable"))


def in_transaction(
    decide: Callable[[ClientSession], Result], *, timeout_s: float = TRANSACTION_TIMEOUT_S
) -> Result:
    """Run `decide(session)` as one transaction: all of its writes or none.

    `decide` may run several times: it must pass `session=` to every command, have no other
    effect, and let DuplicateKeyError out. What a dead process left locked is freed after a
    second of trying. Raises Unavailable when the time is up or the outcome is unknown; the
    caller's keys make the repeat safe.
    """
    began_at = time.monotonic()

    def decided(session: ClientSession) -> Result:
        if time.monotonic() - began_at > SUSPICION_AFTER_S:
            look_for_orphans()
        before = _deciding.set(True)
        try:
            return decide(session)
        finally:
            _deciding.reset(before)

    try:
        with pymongo.timeout(timeout_s), database().client.start_session() as session:
            return session.with_transaction(
                decided,
                read_concern=ReadConcern("snapshot"),
                write_concern=WriteConcern("majority", j=True),
                read_preference=ReadPreference.PRIMARY,
            )
    except PyMongoError as error:
        if error.timeout or isinstance(error, AutoReconnect) or _may_be_repeated(error):
            raise Unavailable from error
        raise


def _may_be_repeated(error: PyMongoError) -> bool:
    """Whether the transaction was given up, or nobody knows whether it was committed."""
    labels = ("TransientTransactionError", "UnknownTransactionCommitResult")
    return any(error.has_error_label(label) for label in labels)


def is_in_transaction() -> bool:
    """Whether the caller's thread is inside a callback of `in_transaction` right now."""
    return _deciding.get()


def prepare() -> list[str]:
    """Create every collection, index and validator; names the collections it saw to.

    Safe to repeat and to race: a lease lets one run at a time. Only the documents of rooms
    that were imported are seen, so call it where all rooms are. Raises Unavailable where another
    is at it, or took over from this one.
    """
    names = []
    with lease("prepare", seconds=PREPARE_LEASE_S) as prolong:
        for document in all_documents():
            prolong()
            with pymongo.timeout(PREPARE_TIMEOUT_S):
                names.append(_prepare_collection(document))
    return names


def all_documents(base: type[Document] = Document) -> list[type[Document]]:
    """The documents of every room that was imported, by name."""
    found: list[type[Document]] = []
    for child in base.__subclasses__():
        if not child._meta.get("abstract"):
            found.append(child)
        found += all_documents(child)
    return sorted(found, key=lambda document: document.__name__)


def _prepare_collection(document: type[Document]) -> str:
    name: str = document._get_collection_name()
    known = database().list_collection_names(filter={"name": name})
    if not known:
        # Two processes may meet here on different hosts; the second finds it made.
        with contextlib.suppress(pymongo.errors.CollectionInvalid):
            database().create_collection(name)
    database().command(
        "collMod", name, validator=document.VALIDATOR or {}, validationLevel="strict"
    )
    document.ensure_indexes()
    return name


def holder_name() -> str:
    """This process's name in leases: host and process id."""
    return f"{socket.gethostname()}:{os.getpid()}"


def take_lease(name: str, *, seconds: int, holder: str = "") -> bool:
    """Take or prolong the named lease for `holder` (this process); False where another holds it."""
    now, holder = real_now(), holder or holder_name()
    # Two threads of one holder may meet at the very first insert; the second try then prolongs.
    for _ in range(2):
        with contextlib.suppress(DuplicateKeyError):
            database()["leases"].update_one(
                {"_id": name, "$or": [{"holder": holder}, {"until": {"$lte": now}}]},
                {"$set": {"holder": holder, "until": now + timedelta(seconds=seconds)}},
                upsert=True,
            )
            return True
    return False


def give_lease_back(name: str, *, holder: str = "") -> None:
    """End the named lease if `holder` (this process) holds it."""
    database()["leases"].delete_one({"_id": name, "holder": holder or holder_name()})


@contextlib.contextmanager
def lease(name: str, *, seconds: int) -> Iterator[Callable[[], None]]:
    """Hold the named lease inside the block, apart from every other block, threads' included.

    Gives `prolong()`, which makes it last `seconds` from then on: to be called between the steps
    of long work. Both raise Unavailable where another holds the lease.
    """
    holder = f"{holder_name()}:{random_id()}"

    def prolong() -> None:
        if not take_lease(name, seconds=seconds, holder=holder):
            raise Unavailable

    prolong()
    try:
        yield prolong
    finally:
        give_lease_back(name, holder=holder)
