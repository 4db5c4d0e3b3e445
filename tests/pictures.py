"""Pictures for tests: drawn street scenes, what copies of them look like, and what cameras note."""

import io
import random

import numpy as np
from PIL import ExifTags, Image, ImageDraw, ImageEnhance, ImageFilter


def scene(seed=1, size=(640, 480)):
    """A picture with something in it: sky, houses, windows, people-sized shapes, some noise."""
    chance, (width, height) = random.Random(seed), size
    picture = Image.new("RGB", size, tuple(chance.randrange(90, 230) for _ in range(3)))
    draw = ImageDraw.Draw(picture)
    for _ in range(chance.randrange(8, 16)):
        left, top = chance.randrange(-80, width), chance.randrange(-80, height)
        corner = (left + chance.randrange(40, width // 2), top + chance.randrange(40, height // 2))
        colour = tuple(chance.randrange(256) for _ in range(3))
        shape = draw.ellipse if chance.random() < 0.4 else draw.rectangle
        shape((left, top, *corner), fill=colour)
    levels = np.asarray(picture.filter(ImageFilter.GaussianBlur(2)), np.float64)
    noise = np.random.default_rng(seed).normal(0, 6, levels.shape)
    return Image.fromarray(np.clip(levels + noise, 0, 255).astype(np.uint8))


def plain(level=12, noise=2.0, seed=1, size=(640, 480)):
    """A lens cap, a wall, the night: one grey level and a sensor's noise."""
    levels = np.random.default_rng(seed).normal(level, noise, (size[1], size[0]))
    return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8)).convert("RGB")


def shaded(seed=1, size=(640, 480)):
    """A wall that a lamp lights from one side."""
    chance = random.Random(seed)
    x, y = np.meshgrid(np.linspace(0, 1, size[0]), np.linspace(0, 1, size[1]))
    levels = 40 + chance.random() * 120 * x + chance.random() * 60 * y
    noise = np.random.default_rng(seed).normal(0, 3, levels.shape)
    return Image.fromarray(np.clip(levels + noise, 0, 255).astype(np.uint8)).convert("RGB")


def file_of(picture, kind="JPEG", **more):
    """The picture as the bytes of a file."""
    written = io.BytesIO()
    picture.save(written, kind, **more)
    return written.getvalue()


def photo_file(seed=1, **exif):
    """A JPEG of a scene, with what a camera notes where it is given."""
    return file_of(scene(seed), exif=noted(**exif)) if exif else file_of(scene(seed))


def noted(taken="", offset="", lat=None, lon=None, datum="", orientation=0):
    """Exif as cameras write it: local time, its offset, degrees as rationals."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Sample camera 12345"
    if orientation:
        exif[ExifTags.Base.Orientation] = orientation
    details = exif.get_ifd(ExifTags.IFD.Exif)
    if taken:
        details[ExifTags.Base.DateTimeOriginal] = taken
    if offset:
        details[ExifTags.Base.OffsetTimeOriginal] = offset
    if lat is not None:
        place = exif.get_ifd(ExifTags.IFD.GPSInfo)
        place[ExifTags.GPS.GPSLatitudeRef] = "N" if lat >= 0 else "S"
        place[ExifTags.GPS.GPSLatitude] = _parts(abs(lat))
        place[ExifTags.GPS.GPSLongitudeRef] = "E" if lon >= 0 else "W"
        place[ExifTags.GPS.GPSLongitude] = _parts(abs(lon))
        if datum:
            place[ExifTags.GPS.GPSMapDatum] = datum
    return exif


def _parts(degrees):
    whole = int(degrees)
    minutes = int((degrees - whole) * 60)
    return (float(whole), float(minutes), round((degrees - whole - minutes / 60) * 3600, 4))


def copies_of(picture):
    """Name → the picture as somebody sends it again: smaller, poorer, brighter, turned round."""
    width, height = picture.size
    third = picture.resize((width // 3, height // 3))
    poor = Image.open(io.BytesIO(file_of(picture, quality=40)))
    return {
        "a third of the size": third,
        "saved again at quality 40": poor,
        "brighter": ImageEnhance.Brightness(picture).enhance(1.2),
        "darker": ImageEnhance.Brightness(picture).enhance(0.8),
        "more contrast": ImageEnhance.Contrast(picture).enhance(1.2),
        "grey": picture.convert("L").convert("RGB"),
        "as PNG": Image.open(io.BytesIO(file_of(picture, "PNG"))),
        "mirrored": picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    }
