"""Who may order a reward, and when: judged on values alone, with a refusal that says what to do.

Hours are those of the business time zone's clock on the wall, whatever the zone does to it.
"""

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from catalog.reward import Buyers, Reward, SaleHours
from shared.errors import DomainError, Refused
from shared.i18n import Text

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
# A week on it is the same weekday, and the day after that covers hours skipped by a clock change.
DAYS_AHEAD = 15


class Buyer(Protocol):
    """What is asked of a person who would order; each of `memberships` has a `role`."""

    level: Any
    groups: Any
    trade: Any
    memberships: Any


class NotForSale(Refused):
    """Raised when the reward is awarded in kind only: no coins buy it."""

    message = Text("This reward is awarded, not sold.", "该奖品仅用于实物奖励，不可用福币兑换。")


class SaleOver(Refused):
    """Raised when the reward could be ordered until `ended_at`, and no longer."""

    message = Text(
        "It could be ordered until {ended_local}; that is over.",
        "该奖品的兑换已于 {ended_local} 结束。",
    )


class NotYetOnSale(Refused):
    """Raised when the reward was announced and can be ordered from `opens_at` on."""

    message = Text(
        "It can be ordered from {opens_local} on.", "该奖品将于 {opens_local} 开始兑换。"
    )


class OutsideSaleHours(Refused):
    """Raised when the reward is ordered at certain hours only, next from `opens_at` on."""

    message = Text(
        "It is ordered at certain hours only, next from {opens_local} on.",
        "该奖品仅在规定时段兑换，下次开放时间为 {opens_local}。",
    )


class BuyerLevelTooLow(Refused):
    """Raised when the reward is for people of a higher level."""

    message = Text(
        "This reward is from level {least_level} on; you are at level {level}.",
        "该奖品要求等级达到 {least_level} 级，您目前为 {level} 级。",
    )


class BuyerNotMeant(Refused):
    """Raised when the reward is for a group, trade or role that the person is not of.

    `wanted` are those it is for, by commas.
    """

    message = Text("This reward is for {wanted} only.", "该奖品仅限：{wanted}。")


class BuyerFromElsewhere(Refused):
    """Raised when the reward is for those with a home in one unit, and the person has none there.

    `unit_id` and `place` are that unit and its name.
    """

    message = Text(
        "This reward is for people whose home is in {place}.", "该奖品仅限家在{place}的人员。"
    )


def refusal_to_sell(
    reward: Reward,
    person: Buyer | None,
    moment: datetime,
    zone: ZoneInfo,
    home_ids: Collection[str] = (),
    place: str = "",
) -> DomainError | None:
    """Why the person may not order the reward at `moment`; None where they may.

    Says nothing of its state, of stock, coins and limits. `person` may be None where the reward has
    no `buyers`. `home_ids` are the units that the person's homes lie in, those above them too;
    `place` is the name of the unit that buyers must have a home in. Answers NotForSale, SaleOver,
    BuyerLevelTooLow, BuyerNotMeant, BuyerFromElsewhere, NotYetOnSale or OutsideSaleHours.
    """
    if not reward.price:
        return NotForSale()
    opens_at = next_opening(reward, moment, zone)
    if opens_at is None:
        ended_at = reward.on_sale_until or moment
        return SaleOver(ended_at=ended_at, ended_local=_local(ended_at, zone))
    unmeant = _why_not_meant(reward.buyers, person, home_ids, place)
    if unmeant is not None or opens_at <= moment:
        return unmeant
    is_launched = reward.on_sale_from is None or reward.on_sale_from <= moment
    refusal = OutsideSaleHours if is_launched else NotYetOnSale
    return refusal(opens_at=opens_at, opens_local=_local(opens_at, zone))


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _why_not_meant(
    buyers: Buyers | None, person: Buyer | None, home_ids: Collection[str], place: str
) -> Refused | None:
    if buyers is None:
        return None
    if person is None:
        raise ValueError("who orders must be said where a reward asks who may")
    if person.level < buyers.least_level:
        return BuyerLevelTooLow(least_level=buyers.least_level, level=person.level)
    roles = [held.role for held in person.memberships]
    wishes = (
        (buyers.groups, person.groups),
        (buyers.trades, [person.trade]),
        (buyers.roles, roles),
    )
    for wanted, held in wishes:
        if wanted and not set(wanted) & set(held):
            return BuyerNotMeant(wanted=", ".join(wanted))
    if buyers.unit_id and buyers.unit_id not in home_ids:
        return BuyerFromElsewhere(unit_id=buyers.unit_id, place=place)
    return None


def day_start(moment: datetime, zone: ZoneInfo) -> datetime:
    """When the day that `moment` lies in began in the zone, in UTC."""
    return _midnight(moment.astimezone(zone).date(), zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def next_opening(reward: Reward, moment: datetime, zone: ZoneInfo) -> datetime | None:
    """The first moment from `moment` on at which it can be ordered, in UTC; None where none is.

    That is `moment` itself while it can.
    """
    earliest = max(moment, reward.on_sale_from or moment).astimezone(UTC)
    opens_at = _next_hours(reward.sale_hours, earliest, zone)
    until = reward.on_sale_until
    return None if opens_at is None or (until and until <= opens_at) else opens_at


def _next_hours(hours: list[SaleHours], earliest: datetime, zone: ZoneInfo) -> datetime | None:
    if not hours or _is_within(hours, earliest, zone):
        return earliest
    today = earliest.astimezone(zone).date()
    for ahead in range(DAYS_AHEAD):
        for start in _starts_on(today + ahead * DAY, hours, zone):
            if start > earliest and _is_within(hours, start, zone):
                return start
    return None


def _is_within(hours: list[SaleHours], moment: datetime, zone: ZoneInfo) -> bool:
    local = moment.astimezone(zone)
    minute, weekday = local.hour * 60 + local.minute, local.isoweekday()
    return any(
        weekday in each.weekdays and each.from_minute <= minute < each.until_minute
        for each in hours
    )


def _starts_on(day: date, hours: list[SaleHours], zone: ZoneInfo) -> Iterator[datetime]:
    """The moments of one day at which hours may begin, in order."""
    began_at, ends_at = _midnight(day, zone), _midnight(day + DAY, zone)
    if ends_at - began_at != DAY:  # the clock is changed: every minute may be one
        while began_at < ends_at:
            yield began_at
            began_at += MINUTE
        return
    for minute in sorted({each.from_minute for each in hours if day.isoweekday() in each.weekdays}):
        yield began_at + minute * MINUTE
