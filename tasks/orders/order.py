"""The order: one place of a task's crew, and who is asked to fill it, one after the other."""

from enum import StrEnum

import mongoengine as me

from shared.database import Document, EmbeddedDocument

MAX_CANDIDATES = 20


class OrderState(StrEnum):
    """ASKED → ACCEPTED, or, once nobody is left, DECLINED or UNANSWERED; ASKED → WITHDRAWN.

    ACCEPTED → ASKED, DECLINED where the claim that should follow was refused, or ended before it
    was started.
    """

    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    UNANSWERED = "unanswered"
    WITHDRAWN = "withdrawn"


class Ask(EmbeddedDocument):
    """One person asked: when, until when, and what came of it (None: still open)."""

    person_id = me.StringField(required=True)
    asked_at = me.DateTimeField(required=True)
    answer_by = me.DateTimeField(required=True)
    outcome = me.StringField(choices=[state.value for state in OrderState])
    answered_at = me.DateTimeField()
    # The person's own words, the name of the refusal that stood in the way of the claim, or how
    # the claim ended: given_up, lapsed, withdrawn.
    reason = me.StringField()
    hindrance = me.StringField()


class Order(Document):
    """One place to be filled. `asks` is its history; the last of them is the open one."""

    id = me.StringField(primary_key=True)
    task_id = me.StringField(required=True)
    unit_id = me.StringField(required=True)
    # None where anybody named will do.
    crew_role = me.StringField()
    candidates = me.ListField(me.StringField(), required=True, max_length=MAX_CANDIDATES)
    answer_within_minutes = me.IntField(required=True)
    state = me.StringField(required=True, choices=[state.value for state in OrderState])
    # Who is asked now, or was last; and until when.
    asked_id = me.StringField(required=True)
    answer_by = me.DateTimeField(required=True)
    asks = me.EmbeddedDocumentListField(Ask, required=True)
    # Everybody asked, unless the order was withdrawn: nobody is asked twice for one task.
    asked_ids = me.ListField(me.StringField())
    ordered_by = me.StringField(required=True)
    ordered_at = me.DateTimeField(required=True)
    # The officer's own key, the place's number in that request, and what was sent then.
    key = me.StringField(required=True)
    place = me.IntField(required=True)
    content_hash = me.StringField(required=True)
    participation_id = me.StringField()
    # By the true clock: since when a tail (a notice, a claim) is still to run; None: it ran.
    tail_since = me.DateTimeField()
    # Accepted: when the sweep looks whether that claim still stands; None once it was started.
    look_again_at = me.DateTimeField()

    meta = {
        "collection": "task_orders",
        "indexes": [
            {"fields": ["ordered_by", "key", "place"], "unique": True, "name": "of_officer"},
            {
                "fields": ["task_id", "asked_ids"],
                "unique": True,
                "partialFilterExpression": {"asked_ids": {"$exists": True}},
                "name": "asked_once",
            },
            {"fields": ["task_id", "-_id"], "name": "of_task"},
            {"fields": ["asked_id", "state", "-_id"], "name": "of_person"},
            {"fields": ["state", "answer_by"], "name": "overdue"},
            {"fields": ["tail_since"], "sparse": True, "name": "unfinished"},
            {"fields": ["look_again_at"], "sparse": True, "name": "watched"},
        ],
    }

    @property
    def turn(self) -> int:
        """The place of the last ask in the history, from 0."""
        return len(self.asks) - 1
