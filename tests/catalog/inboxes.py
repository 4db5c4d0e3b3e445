"""What lies in people's inboxes, whatever the hour at which a test runs."""

from datetime import timedelta

from notices import inbox_of
from notices.notice import Notice
from people import Actor
from shared.clock import now, pretending


def notices_to(person: Actor) -> list[Notice]:
    """The person's notices, newest first; those held back by quiet hours, too."""
    with pretending(now() + timedelta(days=60)):
        return inbox_of(person.person_id).items


def names_in_inbox(person: Actor) -> list[str]:
    """The names of the person's notices, newest first."""
    return [one.name for one in notices_to(person)]
