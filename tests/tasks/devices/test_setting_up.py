"""Set-up: what an app reads sends it to its own address, often enough, with its own secret."""

import base64
import json
from urllib.parse import parse_qs, urlsplit

import pytest

from tasks import PhoneApp, set_up

PURE = True
API = "https://city.example/api/v1"
ID, SECRET = "0123456789abcdef01234567", "s3cret-_value"
SLOWEST_S = 15


def made(app):
    return set_up(app, ID, "夜巡手机", SECRET, api=API)


def test_owntracks_reads_a_file_and_a_link_that_say_the_same():
    one = made(PhoneApp.OWNTRACKS)
    wanted = json.loads(one.file_text)
    inline = parse_qs(urlsplit(one.link).query)["inline"][0]
    assert json.loads(base64.b64decode(inline)) == wanted
    assert one.file_name.endswith(".otrc")
    assert wanted["_type"] == "configuration"
    assert (wanted["mode"], wanted["monitoring"]) == (3, 2)
    assert wanted["url"] == f"{API}/wire/owntracks"
    assert (wanted["auth"], wanted["username"], wanted["password"]) == (True, ID, SECRET)
    assert wanted["moveModeLocatorInterval"] <= SLOWEST_S
    assert wanted["locatorInterval"] <= SLOWEST_S
    assert wanted["cmd"] is True
    assert wanted["remoteConfiguration"] is False


def test_traccar_client_reads_a_link_whose_identifier_carries_the_secret():
    parts = urlsplit(made(PhoneApp.TRACCAR).link)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{API}/wire/traccar"
    wanted = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert wanted["id"] == f"{ID}.{SECRET}"
    assert int(wanted["interval"]) <= SLOWEST_S
    assert int(wanted["fastest_interval"]) <= SLOWEST_S
    assert wanted["distance"] == "0"
    assert (wanted["buffer"], wanted["stop_detection"]) == ("true", "false")


def test_gpslogger_reads_a_profile():
    one = made(PhoneApp.GPSLOGGER)
    wanted = dict(line.split("=", 1) for line in one.file_text.splitlines())
    assert wanted["log_customurl_url"] == f"{API}/wire/gpslogger"
    assert wanted["log_customurl_basicauth_username"] == ID
    assert wanted["log_customurl_basicauth_password"] == SECRET
    assert int(wanted["time_before_logging"]) <= SLOWEST_S
    assert set(parse_qs(wanted["log_customurl_body"])) == {
        "lat",
        "lon",
        "time",
        "acc",
        "alt",
        "spd",
    }


@pytest.mark.parametrize("app", PhoneApp)
def test_every_app_is_told_its_address_and_how_often(app):
    one = made(app)
    assert one.address.startswith(f"{API}/wire/")
    assert one.username == ID
    assert one.interval_s <= SLOWEST_S
