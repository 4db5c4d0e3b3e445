"""The background work of this room, by the names that the queue and the timetable use."""

from tasks import catching_up, verification


def verify_participation(participation_id: str) -> None:
    """Judge and pay one finished walk."""
    verification.verify_participation(participation_id)


def sweep() -> dict[str, int]:
    """Finish whatever was decided and not finished; how much each pass did."""
    return catching_up.sweep()
