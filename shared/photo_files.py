"""Where pictures lie: GridFS, under ids made beforehand; who may see one is not asked here."""

import contextlib

from gridfs import GridFSBucket
from gridfs.errors import NoFile

from shared.database import database
from shared.errors import NotFound
from shared.i18n import Text

BUCKET = "photo_files"


class PhotoFileGone(NotFound):
    """Raised when a picture's file was erased, or never arrived."""

    message = Text("This picture is no longer kept.", "该图片已不再保存。")


def store_file(file_id: str, content: bytes) -> None:
    """Keep `content` under `file_id`, which must be fresh."""
    _bucket().upload_from_stream_with_id(file_id, file_id, content)


def file_content(file_id: str) -> bytes:
    """What was stored. Raises PhotoFileGone."""
    try:
        with _bucket().open_download_stream(file_id) as stream:
            return bytes(stream.read())
    except NoFile:
        raise PhotoFileGone from None


def drop_file(file_id: str) -> None:
    """Erase a file, or what a killed upload left of it; repeating it changes nothing."""
    with contextlib.suppress(NoFile):  # raised after the pieces are gone
        _bucket().delete(file_id)


def _bucket() -> GridFSBucket:
    return GridFSBucket(database(), bucket_name=BUCKET)
