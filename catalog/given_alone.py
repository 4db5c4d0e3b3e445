"""The row on which awards to one person meet that officers give alone."""

from typing import Any

from mongoengine import LongField, StringField

from shared.database import Document


class GivenAlone(Document):
    """A person to whom officers gave awards alone; each such award writes it.

    So of two at once the second one sees what the first one gave.
    """

    # The person's.
    id = StringField(primary_key=True)
    times = LongField(required=True, min_value=1)

    meta: dict[str, Any] = {"collection": "awards_given_alone", "indexes": []}
