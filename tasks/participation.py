"""The participation: one volunteer's go at one task, from the claim to the paid verdict."""

from enum import StrEnum

import mongoengine as me

from shared.database import Document, EmbeddedDocument


class ParticipationState(StrEnum):
    """WAITING → CLAIMED → STARTED → FINISHED → VERIFIED, REFUSED or IN_REVIEW (→ either).

    REFUSED → APPEALED → VERIFIED, REFUSED. GIVEN_UP, LAPSED and WITHDRAWN end it before a
    verdict.
    """

    WAITING = "waiting"
    CLAIMED = "claimed"
    STARTED = "started"
    FINISHED = "finished"
    IN_REVIEW = "in_review"
    VERIFIED = "verified"
    REFUSED = "refused"
    APPEALED = "appealed"
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
    # What made the walk look suspicious, as suspicion says it: {signal, weight, measured, reason}.
    signals = me.ListField(me.DictField())
    score = me.IntField(default=0)
    # None where the judgement is the machine's.
    reviewer_id = me.StringField()
    reviewer_words = me.StringField()
    # True where it answers an appeal, and stands.
    answers_appeal = me.BooleanField()
    judged_at = me.DateTimeField(required=True)


class Pause(EmbeddedDocument):
    """Minutes that a reported incident took: they count neither for the walk nor against it."""

    from_at = me.DateTimeField(required=True)
    until_at = me.DateTimeField()
    words = me.StringField(required=True)
    # False until the centre knows of it.
    told = me.BooleanField()
    # How far it moved the window's end: less than it lasts where the person's next hours begin.
    added_s = me.IntField(default=0)
    # How far it moved the lease's end.
    held_s = me.IntField(default=0)


class Meeting(EmbeddedDocument):
    """One moment at which a captain's phone read the card of a member without one. WGS-84."""

    at = me.DateTimeField(required=True)
    lat = me.FloatField(required=True)
    lon = me.FloatField(required=True)


class Appeal(EmbeddedDocument):
    """The walker's objection to a refusal: which verdict, and why it is wrong."""

    against = me.IntField(required=True)
    words = me.StringField(required=True)
    appealed_at = me.DateTimeField(required=True)


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
    kind = me.StringField()
    # The most it pays: nothing where it is a paid member's hour of duty.
    coins = me.LongField(required=True)
    on_duty = me.BooleanField(default=False)
    coins_last_months = me.IntField()
    claimed_at = me.DateTimeField(required=True)
    # The end of the lease: a claim not started by then lapses, and its slot goes on.
    held_until = me.DateTimeField()
    # Until when it may be given up without a mark.
    free_until = me.DateTimeField()
    extensions = me.IntField(default=0)
    # A slot offered from the waiting list, to be confirmed by then.
    offered_until = me.DateTimeField()
    # The order that it answers, and what the person is in the crew.
    order_id = me.StringField()
    crew_role = me.StringField()
    # The participation of the leader whose team this one joined.
    team_of = me.StringField()
    # The participation of the captain who vouches for a member without a smartphone.
    vouched_by = me.StringField()
    meetings = me.EmbeddedDocumentListField(Meeting)
    # Given up late or never started: a mark that other claims look at.
    missed = me.BooleanField(default=False)
    started_at = me.DateTimeField()
    pauses = me.EmbeddedDocumentListField(Pause)
    # Where the phone was last, while the walk runs: {"type": "Point", "coordinates": [lon, lat]}.
    location = me.PointField(auto_index=False)
    located_at = me.DateTimeField()
    finished_at = me.DateTimeField()
    # By the server's true clock, for finding what was left lying.
    finish_received_at = me.DateTimeField()
    points = me.IntField(required=True, default=0)
    verdicts = me.EmbeddedDocumentListField(Verdict)
    appeals = me.EmbeddedDocumentListField(Appeal)
    # False until walker and officers know that a person is to look.
    review_told = me.BooleanField()
    # Attendance written down afterwards by an officer: a second one decides, and it pays nothing.
    back_filled_by = me.StringField()
    reward_entry_id = me.StringField()
    # What it was paid by which verdict, once the caps on a person were looked at, and what these
    # cut, as lines of a breakdown. They stay where the work is withdrawn.
    paid_coins = me.LongField()
    paid_verdict = me.IntField()
    capped = me.ListField(me.DictField())
    # What of it counts as work: seconds and metres, once it is settled.
    worked_s = me.IntField()
    worked_m = me.FloatField()
    # When a verdict on it was settled last, by the true clock: how others learn what changed.
    settled_at = me.DateTimeField()
    # When its positions were erased, by rule or by wish.
    track_erased_at = me.DateTimeField()
    # False once it is settled, true once nothing is left of the track.
    track_gone = me.BooleanField()
    # Everything sent, the rejected too: what bounds a track's storage.
    sent = me.IntField(required=True, default=0)
    # When the sweep looks at it again after it failed.
    look_again_at = me.DateTimeField()
    # Pieces of proof brought so far: what makes each of them come before or after the verdict.
    proofs = me.IntField(default=0)
    # What reminding.py has told: the last reminder (minutes ahead), which end of the lease, since
    # when a silent phone, and that the walk ran over its end.
    reminded_minutes = me.IntField()
    lease_told_until = me.DateTimeField()
    silence_told_from = me.DateTimeField()
    overrun_told = me.BooleanField()
    # False while a tail is still to run: a judgement, a payment, a slot to give back.
    settled = me.BooleanField(required=True, default=False)

    meta = {
        "collection": "participations",
        "indexes": [
            {"fields": ["person_id", "-_id"], "name": "of_person"},
            # What a phone app's fix belongs to: asked for each one that comes.
            {
                "fields": ["person_id", "state"],
                "name": "open_of_person",
                "partialFilterExpression": {"settled": False},
            },
            {"fields": ["task_id", "settled"], "name": "of_task"},
            {
                "fields": ["state", "ends_at"],
                "name": "unsettled",
                "partialFilterExpression": {"settled": False},
            },
            {
                "fields": ["state", "held_until"],
                "name": "lease",
                "partialFilterExpression": {"state": ParticipationState.CLAIMED.value},
            },
            {
                "fields": ["state", "starts_at"],
                "name": "starting",
                "partialFilterExpression": {"settled": False},
            },
            {
                # "(" is a 2dsphere; a tuple would be left out without a word.
                "fields": ["(location", "unit_id"],
                "name": "out_there",
                "partialFilterExpression": {"state": ParticipationState.STARTED.value},
            },
            {"fields": ["unit_id", "-_id"], "name": "of_unit"},
            {
                "fields": ["unit_id", "state"],
                "name": "in_review",
                "partialFilterExpression": {"settled": False},
            },
            {
                "fields": ["finish_received_at"],
                "name": "tracks_there",
                "partialFilterExpression": {"track_gone": False},
            },
            {
                "fields": ["pauses.told"],
                "name": "incident_untold",
                "partialFilterExpression": {"pauses.told": False},
            },
            {
                "fields": ["starts_at", "_id"],
                "name": "verified_work",
                "partialFilterExpression": {"state": ParticipationState.VERIFIED.value},
            },
            {
                "fields": ["settled_at", "person_id"],
                "name": "settled_lately",
                "partialFilterExpression": {"settled_at": {"$type": "date"}},
            },
            {"fields": ["team_of"], "sparse": True, "name": "of_team"},
            {"fields": ["vouched_by"], "sparse": True, "name": "of_captain"},
        ],
    }

    @property
    def verdict(self) -> Verdict | None:
        """The verdict that counts, once there is one."""
        return self.verdicts[-1] if self.verdicts else None
