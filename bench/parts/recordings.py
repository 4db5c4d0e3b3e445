"""The recorded walks that a benchmark judges: they lie beside the project, not in it."""

from pathlib import Path

import numpy as np

from children import ROOT, CannotStart
from fixtures.recorded_walks import read_walk
from fixtures.walk_planning import wgs84_points
from tasks.tracks.track_packing import TrackPoints

FOLDER = ROOT.parent / "shared" / "data"
SEGMENTS = tuple(range(1, 82, 2))
# A coach, a vehicle: no task may be fulfilled by riding in one.
VEHICLES = ("008_20081025225205.plt", "010_20070905163053.plt")


def honest_walks(
    folder: Path = FOLDER, segments: tuple[int, ...] = SEGMENTS
) -> dict[str, TrackPoints]:
    """By name, the walks that honest people walked, as WGS-84 columns. Raises CannotStart."""
    file = _present(folder) / "walk_segments.csv"
    return {f"w{one:02d}": wgs84_points(read_walk(file, one)) for one in segments}


def vehicle_tracks(folder: Path = FOLDER) -> dict[str, TrackPoints]:
    """By file name, what phones recorded in vehicles, each time once. Raises CannotStart."""
    return {name: _rising(wgs84_points(read_walk(_present(folder) / name))) for name in VEHICLES}


def _rising(points: TrackPoints) -> TrackPoints:
    order = np.argsort(points.t_ms, kind="stable")
    columns = (points.t_ms, points.lat, points.lon, points.accuracy_m, points.altitude_m)
    return TrackPoints(*(column[order] for column in columns))


def _present(folder: Path) -> Path:
    walks = folder / "geolife_beijing"
    if not walks.is_dir():
        raise CannotStart(
            f"the recorded walks are not at {folder}: this benchmark judges real walks, which "
            "the project may not bring along"
        )
    return walks
