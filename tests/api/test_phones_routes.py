"""Phone apps over HTTP: set up by their owner, heard in their own words, never blocked."""

import base64
import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
import segno
from city_world import Caller
from pymongo.collection import Collection
from pymongo.errors import AutoReconnect

from api import phones_wire_routes
from api.signing_in import tokens_for
from fixtures.factories import a_resident, a_task, a_town, rated
from people.tokens import open_session
from shared.clock import now
from shared.database import collection
from tasks import claim_task, start_participation, track_of
from tasks.devices.packing import pack_inbox_of
from tasks.devices.waiting_fix import WaitingFix

GPX = "application/gpx+xml"


@pytest.fixture
def phone(app):
    """A resident who walks, and calls by HTTP and by a phone app."""
    town = a_town()
    rated(town.city)
    task = a_task(at=town.street, slots=5)
    actor = a_resident(coins=0)
    taken = claim_task(task.id, position=None, by=actor)
    started = start_participation(taken.id, by=actor)
    opened = open_session(actor.person_id)
    with app.app_context():
        tokens = tokens_for(actor.person_id, opened.session_id, opened.generation)
    caller = Caller(app, tokens)
    return SimpleNamespace(app=app, caller=caller, actor=actor, walk=started, task=task)


def registered(phone, app="owntracks", name="phone"):
    answer = phone.caller.post("/me/devices", {"name": name, "app": app})
    assert answer.status_code == 201, answer.json
    return answer.json


def basic(made):
    pair = f"{made['device']['id']}:{made['secret']}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


def location(phone, seconds=0, **more):
    tst = int(phone.walk.started_at.timestamp()) + 1 + seconds
    return {"_type": "location", "lat": 26.09, "lon": 119.29, "tst": tst, "acc": 9, **more}


def owntracks(phone, made, message, headers=None):
    raw = message if isinstance(message, bytes) else json.dumps(message).encode()
    return phone.app.test_client().post(
        "/api/v1/wire/owntracks",
        data=raw,
        content_type="application/json",
        headers=basic(made) if headers is None else headers,
    )


def waiting():
    return collection(WaitingFix).count_documents({"point": {"$exists": True}})


class TestDevices:
    def test_a_device_is_set_up_with_what_its_app_reads(self, phone):
        made = registered(phone)
        wanted = json.loads(made["set_up"]["file_text"])
        assert wanted["url"] == "http://localhost/api/v1/wire/owntracks"
        assert (wanted["username"], wanted["password"]) == (made["device"]["id"], made["secret"])
        assert made["set_up"]["qr_svg"].startswith("<svg")
        assert segno.make(made["set_up"]["link"], error="l", micro=False)

    def test_the_secret_is_never_told_again(self, phone):
        made = registered(phone)
        listed = phone.caller.get("/me/devices")
        assert listed.json["items"][0]["id"] == made["device"]["id"]
        assert made["secret"] not in listed.text

    def test_the_answer_with_the_secret_is_kept_by_no_cache(self, phone):
        answer = phone.caller.post("/me/devices", {"name": "x", "app": "traccar"})
        assert answer.headers["Cache-Control"] == "no-store"

    def test_a_new_secret_ends_the_old_one(self, phone):
        made = registered(phone)
        again = phone.caller.post(f"/me/devices/{made['device']['id']}/secret")
        assert again.status_code == 201
        assert owntracks(phone, made, location(phone)).status_code == 401
        assert owntracks(phone, again.json, location(phone)).status_code == 200

    def test_a_revoked_device_is_heard_no_more(self, phone):
        made = registered(phone)
        path = f"/me/devices/{made['device']['id']}"
        assert phone.caller.delete(path).status_code == 204
        assert phone.caller.delete(path).status_code == 404
        assert owntracks(phone, made, location(phone)).status_code == 401

    @pytest.mark.parametrize(
        "body",
        [
            {"name": "", "app": "traccar"},
            {"name": "x", "app": "whatsapp"},
            {"name": "x", "app": "traccar", "datum": "nad27"},
        ],
    )
    def test_what_is_no_device_is_refused(self, phone, body):
        assert phone.caller.post("/me/devices", body).status_code == 422

    def test_a_name_twice_is_a_conflict_that_says_what_to_do(self, phone):
        registered(phone)
        answer = phone.caller.post("/me/devices", {"name": "phone", "app": "traccar"})
        assert (answer.status_code, answer.json["code"]) == (409, "DeviceNameTaken")


