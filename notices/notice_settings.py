"""How one person wants to be told: quiet hours, and what not to be told of."""

from typing import Any

import mongoengine as me

from notices.quiet_hours import DAY_MINUTES, QUIET_FROM_MINUTE, QUIET_UNTIL_MINUTE
from shared.database import Document


class NoticeSettings(Document):
    """One person's wishes; its id is the person's, and who never said has none."""

    id = me.StringField(primary_key=True)
    quiet_from_minute = me.IntField(default=QUIET_FROM_MINUTE, min_value=0, max_value=DAY_MINUTES)
    quiet_until_minute = me.IntField(default=QUIET_UNTIL_MINUTE, min_value=0, max_value=DAY_MINUTES)
    # Names of notices; urgent ones come all the same.
    muted = me.ListField(me.StringField())

    meta: dict[str, Any] = {"collection": "notice_settings"}
