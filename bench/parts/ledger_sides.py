"""Both sides' way of posting a move: the ledger's own `post`, and bare PyMongo."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

import click
from bson import Int64, ObjectId
from pymongo import MongoClient, ReadPreference, UpdateOne, WriteConcern
from pymongo.client_session import ClientSession
from pymongo.read_concern import ReadConcern

from bench.parts.ledger_moves import ABOUT, VETERAN, Move
from ledger import Leg, NewEntry, Posted, balance_of, post
from settings import settings
from shared.database import connect


class Unfaithful(click.ClickException):
    """Raised when a side does not do what was asked: figures of refusals are worth nothing."""


class Side(Protocol):
    """One way of keeping the book."""

    def post(self, move: Move) -> None:
        """Post one move and come back when it is durable. Raises Unfaithful."""


class Ours:
    """The ledger as every other part of the program uses it."""

    def __init__(self) -> None:
        connect()

    def post(self, move: Move) -> None:
        """Post one move by `ledger.post`. Raises Unfaithful."""
        self.post_all([move])

    def post_all(self, moves: Sequence[Move]) -> None:
        """Post all of them by one call of `ledger.post`. Raises Unfaithful."""
        outcomes = post([new_entry(move) for move in moves])
        if not all(isinstance(outcome, Posted) for outcome in outcomes):
            raise Unfaithful(f"the ledger answered {set(map(type, outcomes))}")

    def look(self, history: int) -> None:
        """Ask what the wallet with the long history holds. Raises Unfaithful."""
        if (found := balance_of(VETERAN)) != history:
            raise Unfaithful(f"the ledger says {found}, not {history}")


def new_entry(move: Move) -> NewEntry:
    """The move as the ledger is asked for it."""
    return NewEntry(
        key=move.key,
        kind=move.kind,
        legs=[Leg(move.out_of, -move.amount), Leg(move.into, move.amount)],
        about=ABOUT,
        lasts_months=move.lasts_months,
    )


class Bare:
    """PyMongo alone: a transaction each, the entry, then its accounts in one ordered command."""

    def __init__(self) -> None:
        self.client: MongoClient[dict[str, Any]] = MongoClient(
            settings().mongodb_uri, w="majority", journal=True, tz_aware=True
        )
        database = self.client.get_default_database()
        self.entries, self.balances = database["entries"], database["balances"]

    def post(self, move: Move) -> None:
        """Post one move in a transaction of its own. Raises Unfaithful."""
        moment = datetime.now(UTC)
        legs = [(move.out_of, -move.amount), (move.into, move.amount)]
        entry = {
            "_id": str(ObjectId()),
            "key": move.key,
            "request_hash": hashlib.sha256(repr(move).encode()).hexdigest(),
            "kind": move.kind.value,
            "legs": [
                {"account": account, "currency": "FUB", "amount": Int64(amount)}
                for account, amount in legs
            ],
            "about": {"kind": ABOUT[0], "id": ABOUT[1]},
            "effective_at": moment,
            "posted_at": moment,
        }
        updates = [_update(account, amount) for account, amount in legs]

        def decide(session: ClientSession) -> None:
            self.entries.insert_one(entry, session=session)
            written = self.balances.bulk_write(updates, ordered=True, session=session)
            if written.matched_count != len(updates):
                raise Unfaithful(f"bare found too little for {move}")

        with self.client.start_session() as session:
            session.with_transaction(
                decide,
                read_concern=ReadConcern("snapshot"),
                write_concern=WriteConcern("majority", j=True),
                read_preference=ReadPreference.PRIMARY,
            )


def _update(account: str, amount: int) -> UpdateOne:
    enough = {"posted": {"$gte": -amount}} if amount < 0 else {}
    change = {"$inc": {"posted": Int64(amount), "entries": Int64(1)}}
    return UpdateOne({"_id": f"{account}|FUB", **enough}, change)