class TestOwnTracks:
    def test_a_location_waits_in_the_inbox_and_reaches_the_track(self, phone):
        made = registered(phone)
        assert owntracks(phone, made, location(phone)).status_code == 200
        assert waiting() == 1
        pack_inbox_of(phone.actor.person_id)
        assert len(track_of(phone.walk.id).points) == 1

    def test_the_tasks_area_is_told_once_and_again_on_report_now(self, phone):
        made = registered(phone)
        (command,) = owntracks(phone, made, location(phone)).json
        assert (command["_type"], command["action"]) == ("cmd", "setWaypoints")
        place = command["waypoints"]["waypoints"][0]
        assert place["_type"] == "waypoint"
        assert place["desc"] == phone.task.title
        assert place["rad"] >= 50
        assert owntracks(phone, made, location(phone, 1)).json == []
        assert len(owntracks(phone, made, location(phone, 2, t="u")).json) == 1

    @pytest.mark.parametrize(
        "message",
        [
            b"",
            b"not json",
            b"\xff\xfe",
            b"[" * 3000,
            [],
            7,
            {"_type": "encrypted", "data": "x"},
            {"_type": "lwt", "tst": 1},
            {"_type": "transition", "event": "enter", "tst": 1},
            {"_type": "waypoint", "desc": "x", "lat": 1, "lon": 2, "tst": 1},
            {"_type": "location", "lat": 91, "lon": 1, "tst": 1},
            {"_type": "location", "lat": "NaN", "lon": None, "tst": "soon"},
            {"_type": "location", "tst": 10**30, "lat": 1, "lon": 1},
            {"_type": {"a": 1}},
        ],
    )
    def test_nothing_that_is_posted_blocks_the_phones_queue(self, phone, message):
        answer = owntracks(phone, registered(phone), message)
        assert (answer.status_code, waiting()) == (200, 0)
        assert isinstance(answer.json, list)

    def test_a_bad_point_is_quarantined_for_its_owner_to_see(self, phone):
        made = registered(phone)
        owntracks(phone, made, location(phone, lat=91))
        answer = phone.caller.get(f"/me/devices/{made['device']['id']}/quarantined-fixes")
        (one,) = answer.json["items"]
        assert (one["why"], one["about"]) == ("bad_latitude", "91.0")
        assert one["reason"] == "lat must be -90 to 90 degrees."

    @pytest.mark.parametrize(
        "headers", [{}, {"Authorization": "Basic !!"}, {"Authorization": "Bearer x"}]
    )
    def test_only_a_wrong_secret_is_refused(self, phone, headers):
        answer = owntracks(phone, registered(phone), location(phone), headers)
        assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")

    def test_an_owners_own_token_is_no_devices_secret(self, phone):
        registered(phone)
        assert phone.caller.post("/wire/owntracks", location(phone)).status_code == 401

    def test_one_device_that_sends_too_much_is_slowed_down_alone(self, phone, monkeypatch):
        few = SimpleNamespace(limit_fixes_per_device="3 per minute")
        monkeypatch.setattr(phones_wire_routes, "settings", lambda: few)
        one, other = registered(phone), registered(phone, name="other")
        answers = [owntracks(phone, one, location(phone, s)).status_code for s in range(4)]
        assert answers == [200, 200, 200, 429]
        assert owntracks(phone, one, location(phone)).headers["Retry-After"]
        assert owntracks(phone, other, location(phone)).status_code == 200

    def test_a_database_that_is_away_is_a_fault_that_passes(self, phone, monkeypatch):
        made = registered(phone)

        def away(*_given, **_more):
            raise AutoReconnect("away")

        monkeypatch.setattr(Collection, "insert_many", away)
        answer = owntracks(phone, made, location(phone))
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]


