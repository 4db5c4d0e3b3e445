"""A redemption point's counter as scans see it: its pace, whether it needs a key, who is paused."""

from mongoengine import BooleanField, DictField, StringField

from shared.database import Document


class ScanDesk(Document):
    """One point's (by its id) scans of late; made by its first scan or its first key.

    `windows` counts what was tried in the running window of each limit, by its seconds; `paused`
    says until when a clerk, by id, is refused for guessing.
    """

    id = StringField(primary_key=True)
    needs_key = BooleanField(default=False)
    windows = DictField()
    paused = DictField()

    meta = {"collection": "scan_desks"}
