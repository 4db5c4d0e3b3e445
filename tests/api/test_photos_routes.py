"""Photos over HTTP: a file alone, larger than other bodies, shown to whom it concerns."""

import io

import pytest
from duty_world import POSITION, Duty
from PIL import Image

from settings import settings
from shared.ids import new_id
from tasks import looks_at
from tests.pictures import file_of, photo_file, scene
from tests.racing import at_once


@pytest.fixture
def duty(app):
    return Duty(app)


def send(caller, path, raw=None, *, key="p1", kind="image/jpeg", **query):
    raw = photo_file(1) if raw is None else raw
    return caller.call(
        "POST",
        f"{path}/photos",
        data=raw,
        content_type=kind,
        query_string={"upload_key": key, **query},
    )


def test_a_photo_is_sent_listed_and_shown_without_its_notes(duty):
    raw = photo_file(1, taken="2017:12:04 19:30:00", lat=26.09, lon=119.29)
    answer = send(duty.walker, duty.path, raw, about="鼓西一村", **POSITION)
    assert answer.status_code == 201, answer.json
    assert answer.json["camera_at"] == "2017-12-04T11:30:00+00:00"
    assert "position" not in answer.text
    assert duty.walker.get(f"{duty.path}/photos").json["items"] == [answer.json]
    shown = duty.walker.get(f"/photos/{answer.json['id']}")
    assert (shown.status_code, shown.content_type) == (200, "image/jpeg")
    assert shown.headers["Cache-Control"] == "private, no-store"
    assert b"Sample camera" not in shown.data
    assert Image.open(io.BytesIO(shown.data)).size == (640, 480)


def test_the_same_upload_again_and_at_once_answers_the_same(duty):
    got = at_once(5, lambda _: send(duty.walker, duty.path))
    assert {answer.status_code for answer in got} == {201}
    assert len({answer.json["id"] for answer in got}) == 1
    other = send(duty.walker, duty.path, photo_file(2))
    assert (other.status_code, other.json["code"]) == (409, "PhotoKeyReused")


def test_nobody_and_strangers_neither_send_nor_see(duty):
    photo_id = send(duty.walker, duty.path).json["id"]
    stranger = duty.resident()
    for path in (f"{duty.path}/photos", f"/photos/{photo_id}"):
        assert duty.nobody.get(path).status_code == 401
        assert stranger.get(path).status_code == 404
    assert send(duty.nobody, duty.path).status_code == 401
    assert send(stranger, duty.path).status_code == 404
    assert send(duty.officer, duty.path).status_code == 404
    assert duty.walker.get(f"/photos/{new_id()}").status_code == 404


def test_the_officer_sees_it_and_the_owner_sees_that(duty):
    photo_id = send(duty.walker, duty.path).json["id"]
    assert duty.officer.get(f"/photos/{photo_id}").status_code == 200
    looks = looks_at(duty.walker.actor.person_id)
    assert [look.by_id for look in looks] == [duty.officer.actor.person_id]


def test_a_photo_may_be_larger_than_other_bodies_but_not_without_end(duty):
    large = photo_file(1) + b"\0" * 1_500_000
    assert len(large) > settings().max_body_bytes
    assert send(duty.walker, duty.path, large).status_code == 201
    too_large = photo_file(1) + b"\0" * settings().max_photo_bytes
    answer = send(duty.walker, duty.path, too_large, key="p2")
    assert answer.status_code == 413
    assert str(settings().max_photo_bytes) in answer.json["detail"]
    said = {"text": "x" * (settings().max_body_bytes + 1), "incidents": 0}
    assert duty.walker.post(f"{duty.path}/log", said).status_code == 413


def test_a_photo_sent_in_chunks_is_held_against_the_same_limit(duty):
    too_large = photo_file(1) + b"\0" * settings().max_photo_bytes
    answer = duty.walker.call(
        "POST",
        f"{duty.path}/photos",
        input_stream=io.BytesIO(too_large),
        content_type="image/jpeg",
        query_string={"upload_key": "p1"},
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"", "image/jpeg"),
        (b"not a picture", "image/jpeg"),
        (b"{}", "application/json"),
        (b"<svg/>", "image/svg+xml"),
        (file_of(scene(1), "PNG"), "image/jpeg"),
        (file_of(scene(1), "GIF"), "image/gif"),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_what_is_no_photo_is_refused_in_words(duty, raw, kind, language):
    duty.walker.language = language
    answer = send(duty.walker, duty.path, raw, kind=kind)
    assert (answer.status_code, answer.json["code"]) == (422, "NotAPhoto")
    assert ("上传" in answer.json["detail"]) == (language == "zh-CN")


@pytest.mark.parametrize(
    "query",
    [
        {"lat": 26.0},
        {"lat": 26.0, "lon": 119.0},
        {"lat": 26.0, "lon": 119.0, "datum": "x"},
        {"lat": "nan", "lon": 119.0, "datum": "wgs84"},
        {"taken_at": "2017-12-04T19:30:00"},
        {"taken_at": "2099-12-04T19:30:00Z"},
        {"about": ""},
        {"key": "a b"},
        {"other": "1"},
    ],
)
def test_what_is_said_wrongly_with_it_is_refused(duty, query):
    assert send(duty.walker, duty.path, **query).status_code == 422
    assert duty.walker.get(f"{duty.path}/photos").json["items"] == []
