"""Photos as phones send them: read, measured, and drawn anew without what the camera added."""

import hashlib
import io
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

import imagehash
import numpy as np
from PIL import ExifTags, Image, ImageOps

from shared.errors import Invalid
from shared.i18n import Text

# Content type → what Pillow calls it. A phone's JPEG with a depth map beside it is an MPO.
FORMATS = {
    "image/jpeg": ("JPEG", "MPO"),
    "image/png": ("PNG",),
    "image/webp": ("WEBP",),
}
SHOWN_TYPE = "image/jpeg"
# A JPEG is decoded at a fraction of its size, the others whole, so they may hold less.
MAX_JPEG_PIXELS = 50_000_000
MAX_OTHER_PIXELS = 16_000_000
# libjpeg-turbo's authors warn of tiny files with endless progressive scans; cameras write ten.
MAX_JPEG_SCANS = 100
SHOWN_SIDE_PIXELS = 2_048
SHOWN_QUALITY = 80
# So few grey levels of variation (standard deviation, of 255) beyond plain shading leave a
# perceptual hash nothing but noise to hash: a lens cap, a wall, the night sky.
LEAST_RELIEF = 4.0
_RELIEF_SIDE_PIXELS = 32
# A picture unpacked takes a hundred times its file: one at a time in a process.
_ONE_AT_A_TIME = threading.Lock()


class NotAPhoto(Invalid):
    """Raised when a body is no JPEG, PNG or WebP picture, or not of the kind that it says."""

    message = Text(
        "Send one photo as image/jpeg, image/png or image/webp.",
        "请上传一张 JPEG、PNG 或 WebP 格式的照片，并注明正确的类型。",
    )


class PhotoTooLarge(Invalid):
    """Raised when a picture would unpack to more pixels than a phone's camera takes."""

    message = Text(
        "The photo has too many pixels; at most {most} are taken.",
        "照片像素过多，最多 {most} 像素。",
    )


@dataclass(frozen=True)
class ReadPhoto:
    """A photo: `sha256` of the bytes received, what it looks like, what its camera noted.

    `looks` are perceptual hashes (16 hex digits) of the picture and of its mirror image; none
    where there is too little in it to be recognised by. `taken_at` and `position` ((lat, lon),
    WGS-84) are the camera's own words, None where it says nothing. `shown` is a JPEG without them.
    """

    sha256: str
    looks: tuple[str, ...]
    width: int
    height: int
    taken_at: datetime | None
    position: tuple[float, float] | None
    shown: bytes


def read_photo(raw: bytes, content_type: str, zone: tzinfo) -> ReadPhoto:
    """The photo in `raw`; a camera's time without an offset is read as of `zone`.

    Raises NotAPhoto, PhotoTooLarge.
    """
    formats = FORMATS.get(content_type)
    if formats is None or not raw or raw.count(b"\xff\xda") > MAX_JPEG_SCANS:
        raise NotAPhoto("body")
    with _ONE_AT_A_TIME:
        try:
            with Image.open(io.BytesIO(raw), formats=formats[:1]) as image:
                return _read(image, raw, zone)
        except PhotoTooLarge:
            raise
        except Image.DecompressionBombError:
            raise PhotoTooLarge("body", most=MAX_JPEG_PIXELS) from None
        except Exception:  # whatever a decoder trips over, the file is no photo
            raise NotAPhoto("body") from None


def _read(image: Image.Image, raw: bytes, zone: tzinfo) -> ReadPhoto:
    is_jpeg = image.format in FORMATS["image/jpeg"]
    most = MAX_JPEG_PIXELS if is_jpeg else MAX_OTHER_PIXELS
    width, height = image.size
    if width * height > most:
        raise PhotoTooLarge("body", most=most)
    exif = _exif_of(image)
    image.draft("RGB", (SHOWN_SIDE_PIXELS, SHOWN_SIDE_PIXELS))
    clean = _without_extras(image)
    return ReadPhoto(
        sha256=hashlib.sha256(raw).hexdigest(),
        looks=looks_of(clean),
        width=width,
        height=height,
        taken_at=_taken_at(exif, zone),
        position=_position(exif),
        shown=_as_jpeg(clean),
    )


