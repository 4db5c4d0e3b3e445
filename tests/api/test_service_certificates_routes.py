"""Certificates of service over HTTP: issued, printed, proven, checked by a stranger's script."""

import json
import re
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.limits import limiter
from api.service_certificates_routes import PROOFS_PER_ADDRESS
from api.signing_in import tokens_for
from fixtures.factories import a_resident
from settings import settings
from tests.honours.certificates.certificate_world import NAME, a_volunteer
from tests.worked import withdraw

DOCS = Path(__file__).parents[2] / "docs"
SCRIPT, PAGE = DOCS / "check_certificate.py", DOCS / "certificates.md"
WISH = {"since": "2026-01-01", "until": "2026-06-30"}
MINE, ALL = "/api/v1/me/service-certificates", "/api/v1/service-certificates"


@pytest.fixture
def world():
    return a_volunteer()


@pytest.fixture
def call(app, world):
    """Calls the API as the volunteer, or as `by`; as nobody where `by` is None."""

    def send(method, path, body=None, *, by=world.who, key="certificate-0001", **headers):
        headers = {"Accept-Language": "en", "Idempotency-Key": key} | headers
        if by is not None:
            with app.app_context():
                tokens = tokens_for(by.person_id, by.session_id, 1)
            headers["Authorization"] = f"Bearer {tokens['access_token']}"
        sent = {} if body is None else {"json": body}
        return app.test_client().open(path, method=method, headers=headers, **sent)

    return send


@pytest.fixture
def made(call):
    answer = call("POST", MINE, WISH)
    assert answer.status_code == 201, answer.json
    return answer.json


def test_one_s_own_certificate_shows_the_name_and_strangers_see_it_masked(call, made):
    assert (made["real_name"], made["state"]) == (NAME, "valid")
    assert call("POST", MINE, WISH).json == made
    assert [one["id"] for one in call("GET", MINE).json["items"]] == [made["id"]]
    for named in (made["id"], made["number"], made["number"].lower().replace("-", "")):
        answer = call("GET", f"{ALL}/{named}", by=None)
        assert (answer.status_code, answer.json["standing"]) == (200, "genuine")
        assert NAME not in answer.text
        assert made["name_key"] not in answer.text
        assert answer.json["facts"] == made["facts"]


def test_others_print_and_take_back_nothing(call, made):
    other = a_resident()
    for method, path in [("GET", "page"), ("POST", "revocation")]:
        assert call(method, f"{ALL}/{made['id']}/{path}", by=None).status_code == 401
        assert call(method, f"{ALL}/{made['id']}/{path}", by=other).status_code == 404
    assert call("GET", MINE, by=other).json["items"] == []
    assert call("GET", f"{ALL}/{made['id']}", by=None).json["standing"] == "genuine"


@pytest.mark.parametrize(
    ("language", "title"), [("en", "Certificate of"), ("zh-CN", "志愿服务证明")]
)
def test_the_page_is_its_owners_in_both_languages_and_runs_nothing(call, made, language, title):
    answer = call("GET", f"{ALL}/{made['id']}/page?language={language}")
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert title in answer.text
    assert NAME in answer.text
    assert f"{settings().public_url}{ALL}/{made['number']}/verification" in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    by_header = call("GET", f"{ALL}/{made['id']}/page", **{"Accept-Language": language})
    assert by_header.text == answer.text


def test_whatever_host_a_request_names_the_qr_leads_to_the_address_that_is_set(call, made):
    path = f"{ALL}/{made['id']}/page"
    assert call("GET", path, Host="evil.example").text == call("GET", path).text
    assert made["facts"]["address"] == settings().public_url


def test_who_scans_the_qr_reads_a_page(call, made, world):
    answer = call("GET", f"{ALL}/{made['number']}/verification", by=None)
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert "Genuine" in answer.text
    assert NAME not in answer.text
    withdraw(world.done[0])
    assert "No longer agrees" in call("GET", f"{ALL}/{made['number']}/verification", by=None).text
    missing = call("GET", f"{ALL}/<b>nothing<b>/verification", by=None)
    assert (missing.status_code, missing.mimetype) == (200, "text/html")
    assert "Not found" in missing.text
    assert "<b>nothing" not in missing.text


def test_work_withdrawn_shows_what_stands_and_taken_back_shows_nothing(call, made, world):
    withdraw(world.done[0])
    said = call("GET", f"{ALL}/{made['id']}", by=None).json
    assert said["standing"] == "no_longer_agrees"
    assert said["total_now"] == {"participations": 2, "seconds": 8_100, "metres": 2_900}
    assert {one["kind"]: one["participations"] for one in said["stands_now"]} == {
        "care_visit": 1,
        "patrol": 1,
    }
    answer = call("POST", f"{ALL}/{made['id']}/revocation")
    assert (answer.status_code, answer.json["state"]) == (201, "revoked")
    assert call("POST", f"{ALL}/{made['id']}/revocation").json == answer.json
    said = call("GET", f"{ALL}/{made['id']}", by=None).json
    assert said["standing"] == "revoked"
    assert "revoked_because" not in said
    assert [said[name] for name in ("facts", "signature", "stands_now")] == [None] * 3


