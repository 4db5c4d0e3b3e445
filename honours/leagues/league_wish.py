"""Whether a person wants to be left out of leagues: neither counted nor told of them."""

from typing import Any

import mongoengine as me

from shared.database import Document


class LeagueWish(Document):
    """One person's wish; its id is the person's, and who never said has none."""

    id = me.StringField(primary_key=True)
    is_left_out = me.BooleanField(required=True)
    changed_at = me.DateTimeField(required=True)

    meta: dict[str, Any] = {"collection": "league_wishes", "indexes": [["changed_at"]]}
