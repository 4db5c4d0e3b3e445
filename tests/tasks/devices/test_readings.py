"""What phone apps say, as fixes: their own units, their own ways to say "unknown"."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.devices.owntracks import asks_for_places, places_command, read_owntracks
from tasks.devices.readings import UNUSABLE, Fix, Unusable, moment_of
from tasks.devices.traccar import read_gpslogger, read_osmand, read_traccar_json

PURE = True
AT = datetime(2026, 5, 4, 11, 0, tzinfo=UTC)
AT_S = 1777892400
SAID = "2026-05-04T11:00:00.000+00:00"


def only(readings):
    (one,) = readings
    return one.point if isinstance(one, Fix) else one.why


class TestOwnTracks:
    def test_a_location_is_a_fix_with_speed_from_km_an_hour(self):
        message = {"_type": "location", "lat": 26.09, "lon": 119.29, "tst": AT_S, "acc": 8}
        point = only(read_owntracks(message | {"alt": 12, "vel": 18, "t": "u", "batt": 40}))
        assert point == {
            "at": SAID,
            "lat": 26.09,
            "lon": 119.29,
            "accuracy_m": 8,
            "altitude_m": 12,
            "speed_mps": pytest.approx(5.0),
        }

    def test_a_list_is_read_message_by_message(self):
        one = {"_type": "location", "lat": 26, "lon": 119, "tst": AT_S}
        assert len(read_owntracks([one, {"_type": "lwt", "tst": 1}, one | {"tst": AT_S + 1}])) == 2

    @pytest.mark.parametrize(
        "kind", ["waypoint", "waypoints", "transition", "lwt", "steps", "card", "cmd", "status"]
    )
    def test_what_is_no_position_is_no_fault(self, kind):
        assert read_owntracks({"_type": kind, "tst": AT_S}) == []

    @pytest.mark.parametrize(
        ("message", "why"),
        [
            ({"_type": "encrypted", "data": "x"}, "encrypted"),
            ({"_type": "location", "lat": 26, "lon": 119}, "bad_time"),
            ({"_type": "location", "lat": 26, "lon": 119, "tst": 1e300}, "bad_time"),
            ({"_type": "location", "tst": AT_S}, "no_position"),
            ({"lat": 26, "lon": 119, "tst": AT_S}, "unreadable"),
            (None, "unreadable"),
            (7, "unreadable"),
        ],
    )
    def test_what_can_never_be_used_is_named(self, message, why):
        assert only(read_owntracks(message)) == why

    def test_report_now_asks_for_the_places_again(self):
        assert asks_for_places([{"_type": "location", "t": "u"}])
        assert not asks_for_places({"_type": "location", "t": "t"})
        assert not asks_for_places(None)


class TestPlaces:
    AREA = {
        "shape": "circle",
        "geometry": {"type": "Point", "coordinates": [119.29, 26.09]},
        "radius_m": 400,
    }
    CHECKS = (
        {"check": "inside_time", "parameters": {"min_s": 600}},
        {
            "check": "checkpoints",
            "parameters": {
                "radius_m": 25,
                "points": [
                    {"lat": 26.091, "lon": 119.291, "name": "东门"},
                    {"lat": 26, "lon": 119},
                ],
            },
        },
    )

    def places(self, datum="wgs84", area=None):
        command = places_command(
            "夜巡", area or self.AREA, self.CHECKS, started_s=AT_S, datum=datum
        )
        assert (command["_type"], command["action"]) == ("cmd", "setWaypoints")
        assert command["waypoints"]["_type"] == "waypoints"
        return command["waypoints"]["waypoints"]

    def test_the_area_and_each_checkpoint_are_places_to_watch(self):
        area, east, second = self.places()
        assert (area["desc"], area["lat"], area["lon"], area["rad"]) == ("夜巡", 26.09, 119.29, 400)
        assert (east["desc"], east["rad"]) == ("1. 东门", 50)
        assert second["desc"] == "2. 2"
        assert len({one["tst"] for one in (area, east, second)}) == 3

    def test_a_route_is_watched_as_the_circle_around_it_and_its_corridor(self):
        line = {"type": "LineString", "coordinates": [[119.28, 26.09], [119.30, 26.09]]}
        area = {"shape": "route", "geometry": line, "corridor_m": 30}
        place = self.places(area=area)[0]
        assert place["lon"] == pytest.approx(119.29, abs=1e-4)
        assert place["rad"] == pytest.approx(1001 + 30, abs=3)

    def test_they_are_told_in_the_datum_of_the_device(self):
        shifted = self.places("gcj02")[0]
        assert abs(shifted["lon"] - 119.29) > 0.002

    def test_a_phone_is_given_no_more_than_it_can_watch(self):
        points = [{"lat": 26.09, "lon": 119.29}] * 50
        checks = [{"check": "checkpoints", "parameters": {"points": points}}]
        command = places_command("x", self.AREA, checks, started_s=0, datum="wgs84")
        assert len(command["waypoints"]["waypoints"]) == 20


class TestOsmAnd:
    def read(self, **form):
        return only(read_osmand({"lat": "26.09", "lon": "119.29"} | form, AT))

    @pytest.mark.parametrize(
        "said",
        [
            str(AT_S),
            f"{AT_S}000",
            "2026-05-04T11:00:00Z",
            "2026-05-04 11:00:00",
            "2026-05-04T19:00:00+08:00",
        ],
    )
    def test_the_time_is_read_in_each_of_its_forms(self, said):
        assert self.read(timestamp=said)["at"] == SAID

    def test_without_a_time_it_is_where_the_phone_is_now(self):
        assert self.read()["at"] == SAID

    def test_speed_is_in_knots(self):
        assert self.read(speed="10")["speed_mps"] == pytest.approx(5.1444, abs=1e-4)

    @pytest.mark.parametrize("unknown", ["0", "0.0", "-1", "x", "nan"])
    def test_an_accuracy_of_nought_is_unknown_not_perfect(self, unknown):
        assert "accuracy_m" not in self.read(accuracy=unknown)

    def test_the_position_may_come_as_one(self):
        (one,) = read_osmand({"location": "26.09,119.29", "timestamp": str(AT_S)}, AT)
        assert (one.point["lat"], one.point["lon"]) == (26.09, 119.29)

    def test_what_the_phone_calls_made_up_is_marked(self):
        assert self.read(mock="true")["mock"] is True
        assert "mock" not in self.read(mock="false")

    @pytest.mark.parametrize(
        ("form", "why"),
        [
            ({"cell": "257,02"}, "no_position"),
            ({"lat": "1", "lon": "2", "valid": "0"}, "not_valid"),
            ({"lat": "1", "lon": "2", "timestamp": "soon"}, "bad_time"),
        ],
    )
    def test_what_can_never_be_used_is_named(self, form, why):
        assert only(read_osmand(form, AT)) == why


class TestTraccarJson:
    COORDS = {"latitude": 26.09, "longitude": 119.29, "accuracy": 5, "speed": 1.4, "altitude": 7}

    def read(self, coords=None, **location):
        location = {"timestamp": "2026-05-04T11:00:00.000Z", **location}
        message = {"location": location | {"coords": self.COORDS | (coords or {})}}
        return only(read_traccar_json(message))

    def test_it_is_in_metres_and_metres_a_second(self):
        point = self.read()
        assert (point["at"], point["speed_mps"]) == (SAID, 1.4)
        assert (point["accuracy_m"], point["altitude_m"]) == (5, 7)

    def test_below_nought_is_unknown(self):
        point = self.read({"accuracy": -1, "speed": -1})
        assert "accuracy_m" not in point
        assert "speed_mps" not in point

    def test_what_the_phone_calls_made_up_is_marked(self):
        assert self.read(mock=True)["mock"] is True

    @pytest.mark.parametrize("message", [None, [], {}, {"location": 1}, {"location": None}])
    def test_what_cannot_be_read_is_named(self, message):
        assert only(read_traccar_json(message)) == "unreadable"


def test_gpslogger_says_metres_and_its_times_are_utc():
    form = {"lat": "26.09", "lon": "119.29", "time": "2026-05-04T11:00:00.000Z", "acc": "6.5"}
    (one,) = read_gpslogger(form | {"alt": "", "spd": "1.2"})
    assert one.point == {
        "at": SAID,
        "lat": 26.09,
        "lon": 119.29,
        "accuracy_m": 6.5,
        "speed_mps": 1.2,
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
KEYS = st.sampled_from(["_type", "lat", "lon", "tst", "acc", "location", "coords", "timestamp"])
MESSAGES = JSON | st.dictionaries(KEYS, JSON | st.just("location"), max_size=6)


@given(MESSAGES)
def test_whatever_is_posted_becomes_fixes_or_is_named(message):
    readings = read_owntracks(message) + read_traccar_json(message)
    assert all(
        isinstance(one, Fix) or (isinstance(one, Unusable) and one.why in UNUSABLE)
        for one in readings
    )


@given(st.dictionaries(st.sampled_from(["lat", "lon", "timestamp", "time", "valid"]), st.text()))
def test_whatever_a_form_says_becomes_a_fix_or_is_named(form):
    (one,) = read_osmand(form, AT)
    (other,) = read_gpslogger(form)
    assert all(isinstance(x, Fix) or x.why in UNUSABLE for x in (one, other))


@given(st.integers(1_000_000_000, 4_000_000_000))
def test_a_moment_is_the_same_in_seconds_milliseconds_and_words(s):
    moment = datetime.fromtimestamp(s, UTC)
    assert moment_of(s) == moment_of(s * 1000) == moment_of(str(s)) == moment
    assert moment_of(moment.isoformat()) == moment_of(moment.replace(tzinfo=None).isoformat())
