"""Erasing positions, by rule when they are old or when their owner wishes it.

The verdict, its figures and the coins stay, and so does the fingerprint's part without places.
"""

from datetime import timedelta

from people import Actor
from settings import settings
from shared.clock import now, real_now
from shared.database import collection
from shared.errors import Refused
from shared.i18n import Text
from shared.sweeping import sweep_each
from tasks.participation import Participation, ParticipationState
from tasks.proofs.photographing import erase_photo_places
from tasks.reviews.appealing import APPEAL_TIME
from tasks.suspicion.suspecting import forget_positions
from tasks.taking_part import ParticipationNotFound
from tasks.tracks.track_chunk import TrackChunk

BATCH = 500


class StillNeeded(Refused):
    """Raised when a walk's positions may still be needed: not judged, or open to an appeal."""

    message = Text(
        "The positions are needed until the verdict can no longer be appealed.",
        "在核验结果可申诉期间，定位数据须保留。",
    )


def erase_track(participation_id: str, *, by: Actor) -> Participation:
    """The caller's participation, its positions erased for good; repeating it changes nothing.

    Raises ParticipationNotFound, StillNeeded.
    """
    found: Participation | None = Participation.objects(
        id=participation_id, person_id=by.person_id
    ).first()
    if found is None:
        raise ParticipationNotFound
    if found.track_erased_at is None:
        if not found.settled or _may_be_appealed(found) or _stands_for_others(found):
            raise StillNeeded
        Participation.objects(
            id=found.id, settled=True, state=found.state, track_erased_at=None
        ).update_one(set__track_erased_at=now())
    return _finish(found.id)


def _may_be_appealed(found: Participation) -> bool:
    if found.state != ParticipationState.REFUSED or found.verdict is None:
        return False
    return bool(now() <= found.verdict.judged_at + APPEAL_TIME)


def _stands_for_others(captain: Participation) -> bool:
    """Whether a member whom the captain vouches for is not finally decided."""
    members = Participation.objects(vouched_by=captain.id)
    return any(not member.settled or _may_be_appealed(member) for member in members)


def _finish(participation_id: str) -> Participation:
    """Delete what the decision reaches; it can be cut off anywhere and done again."""
    found: Participation = Participation.objects(id=participation_id).get()
    if found.track_erased_at is None:  # it was appealed meanwhile
        raise StillNeeded
    collection(TrackChunk).delete_many({"participation_id": found.id})
    forget_positions(found.id)
    erase_photo_places(found.id)
    Participation.objects(id=found.id).update_one(
        set__track_gone=True, unset__location=True, unset__located_at=True, unset__meetings=True
    )
    current: Participation = Participation.objects(id=found.id).get()
    return current


def erase_old_tracks() -> int:
    """Erase the positions of settled walks older than the setting, and finish what was cut off."""
    before = real_now() - timedelta(days=settings().track_days)
    old = Participation.objects(
        settled=True, track_gone=False, finish_received_at__lt=before, track_erased_at=None
    )
    for found in old.limit(BATCH):
        if _may_be_appealed(found) or _stands_for_others(found):
            continue
        Participation.objects(id=found.id, settled=True, track_erased_at=None).update_one(
            set__track_erased_at=real_now()
        )
    begun = Participation.objects(settled=True, track_gone=False, track_erased_at__ne=None)
    return sweep_each(begun.limit(BATCH).scalar("id"), _finish)
