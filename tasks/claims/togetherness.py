"""The track of a member without a phone: the captain's, from their first meeting to their last."""

import numpy as np

from tasks.claims.meetings import Met, points_within, time_needed_s, together_within
from tasks.participation import Participation
from tasks.publishing import task_of
from tasks.tracks.track_packing import TrackPoints
from tasks.tracks.tracking import Track, track_of


def vouched_track(member: Participation) -> Track:
    """The captain's points that stand for the member, WGS-84; none where they walked apart.

    It has no chunks: how they came in is the captain's, and judged there.
    """
    whole, task = track_of(member.vouched_by), task_of(member.task_id)
    needed_s = time_needed_s(task.checks, task.starts_at, task.ends_at)
    meetings = [Met(one.at.timestamp(), one.lat, one.lon) for one in member.meetings]
    span = together_within(meetings, whole.points, needed_s)
    kept = np.zeros(len(whole.points), np.bool_)
    if span is not None:
        kept = points_within(whole.points, *span)
    points = whole.points
    mine = TrackPoints(
        points.t_ms[kept],
        points.lat[kept],
        points.lon[kept],
        points.accuracy_m[kept],
        points.altitude_m[kept],
    )
    return Track(mine, whole.datum, whole.segment_starts[kept], ())
