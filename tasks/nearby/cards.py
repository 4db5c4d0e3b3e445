"""What is read of a task to show it in a list: which fields, whether it is open, its card."""

from typing import Any

import orjson
import structlog

from tasks.kinds.private_places import card_shown
from tasks.nearby.question import OpenTask, milliseconds
from tasks.task import CARD_FIELDS, TaskState

# Beside the card: whether its place is private, and what decides whether it is open.
_FIELDS = (*CARD_FIELDS, "has_private_place", "state", "by_order", "is_team")
_SHOWN = tuple(name for name in CARD_FIELDS if name != "location")

log = structlog.get_logger()


def card_fields(below: str = "") -> dict[str, Any]:
    """The projection for `open_task`, of a task or of one `below` a name and a dot."""
    # An array is more than an empty one if it has anything in it; what is none, is less.
    is_led = {"$gt": [f"${below}claims", []]}
    return {**{f"{below}{name}": 1 for name in ("_id", *_FIELDS)}, f"{below}is_led": is_led}


def open_task(document: dict[str, Any]) -> OpenTask | None:
    """The task as lists show it; None where nobody, or not everybody, can claim it.

    What only an order opens is not for everybody, nor a team that has its leader.
    """
    try:
        return _read(document)
    except (KeyError, TypeError, ValueError) as error:
        # Not written by us; one of them may not keep all others from being shown.
        log.warning("task_unreadable", task_id=document.get("_id"), error=repr(error))
        return None


def _read(document: dict[str, Any]) -> OpenTask | None:
    is_led_team = document.get("is_team") and document["is_led"]
    is_published = document.get("state") == TaskState.PUBLISHED and document["slots_left"] > 0
    if not is_published or document.get("by_order") or is_led_team:
        return None
    lon, lat = document["location"]["coordinates"]
    shown = card_shown(document)
    card = {"id": document["_id"], **{name: shown[name] for name in _SHOWN if name in shown}}
    # Copied: as orjson hands it over, it keeps a buffer several times its length.
    text = b"%b" % orjson.dumps(card)
    window = milliseconds(document["starts_at"]), milliseconds(document["ends_at"])
    return OpenTask(document["_id"], lat, lon, *window, str(document["kind"]), text)
