"""Sessions looked up lately, for questions whose answer may be a second old.

Whoever follows the changes of people in this process tells of each one here. What was remembered
may be used only while that following is fresh.
"""

import threading
import time
from typing import NamedTuple

from people.actor import Actor
from people.tokens import actor_of

# However well it is followed: for no longer, and of no more people.
REMEMBERED_S = 60
MOST = 20_000


class _Remembered(NamedTuple):
    actor: Actor
    read_s: float


_lock = threading.Lock()
_remembered: dict[str, dict[str, _Remembered]] = {}
_changes = [0]


def actor_lately(person_id: str, session_id: str) -> Actor:
    """As `actor_of`, or as it was answered within the last minute if nothing changed since.

    Raises NotSignedIn where the session has ended or never was.
    """
    known = _remembered.get(person_id, {}).get(session_id)
    if known and time.monotonic() - known.read_s < REMEMBERED_S:
        return known.actor
    changes, read_s = _changes[0], time.monotonic()
    actor = actor_of(person_id, session_id)
    with _lock:
        # What changed since it was read might be this person.
        if changes == _changes[0]:
            if len(_remembered) >= MOST:
                _remembered.clear()
            _remembered.setdefault(person_id, {})[session_id] = _Remembered(actor, read_s)
    return actor


def forget_person(person_id: str) -> None:
    """Something of this person changed."""
    with _lock:
        _changes[0] += 1
        _remembered.pop(person_id, None)


def forget_everybody() -> None:
    """Anybody may have changed."""
    with _lock:
        _changes[0] += 1
        _remembered.clear()
