"""The kind of a task as data: one document a version, never changed, the newest one counts."""

from typing import Any

import mongoengine as me

from shared.database import Document
from tasks.task import CrewNeed

# How a task of the kind is done: which signals and which speed fit.
MOVES = ("walks", "rides", "stays", "none")
# When a person looks at work that passed every check.
REVIEWS = ("never", "suspicion", "always")


class TaskKind(Document):
    """One version of a kind. Names and guides are `{"en", "zh"}`; lists of wants mean anybody."""

    # "patrol:2": whoever inserts a version's key first made it.
    key = me.StringField(primary_key=True)
    # The slug that tasks and rate cards name it by.
    kind_id = me.StringField(required=True)
    version = me.IntField(required=True, min_value=1)
    # A retired kind stands under the tasks that have it, and takes no new ones.
    active = me.BooleanField(required=True, default=True)
    name = me.DictField(required=True)
    moves = me.StringField(required=True, choices=MOVES)
    needs_track = me.BooleanField(required=True)
    # Done at somebody's home: its place is for who holds a slot, and for the unit's officers.
    private_place = me.BooleanField(default=False)
    # Names of checks that a task must carry, and the checks of a draft that leaves them out.
    required_checks = me.ListField(me.StringField())
    default_checks = me.ListField(me.DictField())
    # Who may claim, where the draft does not say.
    roles_wanted = me.ListField(me.StringField())
    serves_as_wanted = me.ListField(me.StringField())
    trades_wanted = me.ListField(me.StringField())
    groups_wanted = me.ListField(me.StringField())
    certificates_wanted = me.ListField(me.StringField())
    least_level = me.IntField(default=0)
    is_team = me.BooleanField(default=False)
    # The make-up of a crew: what a task's own `crew` is where the draft leaves it out.
    roles_needed = me.EmbeddedDocumentListField(CrewNeed)
    review = me.StringField(required=True, choices=REVIEWS, default="suspicion")
    review_guide = me.DictField()
    # Given when a participation is verified: {"name", "lasts_months"}; none where empty.
    certificate = me.DictField()
    # None under the standard kinds, which nobody put.
    put_by = me.StringField()
    put_at = me.DateTimeField()

    meta = {
        "collection": "task_kinds",
        "indexes": [{"fields": ["kind_id", "-version"], "unique": True, "name": "of_kind"}],
    }

    def frozen(self) -> dict[str, Any]:
        """The rules as a task keeps them from its drafting on, in plain values."""
        return {
            "version": self.version,
            "name": dict(self.name),
            "moves": self.moves,
            "needs_track": self.needs_track,
            "private_place": self.private_place,
            "review": self.review,
            "review_guide": dict(self.review_guide),
            "certificate": dict(self.certificate) if self.certificate else None,
            "roles_needed": self.crew_plain(),
        }

    def crew_plain(self) -> list[dict[str, Any]]:
        """The make-up as plain dicts, as a draft writes it."""
        return [
            {"crew_role": need.crew_role, "at_least": need.at_least} for need in self.roles_needed
        ]
