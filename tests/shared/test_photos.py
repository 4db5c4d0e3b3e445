"""Photos are read for what they are, and nothing the camera added is in what is shown."""

import hashlib
import io
import struct
import zlib
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from shared.photos import MAX_JPEG_SCANS, NotAPhoto, PhotoTooLarge, looks_of, read_photo
from tests.pictures import file_of, noted, photo_file, plain, scene, shaded

PURE = True
ZONE = ZoneInfo("Asia/Shanghai")


def read(raw, kind="image/jpeg"):
    return read_photo(raw, kind, ZONE)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_drawn_anew_as_a_jpeg_and_known_by_its_own_bytes(kind):
    raw = file_of(scene(2), kind)
    photo = read(raw, f"image/{kind.lower()}")
    assert photo.sha256 == hashlib.sha256(raw).hexdigest()
    assert (photo.width, photo.height) == (640, 480)
    shown = Image.open(io.BytesIO(photo.shown))
    assert (shown.format, shown.size) == ("JPEG", (640, 480))


def test_the_cameras_time_and_place_are_read_and_not_shown():
    raw = photo_file(
        taken="2017:12:04 19:30:00", offset="+08:00", lat=26.09, lon=119.29, datum="WGS-84"
    )
    photo = read(raw)
    assert photo.taken_at == datetime(2017, 12, 4, 11, 30, tzinfo=UTC)
    assert photo.position == pytest.approx((26.09, 119.29), abs=1e-5)
    shown = Image.open(io.BytesIO(photo.shown))
    assert not shown.getexif()
    assert "exif" not in shown.info
    assert b"Sample camera" in raw
    assert b"Sample camera" not in photo.shown


def test_comments_profiles_and_text_are_not_shown():
    raw = file_of(scene(1), comment=b"phone 13800138000", icc_profile=b"x" * 200)
    photo = read(raw)
    assert b"13800138000" not in photo.shown
    assert b"ICC_PROFILE" not in photo.shown


def test_a_time_without_its_offset_is_of_the_business_zone():
    assert read(photo_file(taken="2017:12:04 19:30:00")).taken_at == datetime(
        2017, 12, 4, 11, 30, tzinfo=UTC
    )


def test_a_photo_without_notes_has_no_time_and_no_place():
    photo = read(photo_file())
    assert (photo.taken_at, photo.position) == (None, None)


@pytest.mark.parametrize(
    "notes",
    [
        {"taken": "0000:00:00 00:00:00"},
        {"taken": "yesterday"},
        {"taken": "1888:01:01 00:00:00"},
        {"taken": "2017:12:04 19:30:00", "offset": "+99:99"},
    ],
)
def test_a_garbled_time_is_no_time(notes):
    assert read(photo_file(**notes)).taken_at is None


@pytest.mark.parametrize(
    "notes",
    [
        {"lat": 0.0, "lon": 0.0},
        {"lat": 91.0, "lon": 10.0},
        {"lat": 26.0, "lon": 181.0},
        {"lat": 26.0, "lon": 119.0, "datum": "TOKYO"},
    ],
)
def test_a_place_that_is_none_or_of_another_datum_is_left_alone(notes):
    assert read(photo_file(**notes)).position is None


def test_south_and_west_are_negative():
    assert read(photo_file(lat=-33.5, lon=-70.25)).position == pytest.approx((-33.5, -70.25))


def test_a_picture_lying_on_its_side_is_turned_upright():
    photo = read(file_of(scene(4), exif=noted(orientation=6)))
    assert Image.open(io.BytesIO(photo.shown)).size == (480, 640)


def test_a_large_picture_is_shown_smaller():
    photo = read(file_of(scene(5, (4000, 3000))))
    assert (photo.width, photo.height) == (4000, 3000)
    assert Image.open(io.BytesIO(photo.shown)).size == (2048, 1536)


def test_what_is_transparent_is_shown_on_white():
    clear = Image.new("RGBA", (50, 50), (255, 0, 0, 0))
    shown = Image.open(io.BytesIO(read(file_of(clear, "PNG"), "image/png").shown))
    assert min(shown.getpixel((25, 25))) > 250


@pytest.mark.parametrize("kind", ["image/jpeg", "image/png", "image/webp", "image/gif", "", "x"])
@pytest.mark.parametrize(
    "raw", [b"", b"GIF89a", b"<svg/>", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF1234WEBP"]
)
def test_what_is_no_picture_is_refused(raw, kind):
    with pytest.raises(NotAPhoto):
        read(raw, kind)


@pytest.mark.parametrize(("kind", "said"), [("PNG", "image/jpeg"), ("JPEG", "image/webp")])
def test_a_picture_of_another_kind_than_it_says_is_refused(kind, said):
    with pytest.raises(NotAPhoto):
        read(file_of(scene(1), kind), said)


def test_a_kind_that_is_not_taken_is_refused_even_where_it_can_be_read():
    with pytest.raises(NotAPhoto):
        read(file_of(scene(1), "GIF"), "image/gif")


@pytest.mark.parametrize("kept", [100, 1_000, 10_000])
def test_a_picture_cut_off_is_refused(kept):
    with pytest.raises(NotAPhoto):
        read(file_of(scene(1))[:kept])


def png_of(width, height):
    """A small file that unpacks to one colour, as wide and high as wanted (PNG 1.2)."""

    def chunk(name, content):
        check = zlib.crc32(name + content)
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    pixels = zlib.compress(bytes((width + 7) // 8 + 1) * height, 9)
    ends = chunk(b"IDAT", pixels), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(ends)


@pytest.mark.parametrize("side", [5_000, 12_000, 30_000])
def test_a_picture_that_would_unpack_to_gigabytes_is_refused_unread(side):
    bomb = png_of(side, side)
    assert len(bomb) < 1_000_000
    with pytest.raises(PhotoTooLarge):
        read(bomb, "image/png")


def test_endless_scans_are_refused_unread():
    raw = file_of(scene(1), progressive=True)
    assert read(raw).looks
    with pytest.raises(NotAPhoto):
        read(raw + b"\xff\xda" * MAX_JPEG_SCANS)


@pytest.mark.parametrize("picture", [plain(0, 0), plain(12), plain(240, 8), shaded(1), shaded(2)])
def test_a_picture_with_nothing_in_it_has_no_look(picture):
    assert looks_of(picture) == ()


def test_a_scene_has_its_own_look_and_that_of_its_mirror_image():
    own, mirrored = looks_of(scene(1))
    assert own != mirrored
    assert looks_of(scene(1).transpose(Image.Transpose.FLIP_LEFT_RIGHT)) == (mirrored, own)
