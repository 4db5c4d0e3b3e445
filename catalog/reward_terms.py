"""A reward's terms: what an officer may draft, and whether it can be meant as a whole."""

from datetime import datetime
from typing import Any, NotRequired, TypedDict
from zoneinfo import ZoneInfo

from mongoengine.errors import ValidationError

from catalog.buying_rules import next_opening
from catalog.reward import Buyers, ExpiryRule, Reward, RewardKind, SaleHours
from shared.clock import stored
from shared.errors import Invalid
from shared.i18n import Text

# So many spans of sale hours: three on each day of the week.
MOST_HOURS = 21
MOST_NAMES = 20


class RewardInvalid(Invalid):
    """Raised when one of a reward's terms cannot be used; `field` names it."""

    message = Text("This value cannot be used here.", "该内容不可用。")


class CostMissing(RewardInvalid):
    """Raised when a reward has no price, and no cost at which it could be awarded either."""

    message = Text(
        "Price 0 is for what is awarded in kind: say its cost_fen.",
        "价格为 0 的奖品仅用于实物奖励，须填写 cost_fen。",
    )


class SaleWindowEmpty(RewardInvalid):
    """Raised when a sale would end before it begins, or is over already."""

    message = Text(
        "The sale must end after it begins, and lie ahead.",
        "兑换结束时间须晚于开始时间且尚未到来。",
    )


class NeverInHours(RewardInvalid):
    """Raised when sale hours are upside down, or none of them falls within the sale."""

    message = Text(
        "Hours run from_minute to until_minute of one day, and some must lie within the sale.",
        "兑换时段须在同一天内先开始后结束，且至少有一段落在兑换期内。",
    )


class ProviderMisplaced(RewardInvalid):
    """Raised when a top-up does not say who delivers what, or something else does."""

    message = Text(
        "A top-up names provider_id and product; nothing else does.",
        "充值类奖品须且仅须填写 provider_id 和 product。",
    )


class NeverBroughtBack(RewardInvalid):
    """Raised when what cannot be brought back, a top-up or a ticket, has days to do so."""

    message = Text(
        "Top-ups and opened tickets cannot be brought back: refund_days is 0.",
        "充值和已打开的票券不能退回，refund_days 须为 0。",
    )


class NeverForfeit(RewardInvalid):
    """Raised when the coins of a top-up, which are only held until its delivery, would lapse."""

    message = Text(
        "A top-up takes no coins before it is delivered: expiry_rule is returns.",
        "充值在成功前不扣福币，expiry_rule 须为 returns。",
    )


class BuyersTerms(TypedDict):
    """Who may order; what is left out asks nothing."""

    least_level: NotRequired[int]
    groups: NotRequired[list[str]]
    trades: NotRequired[list[str]]
    roles: NotRequired[list[str]]
    unit_id: NotRequired[str | None]


class HoursTerms(TypedDict):
    """One span of sale hours; see `SaleHours`."""

    weekdays: list[int]
    from_minute: int
    until_minute: int


class ChangeableTerms(TypedDict, total=False):
    """What an officer says of a reward, and may change until it is offered; see `Reward`."""

    title: str
    title_en: str
    description: str
    price: int
    cost_fen: int | None
    validity_days: int
    per_person_limit: int | None
    per_day_limit: int | None
    buyers: BuyersTerms | None
    on_sale_from: datetime | None
    on_sale_until: datetime | None
    sale_hours: list[HoursTerms]
    cancel_hours: int | None
    refund_days: int
    expiry_rule: ExpiryRule
    can_be_gifted: bool
    provider_id: str | None
    product: str | None


class RewardTerms(ChangeableTerms, total=False):
    """The same with the kind, which stays: a stock is brought in by the rules of its kind."""

    kind: RewardKind


def as_fields(terms: RewardTerms | ChangeableTerms) -> dict[str, Any]:
    """The terms as the document holds them. Raises RewardInvalid."""
    fields: dict[str, Any] = dict(terms)
    for name in fields.keys() - RewardTerms.__annotations__.keys():
        raise RewardInvalid(name)
    for name in ("title", "title_en", "product"):
        if isinstance(fields.get(name), str):
            fields[name] = fields[name].strip()
    for name in ("on_sale_from", "on_sale_until"):
        if fields.get(name):
            fields[name] = stored(fields[name])
    if "buyers" in fields:
        asked = {name: value for name, value in (fields["buyers"] or {}).items() if value}
        fields["buyers"] = Buyers(**asked) if asked else None
    if "sale_hours" in fields:
        fields["sale_hours"] = [SaleHours(**each) for each in fields["sale_hours"]]
    return fields


def refuse_unusable(reward: Reward, moment: datetime, zone: ZoneInfo) -> None:
    """Raises RewardInvalid, or a kind of it, where the terms cannot be meant as they are."""
    try:
        reward.validate()
    except ValidationError as error:
        raise RewardInvalid(_path_of(error)) from error
    if not reward.price and reward.cost_fen is None:
        raise CostMissing("price")
    _refuse_endless(reward)
    _refuse_misplaced(reward)
    refuse_unsellable(reward, moment, zone)


def _path_of(error: ValidationError) -> str:
    """Where the first flaw is, as a dotted path."""
    path, found = [], error.to_dict()
    while isinstance(found, dict) and found:
        name, found = next(iter(found.items()))
        path.append(str(name))
    return ".".join(path)


def _refuse_endless(reward: Reward) -> None:
    if len(reward.sale_hours) > MOST_HOURS:
        raise RewardInvalid("sale_hours")
    if reward.buyers is None:
        return
    for name in ("groups", "trades", "roles"):
        if len(getattr(reward.buyers, name)) > MOST_NAMES:
            raise RewardInvalid(f"buyers.{name}")


def _refuse_misplaced(reward: Reward) -> None:
    is_top_up = reward.kind == RewardKind.TOP_UP
    for name in ("provider_id", "product"):
        if bool(getattr(reward, name)) != is_top_up:
            raise ProviderMisplaced(name)
    if reward.refund_days and not reward.is_scanned():
        raise NeverBroughtBack("refund_days")
    if is_top_up and reward.expiry_rule == ExpiryRule.FORFEITS:
        raise NeverForfeit("expiry_rule")


def refuse_unsellable(reward: Reward, moment: datetime, zone: ZoneInfo) -> None:
    """Raises SaleWindowEmpty or NeverInHours where no moment ahead is within the sale."""
    begins, ends = reward.on_sale_from, reward.on_sale_until
    if ends is not None and ends <= max(moment, begins or moment):
        raise SaleWindowEmpty("on_sale_until")
    for index, each in enumerate(reward.sale_hours):
        if each.until_minute <= each.from_minute:
            raise NeverInHours(f"sale_hours.{index}.until_minute")
    if next_opening(reward, moment, zone) is None:
        raise NeverInHours("sale_hours")
