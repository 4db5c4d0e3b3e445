"""What a unit's volunteers did, as it is shown on its page: counted by a job, of a named moment."""

from typing import Any

import mongoengine as me

from shared.database import Document


class UnitWork(Document):
    """The published figures of one unit and all below it; its id is the unit's."""

    id = me.StringField(primary_key=True)
    # When somebody first looked since it was stale: nobody's page is not counted.
    asked_at = me.DateTimeField()
    # Who counts it moves this on; it comes back where they fail or die.
    taken_until = me.DateTimeField()
    # Up to when the work was read, by the true clock; None until the first count.
    counted_at = me.DateTimeField()
    # As `unit_figures` says: nothing in it shows fewer than three people.
    figures = me.DictField()

    meta: dict[str, Any] = {
        "collection": "unit_work",
        "indexes": [{"fields": ["asked_at", "counted_at"], "name": "asked"}],
    }
