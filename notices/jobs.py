"""The background work of this room, by the names that the queue and the timetable use."""

from notices import delivering, handing_on


def deliver(notice_ids: list[str]) -> None:
    """Hand notices on to the webhooks that want them, and try those that are not resting."""
    for notice_id in notice_ids:
        handing_on.hand_on(notice_id)
        delivering.deliver_notice(notice_id)


def deliver_one(delivery_id: str) -> None:
    """Try one delivery now."""
    delivering.deliver_now(delivery_id)


def sweep() -> dict[str, int]:
    """Hand on what was forgotten, give up what is too late, try what is due; how much of each."""
    passes = (
        delivering.hand_on_forgotten,
        delivering.give_up_overdue,
        delivering.deliver_due,
    )
    return {step.__name__: step() for step in passes}
