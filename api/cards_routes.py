"""Printed cards over HTTP: one's own, and those that officers print for people without a phone."""

from typing import Any

from flask import Response

from api.blueprint import Blueprint
from api.card_drawings import card_svg
from api.claims_schemas import CardSchema, CardSeenSchema
from api.errors import documents
from api.signing_in import SIGNED_IN, caller, may_call
from people import Card, Role, card_of, reissue_card

blp = Blueprint("cards", __name__, description="Cards of members without a smartphone · 队员卡")


@blp.get("/me/card")
@may_call(SIGNED_IN)
@blp.response(200, CardSchema)
def get_my_card() -> Card:
    """The caller's card, issued at the first look."""
    return card_of(caller().person_id, by=caller())


@blp.get("/me/card.svg")
@may_call(SIGNED_IN)
@blp.response(200, content_type="image/svg+xml")
def get_my_card_picture() -> Response:
    """The caller's card to print."""
    return card_svg(card_of(caller().person_id, by=caller()))


@blp.post("/me/card/reissue")
@may_call(SIGNED_IN)
@blp.arguments(CardSeenSchema)
@blp.response(201, CardSchema)
@documents(409)
def post_my_card_reissue(seen: dict[str, Any]) -> Card:
    """A new card instead of a lost one, which is void from now on."""
    return reissue_card(caller().person_id, seen["version"], by=caller())


@blp.get("/people/<person_id>/card.svg")
@may_call(Role.CENTRE_OFFICER)
@blp.response(200, content_type="image/svg+xml")
@documents(404)
def get_card_picture(person_id: str) -> Response:
    """A person's card to print, by an officer of where they live; the look is on the trail."""
    return card_svg(card_of(person_id, by=caller()))


@blp.post("/people/<person_id>/card/reissue")
@may_call(Role.CENTRE_OFFICER)
@blp.arguments(CardSeenSchema)
@blp.response(201, CardSchema)
@documents(404, 409)
def post_card_reissue(seen: dict[str, Any], person_id: str) -> Card:
    """A new card for a person instead of a lost one, which is void from now on."""
    return reissue_card(person_id, seen["version"], by=caller())
