"""Both sides' way of ordering and handing over: the catalogue's verbs, and bare PyMongo.

Bare does every write of ours in the same transactions, and nothing else: it looks nothing up,
knows the voucher of a code beforehand and asks nobody who they are.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

import click
from bson import Int64
from pymongo import MongoClient, ReadPreference, ReturnDocument, UpdateOne, WriteConcern
from pymongo.client_session import ClientSession
from pymongo.read_concern import ReadConcern

from bench.parts.redeem_town import PRICE, Desk
from catalog import Voucher, order_reward, scan_voucher
from people import Actor
from shared.database import database
from shared.ids import new_id


class Unfaithful(click.ClickException):
    """Raised when a side does not do what was asked: figures of refusals are worth nothing."""


class Side(Protocol):
    """One way of selling and of handing over; each call comes back when it is durable."""

    def order(self, desk: Desk, buyer: Actor) -> str:
        """One of the reward for this buyer at the desk; the voucher's id. Raises Unfaithful."""

    def scan(self, desk: Desk, voucher_id: str, shown: str) -> None:
        """Hand over what was `shown` at the desk. Raises Unfaithful."""


class Ours:
    """The catalogue as the routes use it."""

    def __init__(self, reward_id: str) -> None:
        self.reward_id = reward_id

    def order(self, desk: Desk, buyer: Actor) -> str:
        """One of the reward for this buyer at the desk; the voucher's id."""
        ordered = order_reward(self.reward_id, desk.point.id, key=new_id(), by=buyer)
        voucher_id: str = ordered.id
        return voucher_id

    def scan(self, desk: Desk, voucher_id: str, shown: str) -> None:
        """Hand over what was `shown` at the desk. Raises Unfaithful."""
        scanned: Voucher = scan_voucher(shown, point_id=desk.point.id, key=new_id(), by=desk.clerk)
        if scanned.id != voucher_id:
            raise Unfaithful(f"the scan of {voucher_id} handed over {scanned.id}")


