"""The background work of this room, by the names that the queue and the timetable use."""

from tasks import catching_up, verification
from tasks.devices import packing
from tasks.schedules import publishing_ahead


def verify_participation(participation_id: str) -> None:
    """Judge and pay one finished walk."""
    verification.verify_participation(participation_id)


def pack_inbox(person_id: str) -> None:
    """Pack what a person's phone sent into their track."""
    packing.pack_inbox_of(person_id)


def publish_ahead() -> int:
    """Publish what the schedules plan for the coming days; how many were looked at."""
    return publishing_ahead.publish_due()


def sweep() -> dict[str, int]:
    """Finish whatever was decided and not finished; how much each pass did."""
    return catching_up.sweep()
