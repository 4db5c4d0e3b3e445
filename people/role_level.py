"""From which level on a volunteer may be given a role; a role without one asks for none."""

from typing import Any

import mongoengine as me

from people.roles import Role
from shared.database import Document


class RoleLevel(Document):
    """The least level of whoever is given a role; its id is the role's."""

    id = me.StringField(primary_key=True, choices=[role.value for role in Role])
    least_level = me.IntField(required=True, min_value=1)

    meta: dict[str, Any] = {"collection": "role_levels", "indexes": []}
