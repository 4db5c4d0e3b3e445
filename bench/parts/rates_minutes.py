"""The naive opponent of pricing: the same card, minute by minute, in decimals.

What a page's author would write first: each minute asks what time of day, which day and which
weather it is. A test holds that for whole minutes it comes to the coins of `rates.quote`.
"""

from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from rates import Action, Occasion, Terms
from shared.working_days import DayKind, day_kind

MINUTE = timedelta(minutes=1)


def price_by_minutes(terms: Terms, action: Action) -> int:
    """The coins of an action of whole minutes, each line added up minute by minute."""
    line = terms.lines[action.kind]
    a_minute = Decimal(line.per_hour) / 60
    at_once = Decimal(line.base) + Decimal(line.per_km) * Decimal(int(action.distance_m)) / 1000
    minutes = []
    moment = action.starts_at
    while moment < action.ends_at:
        minutes.append(moment)
        moment += MINUTE
    lines = [
        Decimal(line.base),
        sum((a_minute for _ in minutes), Decimal()),
        Decimal(line.per_km) * Decimal(int(action.distance_m)) / 1000,
    ]
    for one in terms.multipliers:
        if one.kinds and action.kind not in one.kinds:
            continue
        more = (Decimal(one.percent) - 100) / 100
        worth = sum((a_minute * more for at in minutes if _is_in(one, at, action)), Decimal())
        if _is_in(one, action.starts_at, action):
            worth += at_once * more
        lines.append(worth)
    for extra in terms.extras:
        is_meant = not extra.kinds or action.kind in extra.kinds
        is_there = not extra.unit_ids or not action.unit_ids.isdisjoint(extra.unit_ids)
        if is_meant and is_there and any(extra.starts_at <= at < extra.ends_at for at in minutes):
            lines.append(Decimal(extra.coins))
    total = sum(int(part.quantize(Decimal(1), ROUND_HALF_UP)) for part in lines)
    return min(max(total, line.minimum), line.maximum or total + line.minimum)


def _is_in(one, at: datetime, action: Action) -> bool:  # noqa: ANN001 - a Multiplier is no public name
    if one.occasion == Occasion.GAP_AREA:
        return not action.unit_ids.isdisjoint(one.unit_ids)
    if one.occasion in (Occasion.HEAT, Occasion.STORM):
        return any(
            span.occasion == one.occasion and span.starts_at <= at < span.ends_at
            for span in action.weather
        )
    there = at.astimezone(action.zone)
    if one.occasion == Occasion.NIGHT:
        return _is_night(there, one.from_minute, one.until_minute)
    return day_kind(there.date()) == DayKind(one.occasion.value)


def _is_night(there: datetime, begins: int, ends: int) -> bool:
    minute = there.hour * 60 + there.minute
    return begins <= minute < ends if begins < ends else minute >= begins or minute < ends