class Bare:
    """PyMongo alone, on the database of `uri`; every document is one of ours with ids of its own.

    `voucher`, `order` and `redemption` are a voucher just ordered and both of its entries, as our
    verbs stored them.
    """

    def __init__(
        self, uri: str, voucher: dict[str, Any], order: dict[str, Any], redemption: dict[str, Any]
    ) -> None:
        self.client: MongoClient[dict[str, Any]] = MongoClient(
            uri, w="majority", journal=True, readConcernLevel="majority", tz_aware=True
        )
        self.db = self.client.get_default_database()
        self.models = {"voucher": voucher, "order": order, "redemption": redemption}

    def order(self, desk: Desk, buyer: Actor) -> str:
        """The entry, its balances, the voucher and the stock at once; the voucher's id."""
        voucher_id, moment = new_id(), datetime.now(UTC)
        moves = [
            (f"voucher:{voucher_id}", PRICE),
            (f"wallet:{buyer.person_id}", -PRICE),
        ]
        entry = self._entry("order", voucher_id, desk, moment, moves)
        own = {"person_id": buyer.person_id, "ordered_by": buyer.person_id, "issued_at": moment}
        own |= {"code_hash": new_id(), "idempotency_key": new_id(), "point_id": desk.point.id}
        voucher = {**self.models["voucher"], "_id": voucher_id, **own}
        reward_id = voucher["reward_id"]
        left = {"available": {"$gte": 1}, "withdrawn": {"$ne": True}, "paused": {"$ne": True}}

        def decide(session: ClientSession) -> None:
            self._post(entry, moves, session)
            self.db["vouchers"].insert_one(voucher, session=session)
            taken = self.db["stocks"].update_one(
                {"reward_id": reward_id, "point_id": desk.point.id, **left},
                {"$inc": {"available": -1, "version": 1}},
                session=session,
            )
            if taken.modified_count != 1:
                raise Unfaithful("bare found no stock")

        self._at_once(decide)
        return voucher_id

    def scan(self, desk: Desk, voucher_id: str, shown: str) -> None:
        """The desk's count and the voucher, entry and balances at once, the mark. Unfaithful."""
        moment = datetime.now(UTC)
        minute = int(moment.timestamp()) // 60
        # As ours: the count need not outlive a crash of the server.
        desks = self.db["scan_desks"].with_options(write_concern=WriteConcern(w=1, j=False))
        desks.find_one_and_update(
            {"_id": desk.point.id},
            [{"$set": {"windows": {"60": self._one_more("$windows.60", minute)}}}],
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        redeemed = self.db["vouchers"].find_one_and_update(
            {
                "_id": voucher_id,
                "state": "issued",
                "point_id": desk.point.id,
                "expires_at": {"$gt": moment},
            },
            {
                "$set": {
                    "state": "redeemed",
                    "redeemed_at": moment,
                    "redeemed_by": desk.clerk.person_id,
                    "redeemed_point_id": desk.point.id,
                    "point_key_id": None,
                    "scan_key": new_id(),
                },
                "$addToSet": {"untold": "fetched"},
            },
            return_document=ReturnDocument.AFTER,
        )
        if redeemed is None:
            raise Unfaithful(f"bare found no voucher {voucher_id}")
        moves = [(f"merchant:{desk.point.id}", PRICE), (f"voucher:{voucher_id}", -PRICE)]
        entry = self._entry("redemption", voucher_id, desk, moment, moves)
        self._at_once(lambda session: self._post(entry, moves, session))
        settled = {"$set": {"settled_entry_id": entry["_id"]}}
        self.db["vouchers"].update_one({"_id": voucher_id}, settled)

    @staticmethod
    def _one_more(window: str, number: int) -> dict[str, Any]:
        goes_on = {"$eq": [f"{window}.number", number]}
        tries = {"$cond": [goes_on, {"$add": [f"{window}.tries", 1]}, 1]}
        return {"number": number, "tries": tries}

    def _entry(
        self, kind: str, voucher_id: str, desk: Desk, moment: datetime, moves: list[tuple[str, int]]
    ) -> dict[str, Any]:
        """The model's entry, about this voucher."""
        paying_first = sorted(moves, key=lambda move: move[1])
        return {
            **self.models[kind],
            "_id": new_id(),
            "key": f"{kind}:{voucher_id}",
            "legs": [
                {"account": account, "currency": "FUB", "amount": Int64(amount)}
                for account, amount in paying_first
            ],
            "about": {"kind": "voucher", "id": voucher_id},
            "effective_at": moment,
            "posted_at": moment,
            "unit": desk.point.id,
        }

    def _post(
        self, entry: dict[str, Any], moves: list[tuple[str, int]], session: ClientSession
    ) -> None:
        self.db["entries"].insert_one(entry, session=session)
        updates = [
            UpdateOne(
                {"_id": f"{account}|FUB"},
                {"$inc": {"posted": Int64(amount), "entries": Int64(1)}},
                upsert=True,
            )
            for account, amount in moves
        ]
        self.db["balances"].bulk_write(updates, ordered=True, session=session)

    def _at_once(self, decide: Callable[[ClientSession], None]) -> None:
        with self.client.start_session() as session:
            session.with_transaction(
                decide,
                read_concern=ReadConcern("snapshot"),
                write_concern=WriteConcern("majority", j=True),
                read_preference=ReadPreference.PRIMARY,
            )


def bare_side(uri: str, ours: Ours, desk: Desk, shown_for: Callable[[str, Actor], str]) -> Bare:
    """Bare on the database of `uri`, after one order and one scan of ours to learn from.

    `shown_for` gives what is shown at the desk for a voucher of its owner's.
    """
    buyer, db = desk.buyers[0], database()
    ordered, scanned = (ours.order(desk, buyer) for _ in range(2))
    ours.scan(desk, scanned, shown_for(scanned, buyer))
    voucher = db["vouchers"].find_one({"_id": ordered})
    order = db["entries"].find_one({"key": f"order:{ordered}"})
    redemption = db["entries"].find_one({"key": f"redemption:{scanned}"})
    if not (voucher and order and redemption):
        raise Unfaithful("the verbs left no voucher or no entry to learn from")
    return Bare(uri, voucher, order, redemption)
