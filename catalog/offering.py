"""Offering: rewards drafted, changed until they are offered, offered from when on, withdrawn."""

import hashlib
from datetime import datetime
from typing import Any, Unpack
from zoneinfo import ZoneInfo

import orjson
from mongoengine.errors import NotUniqueError

from catalog.providers.provider import Provider
from catalog.reward import Reward, RewardKind, RewardState
from catalog.reward_terms import (
    ChangeableTerms,
    RewardInvalid,
    RewardTerms,
    as_fields,
    refuse_unusable,
)
from catalog.stock import Stock
from people import Actor, Role, Unit, UnitKind, UnitNotFound, unit_of
from settings import settings
from shared.clock import now, stored
from shared.database import collection
from shared.errors import Conflict, Invalid, NotFound, Refused
from shared.i18n import Text
from shared.ids import new_id

OFFICERS = (Role.CENTRE_OFFICER, Role.ADMIN)


class RewardNotFound(NotFound):
    """Raised when there is no such reward."""

    message = Text("There is no such reward.", "未找到该奖品。")


class RewardWithdrawn(Conflict):
    """Raised when a withdrawn reward would be changed: it is withdrawn for good."""

    message = Text("This reward has been withdrawn.", "该奖品已下架。")


class RewardOffered(Conflict):
    """Raised when the terms of an offered reward would be changed: people ordered under them."""

    message = Text(
        "This reward is on offer; its terms stay. Withdraw it and draft another.",
        "该奖品已上架，条款不可更改；请下架后另行起草。",
    )


class RewardChanged(Conflict):
    """Raised when somebody changed the draft since the version that was read."""

    message = Text(
        "The reward was changed meanwhile; it is at version {version} now.",
        "奖品已被他人修改，当前版本为 {version}。",
    )


class DraftKeyUsed(Conflict):
    """Raised when the Idempotency-Key was used for another draft."""

    message = Text(
        "This Idempotency-Key was used for another reward.", "该 Idempotency-Key 已用于其他奖品。"
    )


class NothingToHandOver(Refused):
    """Raised when a reward would be offered that lies at no redemption point."""

    message = Text(
        "Nothing of it is at any redemption point: bring stock there, or a ticket's codes, first.",
        "任何兑换点均无此奖品的库存，请先补充库存或导入票券码。",
    )


class ProviderNotReady(Refused):
    """Raised when a top-up would be offered whose provider is unknown or takes no orders."""

    message = Text(
        "The provider {provider_id} does not exist, or takes no orders for now.",
        "供应商 {provider_id} 不存在或暂停受理。",
    )


class NotARedemptionPoint(Invalid):
    """Raised when the unit named is not a redemption point."""

    message = Text("This unit is not a redemption point.", "该单位不是兑换点。")


def draft_reward(unit_id: str, *, key: str, by: Actor, **terms: Unpack[RewardTerms]) -> Reward:
    """Draft a reward of a unit on these terms, goods unless they say; `price` in Fu coins.

    The same key answers the same draft, changed since or not. Raises NotAllowed, UnitNotFound,
    DraftKeyUsed, and RewardInvalid or a kind of it.
    """
    by.must_hold(*OFFICERS, at=unit_of(unit_id))
    reward = Reward(
        id=new_id(),
        unit_id=unit_id,
        state=RewardState.DRAFT,
        version=1,
        drafted_by=by.person_id,
        draft_key=key,
        draft_hash=_hash_of(unit_id, terms),
        drafted_at=now(),
        **{"kind": RewardKind.GOODS, **as_fields(terms)},
    )
    earlier = _drafted_before(reward)
    if earlier is not None:
        return earlier
    _refuse_unusable(reward)
    try:
        return reward.save(force_insert=True)
    except NotUniqueError:
        earlier = _drafted_before(reward)
        if earlier is None:
            raise
        return earlier


def _hash_of(unit_id: str, terms: RewardTerms) -> str:
    """What tells a repeat from another draft: what was said, not what follows from it."""
    plain = orjson.dumps([unit_id, terms], option=orjson.OPT_SORT_KEYS, default=str)
    return hashlib.sha256(plain).hexdigest()


def _drafted_before(reward: Reward) -> Reward | None:
    """The draft made under the same key. Raises DraftKeyUsed."""
    same_key = {"drafted_by": reward.drafted_by, "draft_key": reward.draft_key}
    earlier: Reward | None = Reward.objects(**same_key).first()
    if earlier is not None and earlier.draft_hash != reward.draft_hash:
        raise DraftKeyUsed
    return earlier


def _refuse_unusable(reward: Reward) -> None:
    refuse_unusable(reward, now(), _zone())
    if reward.buyers and reward.buyers.unit_id:
        try:
            unit_of(reward.buyers.unit_id)
        except UnitNotFound:
            raise RewardInvalid("buyers.unit_id") from None


def _zone() -> ZoneInfo:
    return ZoneInfo(settings().business_time_zone)


