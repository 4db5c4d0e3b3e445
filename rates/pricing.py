"""What an action is worth: pure arithmetic on terms, in whole coins, with the lines that say why.

Time counts by the second, distance by the metre; each line is rounded by itself, half a coin up.
How occasions add to it: see `_added`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache, partial
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from rates.capping import Cap, caps_of
from rates.rate_card import Extra, Multiplier, Occasion, RateLine
from rates.terms import Terms
from shared.errors import Invalid, Refused
from shared.i18n import Text
from shared.working_days import day_kind

HOUR_S = 3600
DAY_MINUTES = 1_440
ONE_DAY = timedelta(days=1)
# No action of ours lasts longer; the days of one are looked at one by one.
LONGEST = timedelta(days=31)

BASE = Text("Base", "基础")
TIME = Text(
    "{hours} h {minutes} min at {per_hour} an hour", "{hours} 小时 {minutes} 分 × 每小时 {per_hour}"
)
WHOLE_HOURS = Text("{hours} h at {per_hour} an hour", "{hours} 小时 × 每小时 {per_hour}")
DISTANCE = Text("{km} km at {per_km} a kilometre", "{km} 公里 × 每公里 {per_km}")
RAISED = Text("Raised to the minimum of {minimum}", "补足至最低 {minimum}")
CUT = Text("Cut to the maximum of {maximum} a task", "按单次最高 {maximum} 封顶扣减")
ADDED = {
    Occasion.NIGHT: Text("Night, +{more} %", "夜间加成 {more}%"),
    Occasion.WEEKEND: Text("Weekend, +{more} %", "周末加成 {more}%"),
    Occasion.HOLIDAY: Text("Public holiday, +{more} %", "法定节假日加成 {more}%"),
    Occasion.HEAT: Text("Heat, +{more} %", "高温加成 {more}%"),
    Occasion.STORM: Text("Storm, +{more} %", "恶劣天气加成 {more}%"),
    Occasion.GAP_AREA: Text("Area short of volunteers, +{more} %", "力量薄弱区域加成 {more}%"),
}


class NoRateInForce(Refused):
    """Raised when neither the unit nor any above it has a rate card in force."""

    message = Text(
        "No rate card is in force for {unit} at {at}.", "{unit} 在 {at} 没有生效的积分标准。"
    )


class KindNotRated(NoRateInForce):
    """Raised when the rate card in force has no line for this kind of action."""

    message = Text(
        "The rate card in force (of unit {unit_id}) has no line for {kind}.",
        "生效的积分标准（单位 {unit_id}）没有 {kind} 一项。",
    )


class EndsBeforeItStarts(Invalid):
    """Raised when an action to be priced ends before it starts."""

    message = Text("The end lies before the start.", "结束时间早于开始时间。")


class LastsTooLong(Invalid):
    """Raised when an action to be priced lasts longer than a month."""

    message = Text("An action lasts at most {days} days.", "单次行动最长 {days} 天。")


class WeatherSpan(NamedTuple):
    """Heat or storm, from when until when."""

    occasion: Occasion
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Action:
    """What is to be priced: which kind, from when until when, and how far it asks to be walked.

    `unit_ids` are the unit and those whose ground it lies on, with all above them. The hours of
    the day and its kind are those of the `zone`.
    """

    kind: str
    starts_at: datetime
    ends_at: datetime
    distance_m: float = 0.0
    unit_ids: frozenset[str] = frozenset()
    weather: tuple[WeatherSpan, ...] = ()
    zone: ZoneInfo = field(default_factory=partial(ZoneInfo, "Asia/Shanghai"))


@dataclass(frozen=True)
class Quote:
    """What an action is worth: whole coins, the lines that sum to them, and how long they last.

    A line of `breakdown` is {"part": name, "coins": number, "en": words, "zh-CN": words}; `part`
    is base, time, distance, an occasion, extra, minimum or maximum. The coins last to the end of
    the month `coins_last_months` after they are earned; for ever where it is None. `caps` may cut
    what one person is paid of them.
    """

    coins: int
    breakdown: list[dict[str, Any]]
    coins_last_months: int | None = None
    caps: tuple[Cap, ...] = ()


def quote(terms: Terms, action: Action) -> Quote:
    """The coins that an action is worth by these terms, before any cap on a person.

    Raises KindNotRated (a NoRateInForce), EndsBeforeItStarts, LastsTooLong.
    """
    rate = terms.lines.get(action.kind)
    if rate is None:
        raise KindNotRated(unit_id=terms.unit_id, kind=str(action.kind))
    if action.ends_at < action.starts_at:
        raise EndsBeforeItStarts("ends_at")
    if action.ends_at - action.starts_at > LONGEST:
        raise LastsTooLong("ends_at", days=LONGEST.days)
    breakdown = _breakdown(terms, rate, action)
    coins = sum(line["coins"] for line in breakdown)
    return Quote(coins, breakdown, terms.coins_last_months, caps_of(terms, action.kind))


def _breakdown(terms: Terms, rate: RateLine, action: Action) -> list[dict[str, Any]]:
    duration_s = (action.ends_at - action.starts_at) // timedelta(seconds=1)
    lines = []
    if rate.base:
        lines.append(_line("base", rate.base, BASE))
    if rate.per_hour:
        lines.append(_time_line(rate.per_hour, duration_s))
    if rate.per_km and action.distance_m > 0:
        lines.append(_distance_line(rate.per_km, action.distance_m))
    lines += [line for one in _counting(terms, action) for line in _added(one, rate, action)]
    lines += [_extra_line(extra) for extra in terms.extras if _takes_place(extra, action)]
    total = sum(line["coins"] for line in lines)
    if total < rate.minimum:
        lines.append(_line("minimum", rate.minimum - total, RAISED, minimum=rate.minimum))
    if rate.maximum is not None and total > rate.maximum:
        lines.append(_line("maximum", rate.maximum - total, CUT, maximum=rate.maximum))
    return lines


def _time_line(per_hour: int, duration_s: int) -> dict[str, Any]:
    hours, rest_s = divmod(duration_s, HOUR_S)
    minutes = rest_s // 60
    words = TIME if minutes else WHOLE_HOURS
    coins = _rounded(per_hour * duration_s, HOUR_S)
    return _line("time", coins, words, hours=hours, minutes=minutes, per_hour=per_hour)


def _distance_line(per_km: int, distance_m: float) -> dict[str, Any]:
    metres = int(distance_m)
    coins = _rounded(per_km * metres, 1_000)
    return _line("distance", coins, DISTANCE, km=f"{metres / 1_000:g}", per_km=per_km)


def _counting(terms: Terms, action: Action) -> Iterator[Multiplier]:
    """The multipliers that may add to the action: of the gap areas it lies in the highest alone.

    Areas may lie in one another, and an action on two units' grounds; of no other occasion have
    two of a card a moment in common.
    """
    areas = []
    for one in terms.multipliers:
        if one.kinds and action.kind not in one.kinds:
            continue
        if one.occasion != Occasion.GAP_AREA:
            yield one
        elif not action.unit_ids.isdisjoint(one.unit_ids):
            areas.append(one)
    if areas:
        yield max(areas, key=lambda one: one.percent)


def _added(one: Multiplier, rate: RateLine, action: Action) -> Iterator[dict[str, Any]]:
    """What an occasion adds; no line where that is nothing.

    Its share of the time that lies in it, and of base and distance where the action begins in it.
    Several occasions add up, and none multiplies another.
    """
    inside_s, begins_inside = _inside(one, action)
    # In coins × seconds × metres of a kilometre, so that one rounding serves all three.
    worth = rate.per_hour * inside_s * 1_000
    if begins_inside:
        at_once = rate.base * 1_000 + rate.per_km * max(0, int(action.distance_m))
        worth += at_once * HOUR_S
    more = one.percent - 100
    coins = _rounded(worth * more, 100 * 1_000 * HOUR_S)
    if coins:
        occasion = Occasion(one.occasion)
        yield _line(occasion.value, coins, ADDED[occasion], more=more)


def _inside(one: Multiplier, action: Action) -> tuple[int, bool]:
    """How many seconds of the action lie in the occasion, and whether it begins in it."""
    if one.occasion == Occasion.GAP_AREA:
        return (action.ends_at - action.starts_at) // timedelta(seconds=1), True
    spans = list(_spans(one, action))
    inside = sum(
        (
            min(ends, action.ends_at) - max(begins, action.starts_at)
            for begins, ends in spans
            if begins < action.ends_at and action.starts_at < ends
        ),
        timedelta(),
    )
    begins_inside = any(begins <= action.starts_at < ends for begins, ends in spans)
    return inside // timedelta(seconds=1), begins_inside


def _spans(one: Multiplier, action: Action) -> Iterator[tuple[datetime, datetime]]:
    """The spans of the occasion around the action; no two of them share a moment."""
    if one.occasion in (Occasion.HEAT, Occasion.STORM):
        yield from _apart(
            (span.starts_at, span.ends_at)
            for span in action.weather
            if span.occasion == one.occasion
        )
        return
    day = action.starts_at.astimezone(action.zone).date()
    last = action.ends_at.astimezone(action.zone).date()
    if one.occasion == Occasion.NIGHT:
        day -= ONE_DAY  # its night may reach into the first one
    while day <= last:
        if one.occasion == Occasion.NIGHT:
            yield _night(one, day, action.zone)
        elif day_kind(day) == one.occasion:
            yield _minute(day, 0, action.zone), _minute(day, DAY_MINUTES, action.zone)
        day += ONE_DAY


def _night(one: Multiplier, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    until = one.until_minute
    if until <= one.from_minute:
        until += DAY_MINUTES
    return _minute(day, one.from_minute, zone), _minute(day, until, zone)


@lru_cache(maxsize=4096)
def _minute(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """A minute of a day by the clocks of the zone, as UTC."""
    begins = datetime(day.year, day.month, day.day, tzinfo=zone)
    return (begins + timedelta(minutes=minute)).astimezone(UTC)


def _apart(spans: Iterable[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, datetime]]:
    """The same moments in spans that do not overlap: two warnings at once count once."""
    reached: datetime | None = None
    for begins, ends in sorted(spans):
        start = begins if reached is None else max(begins, reached)
        if start < ends:
            yield start, ends
        reached = ends if reached is None else max(reached, ends)


def _takes_place(extra: Extra, action: Action) -> bool:
    # An action that is over at once still shares its moment.
    ends_at = max(action.ends_at, action.starts_at + timedelta(seconds=1))
    return (
        extra.starts_at < ends_at
        and action.starts_at < extra.ends_at
        and (not extra.kinds or action.kind in extra.kinds)
        and (not extra.unit_ids or not action.unit_ids.isdisjoint(extra.unit_ids))
    )


def _extra_line(extra: Extra) -> dict[str, Any]:
    name = extra.name
    words = {"en": name.get("en") or name["zh"], "zh-CN": name["zh"]}
    return {"part": "extra", "coins": extra.coins, **words}


def _rounded(numerator: int, denominator: int) -> int:
    """The whole number nearest to the fraction, half upwards: floor(x + 1/2)."""
    return (2 * numerator + denominator) // (2 * denominator)


def _line(part: str, coins: int, words: Text, **facts: int | str) -> dict[str, Any]:
    return {"part": part, "coins": coins, **words.both(**facts)}
