"""Rewards over HTTP: what coins buy, where it is, and ordering it."""

from typing import Any

from api.blueprint import Blueprint
from api.errors import documents
from api.headers import IdempotencyKeySchema, IfMatchSchema
from api.reward_terms_schemas import NewRewardSchema, OfferSchema, RewardEditSchema
from api.rewards_schemas import (
    NearQuerySchema,
    NewOrderSchema,
    RecallSchema,
    RewardPageSchema,
    RewardSchema,
    RewardsQuerySchema,
    StockSchema,
    SupplySchema,
)
from api.signing_in import SIGNED_IN, caller, may_call
from api.vouchers_schemas import VoucherSchema
from catalog import (
    RewardOnOffer,
    RewardPage,
    StockAtPoint,
    VoucherInHand,
    change_draft,
    draft_reward,
    offer_reward,
    order_reward,
    recall_reward,
    reward_on_offer,
    reward_with_stocks,
    rewards_of_unit,
    rewards_on_offer,
    stock_at_point,
    stock_point,
    voucher_in_hand,
    withdraw_reward,
)
from people import Role

blp = Blueprint("rewards", __name__, description="What coins buy · 奖品")


@blp.get("/rewards")
@may_call(SIGNED_IN)
@documents(403, 404)
@blp.arguments(RewardsQuerySchema, location="query")
@blp.response(200, RewardPageSchema)
def list_rewards(query: dict[str, Any]) -> RewardPage:
    """Rewards on offer or soon to be, newest first: what is left where, and whether the caller may.

    With `state` and `unit_id`, the unit's own rewards in that state, for its officers.
    """
    affordable = query.pop("affordable")
    if "state" in query:
        return rewards_of_unit(**query, by=caller())
    return rewards_on_offer(**query, affordable=affordable, by=caller())


@blp.post("/rewards")
@may_call(Role.CENTRE_OFFICER, Role.ADMIN)
@documents(404, 409)
@blp.arguments(NewRewardSchema)
@blp.arguments(IdempotencyKeySchema, location="headers")
@blp.response(201, RewardSchema)
def post_reward(terms: dict[str, Any], header: dict[str, Any]) -> RewardOnOffer:
    """Draft a reward of a unit."""
    return reward_with_stocks(draft_reward(**terms, **header, by=caller()))


@blp.get("/rewards/<string:reward_id>")
@may_call(SIGNED_IN)
@documents(404)
@blp.arguments(NearQuerySchema, location="query")
@blp.response(200, RewardSchema)
def get_reward(query: dict[str, Any], reward_id: str) -> RewardOnOffer:
    """One reward; a draft is shown to the officers of its unit alone."""
    return reward_on_offer(reward_id, by=caller(), **query)


@blp.patch("/rewards/<string:reward_id>")
@may_call(Role.CENTRE_OFFICER, Role.ADMIN)
@documents(404, 409)
@blp.arguments(IfMatchSchema, location="headers")
@blp.arguments(RewardEditSchema)
@blp.response(200, RewardSchema)
def patch_reward(seen: dict[str, Any], changes: dict[str, Any], reward_id: str) -> RewardOnOffer:
    """Change a draft."""
    return reward_with_stocks(
        change_draft(reward_id, changes, version=seen["version"], by=caller())  # type: ignore[arg-type]
    )


@blp.post("/rewards/<string:reward_id>/offer")
@may_call(Role.CENTRE_OFFICER, Role.ADMIN)
@documents(404, 409)
@blp.arguments(OfferSchema, required=False)
@blp.response(201, RewardSchema)
def post_offer(window: dict[str, Any], reward_id: str) -> RewardOnOffer:
    """Offer a drafted reward to everybody, at once or from a launch on."""
    return reward_with_stocks(offer_reward(reward_id, **window, by=caller()))


@blp.post("/rewards/<string:reward_id>/withdrawal")
@may_call(Role.CENTRE_OFFICER, Role.ADMIN)
@documents(404, 409)
@blp.response(201, RewardSchema)
def post_withdrawal(reward_id: str) -> RewardOnOffer:
    """Withdraw a reward for good; vouchers already issued stay good."""
    return reward_with_stocks(withdraw_reward(reward_id, by=caller()))


@blp.post("/rewards/<string:reward_id>/recall")
@may_call(Role.CENTRE_OFFICER, Role.ADMIN)
@documents(404, 409)
@blp.response(201, RecallSchema)
def post_recall(reward_id: str) -> dict[str, int]:
    """Withdraw a reward and give back every voucher of it not handed over; repeating goes on."""
    return {"given_back": recall_reward(reward_id, by=caller())}


@blp.put("/rewards/<string:reward_id>/stocks/<string:point_id>")
@may_call(Role.CENTRE_OFFICER, Role.ADMIN)
@documents(404, 409)
@blp.arguments(SupplySchema)
@blp.response(200, StockSchema)
def put_stock(supply: dict[str, Any], reward_id: str, point_id: str) -> StockAtPoint:
    """Say how many a redemption point was supplied with in total, ever; repeating adds nothing."""
    return stock_at_point(stock_point(reward_id, point_id, **supply, by=caller()))


@blp.post("/rewards/<string:reward_id>/orders")
@may_call(SIGNED_IN)
@documents(404, 409)
@blp.arguments(NewOrderSchema)
@blp.arguments(IdempotencyKeySchema, location="headers")
@blp.response(201, VoucherSchema)
def post_order(order: dict[str, Any], header: dict[str, Any], reward_id: str) -> VoucherInHand:
    """Order one: its price moves from the caller's wallet into a voucher with a code."""
    by = caller()
    return voucher_in_hand(order_reward(reward_id, **order, **header, by=by), by=by)
