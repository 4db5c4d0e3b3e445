"""The task: what a centre asks volunteers to do, where, when, for how many coins."""

from datetime import datetime, timedelta
from enum import StrEnum

import mongoengine as me

from shared.database import Document, EmbeddedDocument

MAX_SLOTS = 2_000
MAX_WAITING = 200
# A volunteer may start a quarter of an hour early: the walk to the post is part of it. As long
# after the window a walk that ran late still counts.
EARLY_START = timedelta(minutes=15)


class TaskState(StrEnum):
    """DRAFT → PUBLISHED → CLOSED; DRAFT, PUBLISHED → CANCELLED."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class ClaimFrom(StrEnum):
    """Where a claimer must be when claiming."""

    ANYWHERE = "anywhere"
    WITHIN = "within"
    INSIDE_UNIT = "inside_unit"


class Claim(EmbeddedDocument):
    """One taken slot: who, under which participation, since when."""

    participation_id = me.StringField(required=True)
    person_id = me.StringField(required=True)
    claimed_at = me.DateTimeField(required=True)
    # Offered from the waiting list, and not yet confirmed.
    offered_until = me.DateTimeField()
    # How it came about, so that a participation cut off from it is made up alike: by an order,
    # by a leader's code, or by a captain's word for a member without a smartphone.
    order_id = me.StringField()
    crew_role = me.StringField()
    team_of = me.StringField()
    vouched_by = me.StringField()


class WaitingPlace(EmbeddedDocument):
    """One place on the waiting list, first come first served."""

    participation_id = me.StringField(required=True)
    person_id = me.StringField(required=True)
    since = me.DateTimeField(required=True)


class CrewNeed(EmbeddedDocument):
    """So many, at least, of a crew must be this: a role held, or what they serve as."""

    crew_role = me.StringField(required=True)
    at_least = me.IntField(required=True, min_value=1)


class Task(Document):
    """One call for volunteers; its claims are embedded, so one guarded push decides a slot."""

    id = me.StringField(primary_key=True)
    unit_id = me.StringField(required=True)
    # The unit's place in words, as the card shows it: "鼓楼区鼓西街道".
    place = me.StringField(required=True)
    place_en = me.StringField()
    # The id of a task kind, and that kind's rules as they were when the draft was written.
    kind = me.StringField(required=True)
    kind_rules = me.DictField()
    # Of those rules the one that every list looks at.
    has_private_place = me.BooleanField(default=False)
    title = me.StringField(required=True)
    brief = me.StringField()
    address = me.StringField(required=True)
    area = me.DictField(required=True)
    location = me.PointField(required=True, auto_index=False)
    starts_at = me.DateTimeField(required=True)
    ends_at = me.DateTimeField(required=True)
    slots = me.IntField(required=True, min_value=1, max_value=MAX_SLOTS)
    slots_left = me.IntField(required=True, min_value=0, max_value=MAX_SLOTS)
    # Empty lists mean anybody.
    roles_wanted = me.ListField(me.StringField())
    serves_as_wanted = me.ListField(me.StringField())
    trades_wanted = me.ListField(me.StringField())
    groups_wanted = me.ListField(me.StringField())
    certificates_wanted = me.ListField(me.StringField())
    least_level = me.IntField(default=0)
    # Claimed only by those whom an order of the centre asks.
    by_order = me.BooleanField(default=False)
    # The first claims as leader; others join by the leader's code, inside the area.
    is_team = me.BooleanField(default=False)
    crew = me.EmbeddedDocumentListField(CrewNeed)
    # How long a claim holds its slot after the window opens, and until when it may be given up
    # without a mark, in minutes before that.
    hold_minutes = me.IntField(default=30)
    free_until_minutes = me.IntField(default=120)
    has_waiting_list = me.BooleanField(default=True)
    claim_from = me.StringField(required=True, choices=[rule.value for rule in ClaimFrom])
    claim_within_m = me.IntField()
    checks = me.ListField(me.DictField(), required=True)
    # The fund whose budget pays for it.
    fund = me.StringField(required=True, default="general")
    state = me.StringField(required=True, choices=[state.value for state in TaskState])
    version = me.IntField(required=True, default=1)
    created_by = me.StringField(required=True)
    # The author's own name for the draft, and what was drafted then: a repeat makes no second.
    draft_key = me.StringField(required=True)
    draft_hash = me.StringField(required=True)
    created_at = me.DateTimeField(required=True)
    # Frozen at publication.
    coins = me.LongField()
    breakdown = me.ListField(me.DictField())
    coins_last_months = me.IntField()
    # The rate cards that it was priced by, the nearest first, and what they say of who is paid:
    # the most one person gets in a day or the like, and whose hours of duty earn nothing.
    rate_card_ids = me.ListField(me.StringField())
    caps = me.ListField(me.DictField())
    duty = me.DictField()
    # How far it asks to be walked: what it was priced by.
    distance_m = me.FloatField()
    # The first account that its coins were drawn from, and that the unspent ones go back to.
    budget_account = me.StringField()
    published_by = me.StringField()
    published_at = me.DateTimeField()
    claims = me.EmbeddedDocumentListField(Claim)
    waiting = me.EmbeddedDocumentListField(WaitingPlace)
    # The schedule that published it, and for which day.
    schedule_id = me.StringField()
    # When its unit was told that the crew is not complete: it is told once.
    crew_warned_at = me.DateTimeField()
    closed_at = me.DateTimeField()
    # What went back to the budget at closing: the slots nobody held then.
    unheld_slots = me.IntField()
    # When the sweep looks at it again, where it could not finish with it.
    look_again_at = me.DateTimeField()
    # True once no coin of it is in escrow any more.
    settled = me.BooleanField(required=True, default=False)

    VALIDATOR = {
        "$jsonSchema": {
            "properties": {
                "slots": {"bsonType": ["int", "long"], "minimum": 1, "maximum": MAX_SLOTS},
                "slots_left": {"bsonType": ["int", "long"], "minimum": 0, "maximum": MAX_SLOTS},
                "claims": {"bsonType": "array", "maxItems": MAX_SLOTS},
                "waiting": {"bsonType": "array", "maxItems": MAX_WAITING},
            }
        }
    }
    meta = {
        "collection": "tasks",
        "indexes": [
            {
                # "(" is a 2dsphere; a tuple would be left out without a word.
                "fields": ["state", "(location", "ends_at", "starts_at"],
                "name": "open_around",
            },
            {"fields": ["unit_id", "-_id"], "name": "of_unit"},
            {"fields": ["created_by", "draft_key"], "unique": True, "name": "draft"},
            {"fields": ["settled", "state", "ends_at"], "name": "unsettled"},
            {"fields": ["schedule_id", "starts_at"], "sparse": True, "name": "of_schedule"},
        ],
    }

    def is_open_at(self, moment: datetime) -> bool:
        """Whether it can be claimed at `moment`, free slots aside."""
        return self.state == TaskState.PUBLISHED and moment < self.ends_at

    def startable_from(self) -> datetime:
        """The first moment at which a claimer may start."""
        return self.starts_at - EARLY_START

    def claim_of(self, person_id: str) -> Claim | None:
        """The slot this person holds, if any."""
        return next((claim for claim in self.claims if claim.person_id == person_id), None)


# What a list of tasks shows of each.
CARD_FIELDS = (
    "unit_id",
    "place",
    "place_en",
    "kind",
    "title",
    "address",
    "location",
    "starts_at",
    "ends_at",
    "slots",
    "slots_left",
    "coins",
)