def change_draft(reward_id: str, changes: ChangeableTerms, *, version: int, by: Actor) -> Reward:
    """The draft with `changes` taken over; what they leave out stays. `version` is the one seen.

    Raises RewardNotFound, NotAllowed, RewardOffered, RewardWithdrawn, RewardChanged, and
    RewardInvalid or a kind of it.
    """
    reward = reachable_reward(reward_id, by)
    _refuse_not_drafted(reward, version)
    changed = as_fields(changes)
    if "kind" in changed:
        raise RewardInvalid("kind")
    for name, value in changed.items():
        setattr(reward, name, value)
    _refuse_unusable(reward)
    written = _written(reward, version, changed.keys())
    if written is None:
        _refuse_not_drafted(reward_of(reward_id), version)
        raise RewardChanged(version=reward_of(reward_id).version)
    return written


def _refuse_not_drafted(reward: Reward, version: int) -> None:
    if reward.state == RewardState.WITHDRAWN:
        raise RewardWithdrawn
    if reward.state == RewardState.OFFERED:
        raise RewardOffered
    if reward.version != version:
        raise RewardChanged(version=reward.version)


def _written(reward: Reward, version: int, names: Any, **more: Any) -> Reward | None:
    """The draft after one guarded write of these fields and `more`; None where it moved on."""
    row = reward.to_mongo()
    kept = {name: row[name] for name in names if name in row}
    update: dict[str, Any] = {"$inc": {"version": 1}}
    if kept or more:
        update["$set"] = kept | more
    gone = [name for name in names if name not in row]
    if gone:
        update["$unset"] = dict.fromkeys(gone, "")
    draft = {"_id": reward.id, "state": RewardState.DRAFT.value, "version": version}
    found = collection(Reward).find_one_and_update(draft, update, return_document=True)
    return Reward._from_son(found) if found else None


def offer_reward(
    reward_id: str,
    *,
    by: Actor,
    on_sale_from: datetime | None = None,
    on_sale_until: datetime | None = None,
) -> Reward:
    """Offer a drafted reward, from `on_sale_from` on where it is said here or in the draft.

    Announced at once; orders before that are refused. An offered one is answered as it is. Raises
    RewardNotFound, NotAllowed, RewardWithdrawn, RewardOffered where it was offered for another
    time, RewardChanged, NothingToHandOver, ProviderNotReady, SaleWindowEmpty, NeverInHours.
    """
    reward = reachable_reward(reward_id, by)
    said = {"on_sale_from": on_sale_from, "on_sale_until": on_sale_until}
    window = {name: stored(moment) for name, moment in said.items() if moment is not None}
    if reward.state == RewardState.DRAFT:
        for name, moment in window.items():
            setattr(reward, name, moment)
        _refuse_unusable(reward)
        _refuse_undeliverable(reward)
        _written(reward, reward.version, window.keys(), state=RewardState.OFFERED.value)
    after = reward_of(reward_id)
    if after.state == RewardState.WITHDRAWN:
        raise RewardWithdrawn
    if after.state == RewardState.DRAFT:
        raise RewardChanged(version=after.version)
    if any(getattr(after, name) != moment for name, moment in window.items()):
        raise RewardOffered
    return after


def _refuse_undeliverable(reward: Reward) -> None:
    """Raises NothingToHandOver, ProviderNotReady: what is offered can be delivered."""
    stocked: dict[str, Any] = {"reward_id": reward.id, "available__gt": 0}
    if reward.kind == RewardKind.TOP_UP:
        provider = Provider.objects(id=reward.provider_id, active=True).first()
        if provider is None:
            raise ProviderNotReady(provider_id=reward.provider_id)
        stocked["point_id"] = provider.point_id
    if Stock.objects(**stocked).first() is None:
        raise NothingToHandOver


def withdraw_reward(reward_id: str, *, by: Actor) -> Reward:
    """Withdraw a reward for good; vouchers already issued for it stay good.

    Once it answers, no order goes through, not even one that was under way. Raises RewardNotFound,
    NotAllowed.
    """
    reachable_reward(reward_id, by)
    Reward.objects(id=reward_id, state__ne=RewardState.WITHDRAWN).modify(
        set__state=RewardState.WITHDRAWN, inc__version=1
    )
    # For orders that saw the reward offered a moment ago; whoever comes later sees it withdrawn,
    # so that a withdrawal cut off here lets nobody in, and repeating it does the rest.
    collection(Stock).update_many({"reward_id": reward_id}, {"$set": {"withdrawn": True}})
    return reward_of(reward_id)


def redemption_point_of(point_id: str) -> Unit:
    """The redemption point of this id. Raises UnitNotFound, NotARedemptionPoint."""
    point = unit_of(point_id)
    if point.kind != UnitKind.REDEMPTION_POINT:
        raise NotARedemptionPoint("point_id")
    return point


def reward_of(reward_id: str) -> Reward:
    """The reward of this id, whatever its state. Raises RewardNotFound."""
    reward = Reward.objects.with_id(reward_id)
    if reward is None:
        raise RewardNotFound
    return reward


def reachable_reward(reward_id: str, by: Actor) -> Reward:
    """The reward, by an officer of its unit. Raises RewardNotFound, NotAllowed."""
    reward = reward_of(reward_id)
    by.must_hold(*OFFICERS, at=unit_of(reward.unit_id))
    return reward
