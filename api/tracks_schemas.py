"""What goes out of tracks: the line walked, how it stands so far, and who looked at it."""

from typing import Any

import marshmallow as ma
from marshmallow import fields

from api.common_schemas import moment_out
from api.participations_schemas import CheckOutcomeSchema
from api.positions_schemas import datum
from tasks import ShownTrack

DEGREE_DIGITS = 6


class TrackQuerySchema(ma.Schema):
    """In which datum the caller's map is."""

    datum = datum()


class TrackSchema(ma.Schema):
    """A track: [lon, lat] in the datum asked for, and the ms since 1970 of each position."""

    coordinates = fields.List(fields.List(fields.Float()))
    t_ms = fields.List(fields.Integer())
    is_cut = fields.Boolean(metadata={"description": "true where its ends are not shown"})


def plain_track(track: ShownTrack) -> dict[str, Any]:
    """A track as TrackSchema documents it, its arrays turned to lists at once."""
    pairs = zip(
        track.lon.round(DEGREE_DIGITS).tolist(),
        track.lat.round(DEGREE_DIGITS).tolist(),
        strict=True,
    )
    return {
        "coordinates": [[lon, lat] for lon, lat in pairs],
        "t_ms": track.t_ms,
        "is_cut": track.is_cut,
    }


class ProgressSchema(ma.Schema):
    """What the checks measure of a walk under way, as if it were finished now."""

    checks = fields.List(fields.Nested(CheckOutcomeSchema))
    distance_m = fields.Float()
    duration_s = fields.Float()
    points_kept = fields.Integer()
    points_dropped = fields.Dict(keys=fields.String(), values=fields.Integer())


class TrackLookSchema(ma.Schema):
    """One look of the staff at the caller's track, place or photo."""

    id = fields.String()
    participation_id = fields.String()
    by_id = fields.String()
    what = fields.String(
        metadata={"description": "track (cut), live_track (uncut, while walking), on_duty, photo"}
    )
    at = moment_out()


class TrackLookPageSchema(ma.Schema):
    """A page of looks, newest first; `next_cursor` is null on the last one."""

    items = fields.List(fields.Nested(TrackLookSchema))
    next_cursor = fields.String(allow_none=True)