class TestTraccar:
    def ask(self, phone, made, **form):
        named = f"{made['device']['id']}.{made['secret']}"
        said = {"id": named, "lat": 26.09, "lon": 119.29, **form}
        return phone.app.test_client().get("/api/v1/wire/traccar", query_string=said)

    def test_the_query_form_is_taken_and_the_same_again_is_known(self, phone):
        made = registered(phone, "traccar")
        at = int(phone.walk.started_at.timestamp()) + 1
        said = {"timestamp": at, "speed": 2.5, "accuracy": 0}
        assert self.ask(phone, made, **said).json["kept"] == 1
        assert self.ask(phone, made, **said).json == {
            "kept": 0,
            "known": 1,
            "outside": 0,
            "quarantined": 0,
        }

    def test_the_form_may_be_posted(self, phone):
        made = registered(phone, "traccar")
        named = f"{made['device']['id']}.{made['secret']}"
        said = {"deviceid": named, "lat": 26.09, "lon": 119.29}
        answer = phone.app.test_client().post("/api/v1/wire/traccar", data=said)
        assert (answer.status_code, answer.json["kept"]) == (200, 1)

    @pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
    def test_the_json_form_is_taken_whatever_it_is_called(self, phone, kind):
        made = registered(phone, "traccar")
        at = (phone.walk.started_at + timedelta(seconds=1)).isoformat()
        coords = {"latitude": 26.09, "longitude": 119.29, "accuracy": 0, "speed": -1}
        body = {
            "location": {"timestamp": at, "coords": coords, "mock": True},
            "device_id": f"{made['device']['id']}.{made['secret']}",
        }
        client = phone.app.test_client()
        answer = client.post("/api/v1/wire/traccar", data=json.dumps(body), content_type=kind)
        assert (answer.status_code, answer.json["kept"]) == (200, 1)
        (row,) = collection(WaitingFix).find()
        assert set(row["point"]) == {"at", "lat", "lon", "mock"}

    @pytest.mark.parametrize("named", ["", "x", "x.y", "0" * 24 + "."])
    def test_only_a_wrong_identifier_is_refused(self, phone, named):
        client = phone.app.test_client()
        for call in (client.get, client.post):
            answer = call("/api/v1/wire/traccar", query_string={"id": named, "lat": 1, "lon": 2})
            assert answer.status_code == 401

    def test_what_holds_no_position_is_quarantined(self, phone):
        made = registered(phone, "traccar")
        named = f"{made['device']['id']}.{made['secret']}"
        client = phone.app.test_client()
        answer = client.get("/api/v1/wire/traccar", query_string={"id": named, "cell": "1,2"})
        assert (answer.status_code, answer.json["quarantined"]) == (200, 1)


class TestGpsLogger:
    def test_it_sends_again_what_it_sent_and_is_kept_once(self, phone):
        made = registered(phone, "gpslogger")
        at = (phone.walk.started_at + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        said = {"lat": "26.09", "lon": "119.29", "time": at, "acc": "5", "alt": "", "spd": "1"}
        client = phone.app.test_client()
        kept = [
            client.post("/api/v1/wire/gpslogger", data=said, headers=basic(made)).json["kept"],
            client.post("/api/v1/wire/gpslogger", data=said, headers=basic(made)).json["kept"],
            client.get("/api/v1/wire/gpslogger", query_string=said, headers=basic(made)).json[
                "kept"
            ],
        ]
        assert kept == [1, 0, 0]


class TestGpx:
    def post(self, phone, raw, kind=GPX, **query):
        said = {"upload_key": "u1", "datum": "wgs84"} | query
        return phone.app.test_client().post(
            f"/api/v1/participations/{phone.walk.id}/gpx",
            query_string=said,
            data=raw,
            content_type=kind,
            headers={
                "Authorization": f"Bearer {phone.caller.tokens['access_token']}",
                "Accept-Language": "en",
            },
        )

    def recorded(self):
        at = now().isoformat()
        point = f'<trkpt lat="26.09" lon="119.29"><time>{at}</time></trkpt>'
        return f"<gpx><trk><trkseg>{point}<trkpt lat='1' lon='2'/></trkseg></trk></gpx>".encode()

    def test_a_file_is_receipted_point_by_point(self, phone):
        answer = self.post(phone, self.recorded())
        assert answer.status_code == 201
        assert answer.json["accepted"] == 1
        (bad,) = answer.json["rejected"]
        assert (bad["index"], bad["code"]) == (1, "bad_time")

    @pytest.mark.parametrize(
        ("raw", "code"),
        [
            (b"<gpx/>", "GpxWithoutPoints"),
            (b"not xml", "NotGpx"),
            (b"<!DOCTYPE gpx [<!ENTITY a 'b'>]><gpx/>", "GpxWithDoctype"),
            (b"<gpx><trk><trkseg><trkpt lat='1' lon='2'/></trkseg></trk></gpx>", "GpxWithoutTimes"),
        ],
    )
    def test_what_cannot_be_judged_is_refused_with_why(self, phone, raw, code):
        answer = self.post(phone, raw)
        assert (answer.status_code, answer.json["code"]) == (422, code)

    def test_it_must_be_gpx_of_a_size_and_say_its_datum(self, phone):
        assert self.post(phone, self.recorded(), "application/json").status_code == 415
        assert self.post(phone, b" " * 1_100_000).status_code == 413
        assert self.post(phone, self.recorded(), datum="x").status_code == 422
