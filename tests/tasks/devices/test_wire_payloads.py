"""Real payloads of phone apps, where they are at hand: each is read as what it says."""

import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from tasks.devices.owntracks import read_owntracks
from tasks.devices.readings import Fix, Unusable
from tasks.devices.traccar import read_osmand, read_traccar_json

PURE = True
WIRE = Path(__file__).resolve().parents[4] / "shared" / "data" / "wire"
pytestmark = pytest.mark.skipif(
    not WIRE.is_dir(), reason="the recorded payloads are not beside this folder"
)
NOW = datetime(2026, 5, 4, tzinfo=UTC)


def lines(name):
    return (WIRE / name).read_text().splitlines()


def test_every_owntracks_location_is_a_fix():
    for line in lines("owntracks_http_location.jsonl"):
        message = json.loads(line)
        (one,) = read_owntracks(message)
        assert isinstance(one, Fix)
        assert (one.point["lat"], one.point["lon"]) == (message["lat"], message["lon"])
        said = datetime.fromisoformat(one.point["at"])
        assert said.timestamp() == message["tst"]
        if message.get("vel"):
            assert one.point["speed_mps"] * 3.6 == pytest.approx(message["vel"])


def test_every_traccar_message_is_a_fix_and_unknown_speeds_stay_unknown():
    for line in lines("traccar_client_json.jsonl"):
        location = json.loads(line)["location"]
        (one,) = read_traccar_json(json.loads(line))
        assert isinstance(one, Fix)
        coords = location["coords"]
        assert (one.point["lat"], one.point["lon"]) == (coords["latitude"], coords["longitude"])
        assert one.point.get("speed_mps") == (coords["speed"] if coords["speed"] >= 0 else None)
        assert one.point.get("mock", False) == location.get("mock", False)


def test_every_osmand_query_with_a_position_is_a_fix():
    found = [
        read_osmand(dict(parse_qsl(urlsplit(q).query)), NOW) for q in lines("osmand_query.txt")
    ]
    assert len(found) >= 10
    unusable = [one for (one,) in found if isinstance(one, Unusable)]
    assert [one.why for one in unusable] == ["no_position"]  # cells and hot spots alone
    assert all(
        2013 <= datetime.fromisoformat(one.point["at"]).year <= 2026
        for (one,) in found
        if isinstance(one, Fix)
    )