def test_a_stranger_compares_the_whole_name_with_the_paper(call, made):
    path = f"{ALL}/{made['number']}/name-check"
    typed = {"name": NAME, "name_key": made["name_key"]}
    assert call("POST", path, typed, by=None).json == {"is_name": True}
    assert call("POST", path, typed | {"name": "示例老人"}, by=None).json == {"is_name": False}
    assert call("POST", path, typed | {"name": ""}, by=None).status_code == 422
    assert call("POST", path, {"name": NAME}, by=None).status_code == 422
    assert call("POST", f"{ALL}/{'9' * 24}/name-check", typed, by=None).status_code == 404
    call("POST", f"{ALL}/{made['id']}/revocation")
    assert call("POST", path, typed, by=None).status_code == 404


def test_and_does_so_in_the_form_of_the_page(app, made):
    path = f"{ALL}/{made['number']}/verification"
    send = app.test_client()
    asked = send.get(f"{path}?language=en")
    assert "form-action 'self'" in asked.headers["Content-Security-Policy"]
    assert re.findall(r'<input name="(\w+)"', asked.text) == ["name", "name_key"]
    typed = {"name": NAME, "name_key": made["name_key"]}
    fits = send.post(f"{path}?language=en", data=typed)
    assert (fits.status_code, "those of this certificate" in fits.text) == (200, True)
    assert NAME not in fits.text
    differs = send.post(f"{path}?language=en", data=typed | {"name": "示例老人"})
    assert "not the one that was certified" in differs.text
    missing = send.post(f"{ALL}/nothing/verification?language=en", data=typed)
    assert (missing.status_code, "Not found" in missing.text) == (200, True)


def test_odd_wishes_are_told_what_is_wrong(call):
    for wrong in (
        {"until": "2026-13-01"},
        {"since": "2026-07-01"},
        {"kinds": ["<b>"]},
        {"kinds": ["x"] * 51},
        {"person_id": "0" * 24},
    ):
        assert call("POST", MINE, WISH | wrong).status_code == 422, wrong
    none = call("POST", MINE, WISH | {"kinds": ["drill"]})
    assert (none.status_code, none.json["code"]) == (409, "NothingToCertify")
    assert call("GET", f"{MINE}?cursor=x").status_code == 422
    assert call("GET", f"{ALL}/{'9' * 24}", by=None).status_code == 404


def test_guessing_is_slowed_down(call, monkeypatch):
    monkeypatch.setattr(limiter, "enabled", True)
    most = int(PROOFS_PER_ADDRESS.split()[0])
    codes = [call("GET", f"{ALL}/{number:024x}", by=None).status_code for number in range(most + 1)]
    assert codes == [404] * most + [429]
    assert call("GET", f"{ALL}/{0:024x}/verification", by=None).status_code == 429


# ---- the script that knows nothing of this server


@pytest.fixture
def checked(tmp_path):
    """Runs the script with a Python that sees nothing of this project."""

    def run(certificate, keys, *more):
        paths = []
        for name, content in (("certificate", certificate), ("keys", keys)):
            path = tmp_path / f"{name}.json"
            path.write_text(json.dumps(content), "utf-8")
            paths.append(str(path))
        command = [sys.executable, "-I", str(SCRIPT), *paths, *more]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    return run


@pytest.fixture
def fetched(call, made):
    keys = call("GET", "/api/v1/certificate-keys", by=None).json
    return call("GET", f"{ALL}/{made['number']}", by=None).json, keys


def test_a_stranger_checks_signature_and_whole_name(checked, fetched, made):
    code, said = checked(*fetched)
    assert (code, made["number"] in said) == (0, True), said
    named = ("--name", NAME, "--name-key", made["name_key"])
    assert checked(*fetched, *named)[0] == 0
    assert checked(*fetched, "--name", "示例老人", "--name-key", made["name_key"])[0] == 1
    assert checked(*fetched, "--name", NAME, "--name-key", made["number"])[0] == 1


def test_the_stranger_finds_what_was_tampered_with(checked, fetched):
    certificate, keys = fetched
    for change in (
        {"facts": certificate["facts"] | {"seconds": 99_999}},
        {"facts": certificate["facts"] | {"holder": "王***"}},
        {"facts": certificate["facts"] | {"more": 1}},
        {"signature": "0" * 128},
        {"facts": None},
    ):
        assert checked(certificate | change, keys)[0] == 1, change
    own = deepcopy(keys)
    stranger = Ed25519PrivateKey.generate().public_key()
    own["keys"][0]["public_key"] = stranger.public_bytes_raw().hex()
    assert checked(certificate, own)[0] == 1
    assert checked(certificate, {"keys": []})[0] == 1
    assert checked({"number": "x"}, [])[0] != 0
    assert checked(certificate, {})[0] == 2


def test_the_example_of_the_documentation_is_genuine(checked):
    text = PAGE.read_text("utf-8")
    certificate, keys = (json.loads(one) for one in re.findall(r"```json\n(.*?)```", text, re.S))
    named = re.search(r"--name (\S+) --name-key (\S+)", text)
    code, said = checked(certificate, keys, "--name", named[1], "--name-key", named[2])
    assert code == 0, said
    signed = json.dumps(certificate["facts"], sort_keys=True, separators=(",", ":"))
    assert f"```\n{signed}\n```" in text
    listed = set(re.findall(r"`(\w+)`", text))
    assert set(certificate["facts"]) <= listed
