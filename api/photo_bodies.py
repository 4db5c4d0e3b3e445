"""A picture as the whole body of a request, so that no form has to be taken apart."""

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from settings import settings


def photo_body() -> bytes:
    """The file, which may be larger than any other body. Raises RequestEntityTooLarge."""
    most = settings().max_photo_bytes
    request.max_content_length = most
    raw = request.get_data(cache=False)
    # A body that comes in chunks is cut at the limit, and would be half a picture.
    if request.content_length is None and len(raw) >= most:
        raise RequestEntityTooLarge
    return raw
