"""Who sees a track, and how much of it: its owner all, the duty desk all while it is walked."""

from dataclasses import dataclass

import numpy as np

from people import Actor, Role, unit_of
from shared.clock import now
from shared.datums import Floats, from_wgs84
from tasks.claims.togetherness import vouched_track
from tasks.judging.areas import compile_area
from tasks.participation import Participation, ParticipationState
from tasks.publishing import task_of
from tasks.reviews.looks import log_look
from tasks.reviews.second_look import SecondLook, SecondLookState
from tasks.reviews.track_look import Seen
from tasks.taking_part import ParticipationNotFound, is_for_staff
from tasks.task import EARLY_START
from tasks.tracks.cutting import shown_to_others
from tasks.tracks.tracking import track_of


@dataclass(frozen=True)
class ShownTrack:
    """A track's points in order of time, degrees in the datum asked for; `is_cut` for others."""

    t_ms: list[int]
    lat: Floats
    lon: Floats
    is_cut: bool


def seen_track(participation_id: str, datum: str, *, by: Actor) -> ShownTrack:
    """The track as `by` may see it; a look of the staff is logged first.

    Nobody of the staff sees its ends once it is over. Raises ParticipationNotFound.
    """
    found: Participation | None = Participation.objects.with_id(participation_id)
    if found is None:
        raise ParticipationNotFound
    is_own = found.person_id == by.person_id
    is_live = _is_live(found)
    if not is_own:
        _refuse_stranger(found, by)
        log_look(found.person_id, found.id, Seen.LIVE_TRACK if is_live else Seen.TRACK, by=by)
    track = vouched_track(found) if found.vouched_by else track_of(found.id)
    points = track.points
    if is_own or is_live:
        kept = np.argsort(points.t_ms, kind="stable")
    else:
        kept = shown_to_others(points, compile_area(task_of(found.task_id).area))
    lat, lon = from_wgs84(points.lat[kept], points.lon[kept], datum)
    return ShownTrack(points.t_ms[kept].tolist(), lat, lon, is_cut=not (is_own or is_live))


def _is_live(found: Participation) -> bool:
    """Whether the walk goes on; one that nobody finished is over with its hours and the slack."""
    return found.state == ParticipationState.STARTED and found.ends_at > now() - EARLY_START


def _refuse_stranger(found: Participation, by: Actor) -> None:
    """A stranger learns nothing, also not that there is such a walk.

    A refused walk is its volunteer's alone, but for who is to look at it a second time.
    """
    if is_for_staff(found, by):
        return
    again = SecondLook.objects(id=found.id, state=SecondLookState.WAITING).first()
    if again is None or not by.holds(Role.CENTRE_OFFICER, at=unit_of(found.unit_id)):
        raise ParticipationNotFound
