"""Prospects: what an order of somebody would meet now, told beside the reward before they try."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from catalog.buying_rules import day_start
from catalog.ordering import DailyLimitReached, LimitReached, NotOffered, PointPaused
from catalog.providers.delivering import ProviderPaused
from catalog.providers.provider import Provider
from catalog.reward import Reward, RewardKind
from catalog.selling import refusals_for
from catalog.stock import OutOfStock, Stock
from catalog.voucher import COUNTED, Voucher
from ledger import InsufficientCoins, holdings_of, wallet
from people import Actor, Person, RealNameMissing, people_of
from settings import settings
from shared.clock import now
from shared.database import collection
from shared.errors import DomainError


@dataclass(frozen=True)
class Purse:
    """Somebody who would order, with the coins they may spend now."""

    person: Person
    coins: int


def purse_of(by: Actor) -> Purse | None:
    """The caller's purse; None where the caller is no person that is kept here."""
    person = people_of([by.person_id]).get(by.person_id)
    return Purse(person, holdings_of(wallet(by.person_id)).available) if person else None


def prospects_of(
    rewards: list[Reward], stocks: Iterable[Stock], purse: Purse
) -> dict[str, DomainError]:
    """By reward, the refusal that an order at the best of these stocks would meet now.

    Those that could be ordered are left out. An order may meet another one a moment later.
    """
    at_points: dict[str, list[Stock]] = defaultdict(list)
    for stock in stocks:
        at_points[stock.reward_id].append(stock)
    unsellable = refusals_for(rewards, purse.person)
    ordered = _ordered(rewards, purse.person)
    active = _active_providers(rewards)
    found = {}
    for reward in rewards:
        refusal = (
            _of_standing(reward, purse)
            or unsellable.get(reward.id)
            or _of_stock(at_points[reward.id])
            or _of_provider(reward, active)
            or _of_limits(reward, ordered[reward.id])
            or _of_coins(reward, purse)
        )
        if refusal is not None:
            found[reward.id] = refusal
    return found


def _of_standing(reward: Reward, purse: Purse) -> DomainError | None:
    if not reward.is_offered():
        return NotOffered()
    return None if purse.person.is_real_name_known else RealNameMissing()


def _of_stock(stocks: list[Stock]) -> DomainError | None:
    left = [stock for stock in stocks if stock.available > 0]
    if not left:
        return OutOfStock()
    return PointPaused() if all(stock.paused for stock in left) else None


def _active_providers(rewards: list[Reward]) -> set[str]:
    wanted = [each.provider_id for each in rewards if each.provider_id]
    return set(Provider.objects(id__in=wanted, active=True).scalar("id")) if wanted else set()


def _of_provider(reward: Reward, active: set[str]) -> DomainError | None:
    is_paused = reward.kind == RewardKind.TOP_UP and reward.provider_id not in active
    return ProviderPaused() if is_paused else None


def _ordered(rewards: list[Reward], person: Person) -> dict[str, list[datetime]]:
    """When the person ordered what counts against the limits of these rewards."""
    limited = [each.id for each in rewards if each.per_person_limit or each.per_day_limit]
    moments: dict[str, list[datetime]] = defaultdict(list)
    if limited:
        counted = {
            "ordered_by": person.id,
            "reward_id": {"$in": limited},
            "state": {"$in": [state.value for state in COUNTED]},
            "fund": None,
        }
        for row in collection(Voucher).find(counted, {"reward_id": 1, "issued_at": 1}):
            moments[row["reward_id"]].append(row["issued_at"])
    return moments


def _of_limits(reward: Reward, ordered: list[datetime]) -> DomainError | None:
    if reward.per_person_limit and len(ordered) >= reward.per_person_limit:
        return LimitReached(limit=reward.per_person_limit)
    if reward.per_day_limit:
        today = day_start(now(), ZoneInfo(settings().business_time_zone))
        if sum(moment >= today for moment in ordered) >= reward.per_day_limit:
            return DailyLimitReached(limit=reward.per_day_limit)
    return None


def _of_coins(reward: Reward, purse: Purse) -> DomainError | None:
    if purse.coins >= reward.price:
        return None
    return InsufficientCoins(available=purse.coins, needed=reward.price)
