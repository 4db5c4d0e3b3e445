"""A simulation: what past work would have cost under a rate card, asked for and worked out once."""

from enum import StrEnum
from typing import Any

import mongoengine as me

from shared.database import Document


class SimulationState(StrEnum):
    """QUEUED → RUNNING → DONE or FAILED; RUNNING begins anew where its worker died."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Simulation(Document):
    """One replay of the verified work that began in [since, until) below the card's unit.

    `card` is the card as it stood when it was asked for, `priced_at` the moment for which the
    other cards beside it are those in force. `result` speaks of people by their ids alone.
    """

    id = me.StringField(primary_key=True)
    card_id = me.StringField(required=True)
    card_version = me.IntField(required=True)
    card = me.DictField(required=True)
    unit_id = me.StringField(required=True)
    since = me.DateTimeField(required=True)
    until = me.DateTimeField(required=True)
    priced_at = me.DateTimeField(required=True)
    state = me.EnumField(SimulationState, required=True)
    # Participations replayed so far, and how many there are.
    done = me.IntField(required=True, default=0)
    total = me.IntField(required=True, default=0)
    result = me.DictField(default=None)
    # {"code", "en", "zh"}: why it failed.
    failure = me.DictField(default=None)
    asked_by = me.StringField(required=True)
    asked_at = me.DateTimeField(required=True)
    key = me.StringField(required=True)
    # Whoever runs it, until when nobody else may (by the true clock), how often one has begun.
    runner = me.StringField()
    lease_until = me.DateTimeField()
    tries = me.IntField(required=True, default=0)
    ended_at = me.DateTimeField()

    meta: dict[str, Any] = {
        "collection": "rate_simulations",
        "indexes": [
            {"fields": ["asked_by", "key"], "unique": True, "name": "asked"},
            {"fields": ["card_id", "-_id"], "name": "of_card"},
            {
                "fields": ["asked_at"],
                "name": "unfinished",
                "partialFilterExpression": {
                    "state": {"$in": [SimulationState.QUEUED.value, SimulationState.RUNNING.value]}
                },
            },
        ],
    }
