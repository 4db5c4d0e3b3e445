"""From the inbox into the track: a person's waiting fixes become chunks, and are then let go.

Never lost, whatever is killed: only who holds the receipt of a chunk with a fix lets it go.
"""

import hashlib
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

import structlog

from people import Actor
from shared.clock import pretending, real_now
from shared.database import collection
from shared.errors import DomainError
from shared.ids import new_id
from shared.sweeping import sweep_each
from tasks.devices.quarantining import quarantine
from tasks.devices.readings import Unusable
from tasks.devices.waiting_fix import WaitingFix
from tasks.taking_part import ParticipationNotFound, WrongParticipationState
from tasks.tracks.track_packing import UnpackablePoints
from tasks.tracks.tracking import TrackTooLong, UploadKeyReused, store_positions

# A round stamps what it takes up: after a kill the same fixes make the same chunk again, under the
# same upload key. Two rounds that race may store a fix twice; a judge drops points of one moment.
ROUND = 500
# A job comes within seconds; who waits longer than this has lost theirs.
LOST_AFTER = timedelta(seconds=45)
# How long a fix that is packed, or of no use any more, is known when it comes again.
KNOWN_FOR = timedelta(days=2)
SWEPT_AT_ONCE = 1_000
# What no later try would change: the walk is judged, gone or full, or the chunk is there already.
# A point that cannot be packed was never taken in; should one be, it must not hold up the others.
USELESS = (
    ParticipationNotFound,
    WrongParticipationState,
    TrackTooLong,
    UploadKeyReused,
    UnpackablePoints,
)

log = structlog.get_logger()


def pack_inbox_of(person_id: str) -> int:
    """Pack everything that waits of this person; how many fixes went into a track.

    Called before a walk is judged, by a job soon after a fix comes, and by the sweep. Harmless to
    repeat and to race.
    """
    packed = 0
    while True:
        stamped = _stamp(person_id)
        for fixes in _batches(person_id):
            packed += _pack(fixes)
        if stamped < ROUND:
            return packed


def _stamp(person_id: str) -> int:
    """Take up to ROUND fixes into a batch of their own; how many were waiting."""
    inbox = collection(WaitingFix)
    wanted = {"person_id": person_id, "batch": None}
    ids = [row["_id"] for row in inbox.find(wanted, {"_id": 1}).limit(ROUND)]
    if ids:
        inbox.update_many({"_id": {"$in": ids}, **wanted}, {"$set": {"batch": new_id()}})
    return len(ids)


def _batches(person_id: str) -> list[list[dict[str, Any]]]:
    """The fixes taken up and not let go, by what one chunk may hold, each oldest first."""
    found = collection(WaitingFix).find({"person_id": person_id, "batch": {"$ne": None}})
    batches: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in found:
        key = (row["batch"], row["participation_id"], row["device_id"], row["datum"])
        batches[key].append(row)
    return [
        sorted(batches[key], key=lambda row: (row["point"]["at"], row["_id"]))
        for key in sorted(batches)
    ]


def _pack(fixes: list[dict[str, Any]]) -> int:
    """Store one chunk, then let its fixes go; how many the track took."""
    first = fixes[0]
    ids = [row["_id"] for row in fixes]
    try:
        # The chunk came when its last fix did: how late a phone sends is judged by that.
        with pretending(max(row["received_at"] for row in fixes)):
            receipt = store_positions(
                first["participation_id"],
                upload_key_of(ids),
                first["datum"],
                [row["point"] for row in fixes],
                by=Actor(first["person_id"]),
                device=first["device_id"],
                from_inbox=True,
            )
    except USELESS as refused:
        _report_useless(refused, first["participation_id"], len(ids))
        _tell_owner(refused, fixes)
        _let_go(ids)
        return 0
    _let_go(ids)
    return receipt.accepted


def upload_key_of(fix_ids: list[str]) -> str:
    """The name of the chunk that holds these fixes: the same ones always make the same name."""
    return "inbox-" + hashlib.sha256("\n".join(sorted(fix_ids)).encode()).hexdigest()


def _report_useless(refused: DomainError, participation_id: str, count: int) -> None:
    log.warning(
        "fixes_not_stored",
        why=type(refused).__name__,
        participation_id=participation_id,
        fixes=count,
    )


def _tell_owner(refused: DomainError, fixes: list[dict[str, Any]]) -> None:
    """Let the owner of the phone see what the verdict or a full track left out."""
    why = {WrongParticipationState: "already_judged", TrackTooLong: "track_full"}.get(type(refused))
    if why:
        noted = [Unusable(why, row["point"]["at"]) for row in fixes]
        quarantine(fixes[0]["device_id"], noted)


def _let_go(ids: list[str]) -> None:
    """Take everything but the id away: where somebody was stands in the track, and only there."""
    collection(WaitingFix).update_many(
        {"_id": {"$in": ids}},
        [
            {"$project": {"_id": 1}},
            {"$set": {"forget_at": real_now() + KNOWN_FOR}},
        ],
    )


def pack_waiting() -> int:
    """Pack for everybody whose job was lost; how many people had something waiting."""
    return sweep_each(_people_waiting_since(real_now() - LOST_AFTER), pack_inbox_of)


def _people_waiting_since(before: datetime) -> list[str]:
    found = collection(WaitingFix).find(
        {"waits_since": {"$lt": before}}, {"person_id": 1}, sort=[("waits_since", 1)]
    )
    return list(dict.fromkeys(row["person_id"] for row in found.limit(SWEPT_AT_ONCE)))
