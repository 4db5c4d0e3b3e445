"""GPX: tracks and their breaks are read, bombs and files without times are refused with why."""

from datetime import UTC, datetime
from pathlib import Path

import gpxpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.devices import gpx
from tasks.devices.gpx import (
    GpxTooLong,
    GpxWithDoctype,
    GpxWithoutPoints,
    GpxWithoutTimes,
    NotGpx,
    read_gpx,
)

PURE = True
EDGE = Path(__file__).resolve().parents[4] / "shared" / "data" / "gpx_edge"
HEAD = '<gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1">'
TIME = "<time>2026-05-04T11:00:00Z</time>"


def point(at=TIME, lat="26.09", lon="119.29", more=""):
    return f'<trkpt lat="{lat}" lon="{lon}">{at}{more}</trkpt>'


def file(*segments, head=HEAD):
    body = "".join(f"<trkseg>{segment}</trkseg>" for segment in segments)
    return f"{head}<trk>{body}</trk></gpx>".encode()


def breaks(points):
    return [index for index, one in enumerate(points) if one.get("segment_start")]


def test_a_point_has_its_time_its_degrees_and_its_height():
    (one,) = read_gpx(file(point(more="<ele>12.5</ele>")))
    assert one == {
        "at": "2026-05-04T11:00:00+00:00",
        "lat": 26.09,
        "lon": 119.29,
        "altitude_m": 12.5,
        "segment_start": True,
    }


def test_each_segment_begins_with_a_break_and_empty_ones_do_not_count():
    points = read_gpx(file("", point() * 3, "", point() * 2, ""))
    assert breaks(points) == [0, 3]


def test_two_tracks_are_two_segments():
    one = f"<trk><trkseg>{point()}</trkseg></trk>"
    assert breaks(read_gpx(f"{HEAD}{one}{one}</gpx>".encode())) == [0, 1]


def test_gpx_1_0_and_files_without_a_name_space_are_read():
    assert len(read_gpx(file(point(), head='<gpx version="1.0">'))) == 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-8"])
def test_a_byte_order_mark_is_no_hindrance(encoding):
    text = file(point(more="<desc>夜巡</desc>")).decode()
    assert len(read_gpx(text.encode(encoding))) == 1


def test_a_time_within_something_else_is_not_the_points():
    inner = f"<extensions>{TIME.replace('2026', '1999')}</extensions>"
    (one,) = read_gpx(file(point(more=inner)))
    assert one["at"].startswith("2026")


@pytest.mark.parametrize("said", ["2026-05-04T11:00:00.123Z", "2026-05-04T19:00:00+08:00"])
def test_parts_of_seconds_and_offsets_are_read(said):
    (one,) = read_gpx(file(point(f"<time>{said}</time>")))
    assert datetime.fromisoformat(one["at"]) == datetime.fromisoformat(said)


@pytest.mark.parametrize("bad", ["", "x", "1e999", "nan"])
def test_degrees_that_are_none_are_left_for_the_receipt_to_name(bad):
    (one,) = read_gpx(file(point(lat=bad)))
    assert one["lat"] is None


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;">]>'
)
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("declared", [BOMB, OUTSIDE, "<!DOCTYPE gpx>"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused_before_anything_is_expanded(declared, encoding):
    text = declared + file(point(more="<desc>&c;&x;</desc>")).decode()
    with pytest.raises(GpxWithDoctype):
        read_gpx(text.encode(encoding))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"\x00\xff",
        b"<kml/>",
        file(point())[:-9],
        file(point("&nothing;")),
        b'<?xml version="1.0" encoding="x-none"?>' + file(point()),
    ],
)
def test_what_is_no_gpx_is_refused(raw):
    with pytest.raises(NotGpx):
        read_gpx(raw)


def test_a_track_without_a_single_time_is_refused():
    with pytest.raises(GpxWithoutTimes):
        read_gpx(file(point("") * 3))
    assert len(read_gpx(file(point("") + point()))) == 2


@pytest.mark.parametrize("body", ["", "<trk><trkseg/></trk>", '<wpt lat="1" lon="2"/>', "<rte/>"])
def test_what_was_planned_is_no_track(body):
    with pytest.raises(GpxWithoutPoints):
        read_gpx(f"{HEAD}{body}</gpx>".encode())


def test_a_file_of_too_many_points_is_refused(monkeypatch):
    monkeypatch.setattr(gpx, "MAX_GPX_POINTS", 3)
    assert len(read_gpx(file(point() * 3))) == 3
    with pytest.raises(GpxTooLong):
        read_gpx(file(point() * 4))


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_whatever_is_sent_is_refused_by_name(noise):
    with pytest.raises((NotGpx, GpxWithDoctype, GpxWithoutPoints)):
        read_gpx(noise)


@pytest.mark.skipif(not EDGE.is_dir(), reason="the recorded files are not beside this folder")
class TestRecordedFiles:
    @pytest.mark.parametrize("path", sorted(EDGE.glob("*.gpx")), ids=lambda path: path.name)
    def test_each_is_read_as_another_library_reads_it(self, path):
        tracks = gpxpy.parse(path.read_text(encoding="utf-8-sig")).tracks
        segments = [segment.points for track in tracks for segment in track.segments]
        known = [one for segment in segments for one in segment]
        refusal = GpxWithoutTimes if known else GpxWithoutPoints
        if not any(one.time for one in known):
            with pytest.raises(refusal):
                read_gpx(path.read_bytes())
            return
        points = read_gpx(path.read_bytes())
        assert [(one["lat"], one["lon"]) for one in points] == [
            (one.latitude, one.longitude) for one in known
        ]
        assert [_moment(one["at"]) for one in points] == [_utc(one.time) for one in known]
        assert len(breaks(points)) == sum(bool(segment) for segment in segments)

    def test_there_are_some(self):
        assert len(list(EDGE.glob("*.gpx"))) >= 12


def _moment(said):
    return datetime.fromisoformat(said) if said else None


def _utc(moment):
    """GPX times are UTC; the other library leaves one without a sign as it is."""
    return moment.replace(tzinfo=moment.tzinfo or UTC) if moment else None
