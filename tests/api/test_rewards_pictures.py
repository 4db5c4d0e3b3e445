"""Pictures of rewards over HTTP: a file alone, shown to the signed-in, kept by their browsers."""

import io

import pytest
from PIL import Image
from shop_world import Shop

from settings import settings
from tests.pictures import photo_file


@pytest.fixture
def shop(app):
    return Shop(app)


def send(caller, reward_id, raw=None, *, kind="image/jpeg"):
    raw = photo_file(1) if raw is None else raw
    path = f"/rewards/{reward_id}/pictures"
    return caller.call("POST", path, data=raw, content_type=kind)


def test_a_picture_is_sent_shown_without_its_notes_and_taken_down(shop):
    reward_id, resident = shop.offered(), shop.resident()
    raw = photo_file(1, taken="2017:12:04 19:30:00", lat=26.09, lon=119.29)
    first, again = send(shop.officer, reward_id, raw), send(shop.officer, reward_id, raw)
    assert (first.status_code, first.json) == (201, again.json)
    (picture_id,) = resident.get(f"/rewards/{reward_id}").json["picture_ids"]
    path = f"/rewards/{reward_id}/pictures/{picture_id}"
    shown = resident.get(path)
    assert (shown.status_code, shown.content_type) == (200, "image/jpeg")
    assert shown.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert b"Sample camera" not in shown.data
    assert Image.open(io.BytesIO(shown.data)).size == (640, 480)
    for _ in range(2):
        down = shop.officer.call("DELETE", path)
        assert (down.status_code, down.json["picture_ids"]) == (200, [])
    gone = resident.get(path)
    assert (gone.status_code, gone.json["code"]) == (404, "PictureNotFound")


def test_who_may_send_see_and_take_down(shop):
    reward_id = shop.offered()
    picture_id = send(shop.officer, reward_id).json["picture_ids"][0]
    path = f"/rewards/{reward_id}/pictures/{picture_id}"
    nobody = type(shop.clerk)(shop.app, "", "")
    assert send(nobody, reward_id).status_code == 401
    assert nobody.get(path).status_code == nobody.call("DELETE", path).status_code == 401
    for caller in (shop.clerk, shop.resident()):
        assert send(caller, reward_id).status_code == 403
        assert caller.call("DELETE", path).status_code == 403
        assert caller.get(path).status_code == 200


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"<svg/>", "image/svg+xml"),
        (photo_file(1), "image/png"),
        (photo_file(1)[:500], "image/jpeg"),
        (b"{}", "application/json"),
    ],
)
def test_what_is_no_picture_is_refused(shop, raw, kind):
    answer = send(shop.officer, shop.offered(), raw, kind=kind)
    assert (answer.status_code, answer.json["code"]) == (422, "NotAPhoto")


def test_a_file_too_large_is_refused(shop):
    answer = send(shop.officer, shop.offered(), b"x" * (settings().max_photo_bytes + 1))
    assert answer.status_code == 413


def test_a_seventh_picture_is_refused(shop):
    reward_id = shop.offered()
    for number in range(6):
        assert send(shop.officer, reward_id, photo_file(number)).status_code == 201
    seventh = send(shop.officer, reward_id, photo_file(7))
    assert (seventh.status_code, seventh.json["code"]) == (409, "TooManyPictures")
