"""A fund: renminbi that rewards in kind and settled coins are paid from, by a name of its own."""

from typing import Any

from mongoengine import DateTimeField, StringField

from shared.database import Document


class Fund(Document):
    """One fund, its name the id; `unit_id` is whose money it is. Never changed."""

    id = StringField(primary_key=True)
    unit_id = StringField(required=True)
    title = StringField(required=True, min_length=1, max_length=80)
    opened_by = StringField(required=True)
    opened_at = DateTimeField(required=True)

    meta: dict[str, Any] = {"collection": "funds", "indexes": ["unit_id"]}

    @property
    def name(self) -> str:
        """The name that its accounts carry."""
        return str(self.id)
