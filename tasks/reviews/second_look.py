"""The second look: a decided walk of the sample, judged again by somebody who sees no verdict."""

from enum import StrEnum

import mongoengine as me

from shared.database import Document


class SecondLookState(StrEnum):
    """WAITING → AGREED or DIFFERED."""

    WAITING = "waiting"
    AGREED = "agreed"
    DIFFERED = "differed"


class SecondLook(Document):
    """One decided participation of the sample; its id is the participation's."""

    id = me.StringField(primary_key=True)
    unit_id = me.StringField(required=True)
    person_id = me.StringField(required=True)
    # The verdict that is looked at again, and who gave it (none: the machine).
    number = me.IntField(required=True)
    outcome = me.StringField(required=True)
    reviewer_id = me.StringField()
    state = me.StringField(required=True, choices=[state.value for state in SecondLookState])
    looked_by = me.StringField()
    looked_outcome = me.StringField()
    words = me.StringField()
    looked_at = me.DateTimeField()

    meta = {
        "collection": "second_looks",
        "indexes": [{"fields": ["unit_id", "state", "_id"], "name": "of_unit"}],
    }
