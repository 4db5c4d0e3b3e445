"""The participation: one volunteer's go at one task, from the claim to the paid verdict."""

from enum import StrEnum

import mongoengine as me

from shared.database import Document, EmbeddedDocument


class ParticipationState(StrEnum):
    """CLAIMED → STARTED → FINISHED → VERIFIED, REFUSED or IN_REVIEW (→ VERIFIED, REFUSED).

    GIVEN_UP, LAPSED and WITHDRAWN end it before a verdict.
    """

    CLAIMED = "claimed"
    STARTED = "started"
    FINISHED = "finished"
    IN_REVIEW = "in_review"
    VERIFIED = "verified"
    REFUSED = "refused"
    GIVEN_UP = "given_up"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


# Ended without a walk to judge: the slot and the hour go back.
ENDED_UNWALKED = (
    ParticipationState.GIVEN_UP,
    ParticipationState.LAPSED,
    ParticipationState.WITHDRAWN,
)


class Verdict(EmbeddedDocument):
    """The outcome of all checks, immutable and numbered from 1; the last one counts."""

    number = me.IntField(required=True)
    outcome = me.StringField(required=True)
    # Both languages, as the checks' own reasons: the words are part of the verdict.
    reason = me.DictField()
    checks = me.ListField(me.DictField())
    distance_m = me.FloatField()
    duration_s = me.FloatField()
    points_kept = me.IntField()
    points_dropped = me.DictField()
    # None where the judgement is the machine's.
    reviewer_id = me.StringField()
    reviewer_words = me.StringField()
    judged_at = me.DateTimeField(required=True)


class Participation(Document):
    """One volunteer's go at one task."""

    id = me.StringField(primary_key=True)
    task_id = me.StringField(required=True)
    unit_id = me.StringField(required=True)
    person_id = me.StringField(required=True)
    state = me.StringField(required=True, choices=[state.value for state in ParticipationState])
    # The task's, frozen: so that its end and its pay need no look at the task.
    starts_at = me.DateTimeField(required=True)
    ends_at = me.DateTimeField(required=True)
    coins = me.LongField(required=True)
    coins_last_months = me.IntField()
    claimed_at = me.DateTimeField(required=True)
    started_at = me.DateTimeField()
    finished_at = me.DateTimeField()
    # By the server's true clock, for finding what was left lying.
    finish_received_at = me.DateTimeField()
    points = me.IntField(required=True, default=0)
    verdicts = me.EmbeddedDocumentListField(Verdict)
    reward_entry_id = me.StringField()
    # Everything sent, the rejected too: what bounds a track's storage.
    sent = me.IntField(required=True, default=0)
    # When the sweep looks at it again after it failed.
    look_again_at = me.DateTimeField()
    # False while a tail is still to run: a judgement, a payment, a slot to give back.
    settled = me.BooleanField(required=True, default=False)

    meta = {
        "collection": "participations",
        "indexes": [
            {"fields": ["person_id", "-_id"], "name": "of_person"},
            {"fields": ["task_id", "settled"], "name": "of_task"},
            {
                "fields": ["state", "ends_at"],
                "name": "unsettled",
                "partialFilterExpression": {"settled": False},
            },
        ],
    }

    @property
    def verdict(self) -> Verdict | None:
        """The verdict that counts, once there is one."""
        return self.verdicts[-1] if self.verdicts else None