def _without_extras(image: Image.Image) -> Image.Image:
    """The pixels alone, upright, on white, at most SHOWN_SIDE_PIXELS wide and high."""
    image.thumbnail((SHOWN_SIDE_PIXELS, SHOWN_SIDE_PIXELS))
    upright = ImageOps.exif_transpose(image)
    drawn = upright.convert("RGBA") if upright.has_transparency_data else upright.convert("RGB")
    # Pasted onto a new one: copies would carry comments and profiles along.
    clean = Image.new("RGB", drawn.size, "white")
    clean.paste(drawn, mask=drawn if drawn.mode == "RGBA" else None)
    return clean


def _as_jpeg(clean: Image.Image) -> bytes:
    written = io.BytesIO()
    clean.save(written, "JPEG", quality=SHOWN_QUALITY)
    return written.getvalue()


def looks_of(picture: Image.Image) -> tuple[str, ...]:
    """The perceptual hashes of a picture and of its mirror image; none for a plain one."""
    grey = picture.convert("L")
    if relief_of(grey) < LEAST_RELIEF:
        return ()
    return tuple(str(imagehash.phash(one)) for one in (grey, ImageOps.mirror(grey)))


def relief_of(grey: Image.Image) -> float:
    """How much there is to see: the spread of grey levels beyond what rows and columns explain.

    What two mean profiles explain is shading: light falling off towards an edge, plain stripes.
    """
    small = grey.resize((_RELIEF_SIDE_PIXELS, _RELIEF_SIDE_PIXELS), Image.Resampling.BOX)
    levels = np.asarray(small, np.float64)
    shading = levels.mean(axis=0)[None, :] + levels.mean(axis=1)[:, None] - levels.mean()
    return float((levels - shading).std())


def _exif_of(image: Image.Image) -> Image.Exif | None:
    try:
        return image.getexif()
    except Exception:  # a camera's garbled notes are no reason to refuse its picture
        return None


def _taken_at(exif: Image.Exif | None, zone: tzinfo) -> datetime | None:
    """Exif 2.32, 4.6.6: DateTimeOriginal in local time, OffsetTimeOriginal where it is known."""
    noted = _ifd(exif, ExifTags.IFD.Exif)
    try:
        local = datetime.strptime(  # noqa: DTZ007 - the offset follows
            str(noted[ExifTags.Base.DateTimeOriginal]).strip("\0 "), "%Y:%m:%d %H:%M:%S"
        )
        offset = str(noted.get(ExifTags.Base.OffsetTimeOriginal, "")).strip("\0 ")
        aware = datetime.fromisoformat(f"{local.isoformat()}{offset}")
        moment = (aware if aware.tzinfo else aware.replace(tzinfo=zone)).astimezone(UTC)
    except (KeyError, ValueError, OverflowError):
        return None
    return moment if 2000 <= moment.year <= 2100 else None


def _position(exif: Image.Exif | None) -> tuple[float, float] | None:
    """Exif 2.32, 4.6.7: degrees, minutes, seconds as rationals, of the receiver's own WGS-84.

    Where GPSMapDatum names another datum the position is left alone.
    """
    noted = _ifd(exif, ExifTags.IFD.GPSInfo)
    named = str(noted.get(ExifTags.GPS.GPSMapDatum, "")).strip("\0 ").upper().replace(" ", "")
    if named not in ("", "WGS-84", "WGS84"):
        return None
    lat = _degrees(noted, ExifTags.GPS.GPSLatitude, ExifTags.GPS.GPSLatitudeRef, "S")
    lon = _degrees(noted, ExifTags.GPS.GPSLongitude, ExifTags.GPS.GPSLongitudeRef, "W")
    # NaN compares as out of bounds; a receiver without a fix writes noughts.
    if lat is None or lon is None or not (abs(lat) <= 90 and abs(lon) <= 180) or lat == lon == 0:
        return None
    return round(lat, 6), round(lon, 6)


def _ifd(exif: Image.Exif | None, which: int) -> dict[int, Any]:
    try:
        return dict(exif.get_ifd(which)) if exif is not None else {}
    except Exception:  # garbled notes again
        return {}


def _degrees(noted: dict[int, Any], value: int, ref: int, negative: str) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in noted[value])
        total = degrees + minutes / 60 + seconds / 3600
        side = noted[ref]
        side = side.decode("ascii", "replace") if isinstance(side, bytes) else str(side)
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    return -total if side.strip("\0 ").upper() == negative else total
