"""Sorting a batch: the good ones are kept, each bad one is named."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.tracks.positions import REJECTIONS, sort_out

PURE = True
START = datetime(2026, 5, 4, 11, 0, tzinfo=UTC)
GOOD = {"at": "2026-05-04T19:10:00+08:00", "lat": 26.09, "lon": 119.29}


def sorted_out(*points, datum="wgs84"):
    received_at = START + timedelta(hours=1)
    return sort_out(list(points), datum, started_at=START, received_at=received_at)


def test_a_good_point_is_kept_with_its_time_in_milliseconds():
    kept = sorted_out({**GOOD, "accuracy_m": 7.5, "altitude_m": 12}).points
    assert kept.t_ms.tolist() == [round((START + timedelta(minutes=10)).timestamp() * 1000)]
    assert (kept.lat[0], kept.lon[0]) == (26.09, 119.29)
    assert (kept.accuracy_m[0], kept.altitude_m[0]) == (7.5, 12)


def test_a_gcj02_point_is_stored_where_it_really_was():
    kept = sorted_out(GOOD, datum="gcj02").points
    # Fuzhou lies about 590 m from where GCJ-02 draws it.
    assert 0.002 < math.hypot(kept.lat[0] - 26.09, kept.lon[0] - 119.29) < 0.008


def test_nothing_is_kept_from_after_the_end():
    until = START + timedelta(minutes=10)
    late = GOOD | {"at": (until + timedelta(milliseconds=1)).isoformat()}
    ahead = GOOD | {"at": (START + timedelta(hours=2)).isoformat()}
    result = sort_out(
        [GOOD, late, ahead],
        "wgs84",
        started_at=START,
        received_at=START + timedelta(hours=1),
        until=until,
    )
    assert result.rejected == [
        {"index": 1, "code": "after_end"},
        {"index": 2, "code": "in_the_future"},
    ]
    assert len(result.points) == 1
    assert REJECTIONS["after_end"].en != REJECTIONS["after_end"].zh


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"at": None}, "bad_time"),
        ({"at": 1777892400}, "bad_time"),
        ({"at": "2026-05-04T19:10:00"}, "bad_time"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "bad_time"),
        ({"at": "2026-05-04T10:00:00+00:00"}, "before_start"),
        ({"at": "2026-05-04T13:30:00+00:00"}, "in_the_future"),
        ({"lat": 91}, "bad_latitude"),
        ({"lat": "26.09"}, "bad_latitude"),
        ({"lat": True}, "bad_latitude"),
        ({"lat": math.nan}, "bad_latitude"),
        ({"lon": -math.inf}, "bad_longitude"),
        ({"lon": None}, "bad_longitude"),
        ({"accuracy_m": -1}, "bad_accuracy"),
        ({"accuracy_m": 10**400}, "bad_accuracy"),
        ({"altitude_m": 1e9}, "bad_altitude"),
    ],
)
def test_a_bad_point_is_named_and_the_others_stay(change, code):
    result = sorted_out(GOOD, GOOD | change, GOOD)
    assert result.rejected == [{"index": 1, "code": code}]
    assert len(result.points) == 2


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
@pytest.mark.parametrize("place", [{"lat": 90}, {"lat": -90}, {"lon": 180}, {"lon": -180}])
def test_a_point_that_its_datum_would_move_off_the_map_is_named(datum, place):
    assert len(sorted_out(GOOD | place, datum=datum).rejected) == 1


@pytest.mark.parametrize("thing", [None, 7, "x", [], [1, 2]])
def test_what_is_no_object_is_no_point(thing):
    assert sorted_out(thing).rejected == [{"index": 0, "code": "not_a_point"}]


def test_what_the_phone_calls_made_up_is_counted_among_the_kept():
    result = sorted_out(GOOD | {"mock": True}, GOOD, GOOD | {"mock": True, "lat": 91})
    assert result.mocked == 1


@pytest.mark.parametrize("said", [False, None, 1, "true", "yes", [True]])
def test_only_a_plain_true_marks_a_point(said):
    result = sorted_out(GOOD, GOOD | {"mock": said, "segment_start": said})
    assert (result.mocked, result.segment_starts) == (0, [])


BREAK, BAD = {"segment_start": True}, {"lat": 91}


def test_a_break_on_a_rejected_point_moves_to_the_next_kept_one():
    result = sorted_out(GOOD, GOOD | BREAK | BAD, GOOD | BAD, GOOD, GOOD | BREAK)
    assert result.segment_starts == [1, 2]


def test_two_breaks_with_nothing_kept_between_are_one():
    assert sorted_out(GOOD, GOOD | BREAK | BAD, GOOD | BREAK).segment_starts == [1]
    assert sorted_out(GOOD, GOOD | BREAK | BAD).segment_starts == []


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=12))
def test_breaks_part_the_kept_points_as_they_part_those_sent(sent):
    batch = [GOOD | (BREAK if breaks else {}) | (BAD if bad else {}) for breaks, bad in sent]
    segment, segments = 0, []
    for breaks, bad in sent:
        segment += breaks
        segments += [] if bad else [segment]
    starts = sorted_out(*batch).segment_starts
    before = [0, *segments[:-1]] if segments else []
    assert starts == [i for i, one in enumerate(segments) if one != before[i]]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
ODD_POINTS = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("at", "lat", "lon", "accuracy_m", "altitude_m"), JSON)
)


@given(st.lists(JSON | ODD_POINTS | st.just(GOOD), max_size=8))
def test_every_point_is_either_kept_or_named_whatever_was_sent(batch):
    result = sorted_out(*batch)
    assert len(result.points) + len(result.rejected) == len(batch)
    assert all(one["code"] in REJECTIONS for one in result.rejected)
