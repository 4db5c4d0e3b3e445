"""What an action is worth: pure arithmetic on a rate card, in whole coins.

Time counts by the second. Only the time part can be a fraction, and it is rounded once, half a
coin upwards. A result below the line's minimum is raised to it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rates.rate_card import RateCard, RateLine
from shared.errors import Invalid, Refused
from shared.i18n import Text

HOUR_S = 3600

BASE = Text("Base", "基础")
TIME = Text(
    "{hours} h {minutes} min at {per_hour} an hour", "{hours} 小时 {minutes} 分 × 每小时 {per_hour}"
)
WHOLE_HOURS = Text("{hours} h at {per_hour} an hour", "{hours} 小时 × 每小时 {per_hour}")
RAISED = Text("Raised to the minimum of {minimum}", "补足至最低 {minimum}")


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


@dataclass(frozen=True)
class Quote:
    """What an action is worth: whole coins, the lines that sum to them, and how long they last.

    A line of `breakdown` is {"coins": number, "en": words, "zh-CN": words}. The coins last to the
    end of the month `coins_last_months` after they are earned; for ever where it is None.
    """

    coins: int
    breakdown: list[dict[str, Any]]
    coins_last_months: int | None = None


def quote(card: RateCard, kind: str, starts_at: datetime, ends_at: datetime) -> Quote:
    """The coins that an action of this kind and length is worth by the card.

    Raises KindNotRated (a NoRateInForce) and EndsBeforeItStarts.
    """
    rate = card.line_for(kind)
    if rate is None:
        raise KindNotRated(unit_id=card.unit_id, kind=str(kind))
    if ends_at < starts_at:
        raise EndsBeforeItStarts("ends_at")
    breakdown = _breakdown(rate, (ends_at - starts_at) // timedelta(seconds=1))
    coins = sum(line["coins"] for line in breakdown)
    return Quote(coins, breakdown, card.coins_last_months)


def _breakdown(rate: RateLine, duration_s: int) -> list[dict[str, Any]]:
    lines = []
    if rate.base:
        lines.append(_line(rate.base, BASE))
    if rate.per_hour:
        lines.append(_time_line(rate.per_hour, duration_s))
    missing = rate.minimum - sum(line["coins"] for line in lines)
    if missing > 0:
        lines.append(_line(missing, RAISED, minimum=rate.minimum))
    return lines


def _time_line(per_hour: int, duration_s: int) -> dict[str, Any]:
    # Half up in whole numbers: floor(x + 1/2) = floor((2x + 1) / 2).
    coins = (2 * per_hour * duration_s + HOUR_S) // (2 * HOUR_S)
    hours, rest_s = divmod(duration_s, HOUR_S)
    minutes = rest_s // 60
    words = TIME if minutes else WHOLE_HOURS
    return _line(coins, words, hours=hours, minutes=minutes, per_hour=per_hour)


def _line(coins: int, words: Text, **facts: int) -> dict[str, Any]:
    return {"coins": coins, **words.both(**facts)}
