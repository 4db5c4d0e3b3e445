"""A reward's pictures over HTTP: sent as a file alone, shown without what the camera added."""

from flask import Response, request

from api.blueprint import Blueprint
from api.errors import documents
from api.photo_bodies import photo_body
from api.photos_schemas import PHOTO_BODY
from api.rewards_schemas import RewardSchema
from api.signing_in import SIGNED_IN, caller, may_call
from catalog import RewardOnOffer, add_picture, picture_seen, remove_picture, reward_with_stocks
from people import Role
from shared.photos import SHOWN_TYPE

blp = Blueprint("reward pictures", __name__, description="Pictures of rewards · 奖品图片")

_PICTURE = {"type": "string", "format": "binary"}


@blp.post("/rewards/<string:reward_id>/pictures")
@may_call(Role.CENTRE_OFFICER, Role.ADMIN)
@documents(404, 409, 413, 422, 503)
@blp.doc(**PHOTO_BODY)
@blp.response(201, RewardSchema)
def post_picture(reward_id: str) -> RewardOnOffer:
    """Add a picture, the file alone as the body; the same file again adds nothing."""
    return reward_with_stocks(add_picture(reward_id, photo_body(), request.mimetype, by=caller()))


@blp.get("/rewards/<string:reward_id>/pictures/<string:picture_id>")
@may_call(SIGNED_IN)
@documents(404)
@blp.response(200, _PICTURE, content_type=SHOWN_TYPE)
def get_picture(reward_id: str, picture_id: str) -> Response:
    """One picture; what is under its id never changes, so that it may be kept."""
    return Response(
        picture_seen(reward_id, picture_id, by=caller()),
        content_type=SHOWN_TYPE,
        headers={
            "Cache-Control": "private, max-age=31536000, immutable",
            "X-Content-Type-Options": "nosniff",
        },
    )


@blp.delete("/rewards/<string:reward_id>/pictures/<string:picture_id>")
@may_call(Role.CENTRE_OFFICER, Role.ADMIN)
@documents(404)
@blp.response(200, RewardSchema)
def delete_picture(reward_id: str, picture_id: str) -> RewardOnOffer:
    """Take a picture down and erase it."""
    return reward_with_stocks(remove_picture(reward_id, picture_id, by=caller()))
