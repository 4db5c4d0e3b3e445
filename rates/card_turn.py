"""Whose turn it is: approvals and withdrawals of rate cards in one city come one after another."""

from typing import Any

from mongoengine import LongField, StringField

from shared.database import Document


class CardTurn(Document):
    """How many cards were approved or withdrawn in a city; its id is the topmost unit's.

    Each of them writes it, so that of two beside each other one starts anew and sees the other:
    what a card above and a card below say together is in neither of them.
    """

    id = StringField(primary_key=True)
    turns = LongField(required=True)

    meta: dict[str, Any] = {"collection": "card_turns"}
