"""Photos over HTTP: sent as a file alone, shown without what the camera added."""

from typing import Any

from flask import Response, request

from api.blueprint import Blueprint
from api.errors import documents
from api.photo_bodies import photo_body
from api.photos_schemas import PHOTO_BODY, PhotoListSchema, PhotoQuerySchema, PhotoSchema
from api.positions_schemas import in_wgs84
from api.signing_in import SIGNED_IN, caller, may_call
from shared.photos import SHOWN_TYPE
from tasks import Photo, SentPhoto, photo_seen, photos_of, store_photo

blp = Blueprint("photos", __name__, description="Photos as proof · 照片")

_PICTURE = {"type": "string", "format": "binary"}


@blp.post("/participations/<participation_id>/photos")
@may_call(SIGNED_IN)
@documents(404, 409, 413)
@blp.doc(**PHOTO_BODY)
@blp.arguments(PhotoQuerySchema, location="query")
@blp.response(201, PhotoSchema)
def post_photo(query: dict[str, Any], participation_id: str) -> Photo:
    """Send one photo, the file alone as the body; before finishing, for a judge does not wait."""
    sent = SentPhoto(
        raw=photo_body(),
        content_type=request.mimetype,
        about=query["about"],
        taken_at=query["taken_at"],
        position=in_wgs84(query) if "datum" in query else None,
    )
    return store_photo(participation_id, query["upload_key"], sent, by=caller())


@blp.get("/participations/<participation_id>/photos")
@may_call(SIGNED_IN)
@documents(404)
@blp.response(200, PhotoListSchema)
def list_photos(participation_id: str) -> dict[str, list[Photo]]:
    """What was photographed on one participation."""
    return {"items": photos_of(participation_id, by=caller())}


@blp.get("/photos/<photo_id>")
@may_call(SIGNED_IN)
@documents(404)
@blp.response(200, _PICTURE, content_type=SHOWN_TYPE)
def get_photo(photo_id: str) -> Response:
    """One picture, to its sender and to the officers of the unit, whose looks are logged."""
    picture = photo_seen(photo_id, by=caller())
    return Response(
        picture,
        content_type=SHOWN_TYPE,
        headers={"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"},
    )
