"""Taking turns: what is decided of two cards of one city at once is decided one after the other."""

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from rates.card_turn import CardTurn
from shared.database import collection


def begin_turns(root_id: str) -> None:
    """Have the document there: two transactions that made it would collide."""
    turns = collection(CardTurn)
    if turns.find_one({"_id": root_id}, {"_id": 1}) is None:
        try:
            turns.update_one({"_id": root_id}, {"$setOnInsert": {"turns": 0}}, upsert=True)
        except DuplicateKeyError:
            return  # somebody else began it just now


def take_turn(root_id: str, session: ClientSession) -> None:
    """Make whoever decides beside this transaction wait for it, or start anew."""
    collection(CardTurn).update_one({"_id": root_id}, {"$inc": {"turns": 1}}, session=session)
