"""The withdrawal: the decision that somebody's work since a day was cheated, and counts no more."""

import mongoengine as me

from shared.database import Document


class Withdrawal(Document):
    """One such decision; the walks it reaches are worked through until `done`."""

    id = me.StringField(primary_key=True)
    person_id = me.StringField(required=True)
    since = me.DateTimeField(required=True)
    words = me.StringField(required=True)
    by_id = me.StringField(required=True)
    key = me.StringField(required=True)
    decided_at = me.DateTimeField(required=True)
    walk_ids = me.ListField(me.StringField())
    reversed_entry_ids = me.ListField(me.StringField())
    # Rewards above what one officer may reverse alone: a second one approves them in the ledger.
    waiting_entry_ids = me.ListField(me.StringField())
    done = me.BooleanField(required=True, default=False)

    meta = {
        "collection": "withdrawals",
        "indexes": [
            {"fields": ["by_id", "key"], "unique": True, "name": "decision"},
            {"fields": ["person_id", "-_id"], "name": "of_person"},
            {
                "fields": ["decided_at"],
                "name": "undone",
                "partialFilterExpression": {"done": False},
            },
        ],
    }
