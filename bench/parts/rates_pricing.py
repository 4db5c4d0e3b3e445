"""How fast actions are priced: `rates.quote` beside the same card minute by minute in decimals."""

import random
import statistics
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bench.parts.rates_minutes import price_by_minutes
from bench.parts.timed_acts import rotated, time_ratio
from rates import Action, Occasion, RateCard, Terms, WeatherSpan, quote, terms_of

SLOT_S = 0.5
ACTIONS = 100
ZONE = ZoneInfo("Asia/Shanghai")
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
GAP_UNIT, OTHER_UNIT = "0" * 24, "1" * 24
KINDS = ("patrol", "publicity", "care_visit", "drill")
# A card that uses everything, with the numbers of a sample.
CARD: dict[str, Any] = {
    "lines": [
        {"kind": "patrol", "base": 0, "per_hour": 50, "per_km": 4, "minimum": 10, "maximum": 400},
        {"kind": "publicity", "base": 5, "per_hour": 40, "minimum": 10},
        {
            "kind": "care_visit",
            "base": 20,
            "per_hour": 40,
            "minimum": 10,
            "caps": {"per_week": 300},
        },
        {"kind": "drill", "base": 30, "per_hour": 10, "minimum": 10},
    ],
    "multipliers": [
        {"occasion": "night", "percent": 150, "from_minute": 1_320, "until_minute": 360},
        {"occasion": "weekend", "percent": 120},
        {"occasion": "holiday", "percent": 200},
        {"occasion": "heat", "percent": 130, "kinds": ["patrol", "publicity"]},
        {"occasion": "storm", "percent": 150},
        {"occasion": "gap_area", "percent": 140, "unit_ids": [GAP_UNIT]},
    ],
    "extras": [
        {
            "name": {"en": "Sample key day", "zh": "示例重点日"},
            "coins": 20,
            "starts_at": FIRST + timedelta(days=40),
            "ends_at": FIRST + timedelta(days=50),
        }
    ],
    "caps": {"per_day": 300, "per_week": 900, "per_month": 2_500},
    "fen_per_10000_coins": 20_000,
}


def sample_terms() -> Terms:
    """The terms of the card alone."""
    kept = {**CARD, "_id": "c" * 24, "unit_id": GAP_UNIT, "inherits": False}
    return terms_of([RateCard._from_son(kept)])


def sample_actions(count: int = ACTIONS, seed: int = 6) -> list[Action]:
    """Actions of one to six hours over a year, some on ground that counts, some in bad weather."""
    drawn = random.Random(seed)
    return [_action(drawn) for _ in range(count)]


def _action(drawn: random.Random) -> Action:
    starts_at = FIRST + timedelta(minutes=15 * drawn.randrange(365 * 96))
    ends_at = starts_at + timedelta(minutes=15 * drawn.randint(4, 24))
    weather = ()
    if drawn.random() < 0.2:
        occasion = drawn.choice([Occasion.HEAT, Occasion.STORM])
        weather = (WeatherSpan(occasion, starts_at - timedelta(hours=1), ends_at),)
    return Action(
        kind=drawn.choice(KINDS),
        starts_at=starts_at,
        ends_at=ends_at,
        distance_m=500.0 * drawn.randint(0, 8),
        unit_ids=frozenset({drawn.choice([GAP_UNIT, OTHER_UNIT])}),
        weather=weather,
        zone=ZONE,
    )


def pricing_figures(rounds: int, slot_s: float = SLOT_S) -> dict[str, Any]:
    """`us_each` of one quote, the naive one's, and `rate_ratio` ours ÷ naive; higher is better."""
    terms, actions = sample_terms(), sample_actions()

    def ours() -> None:
        for action in actions:
            quote(terms, action)

    def naive() -> None:
        for action in actions:
            price_by_minutes(CARD, action)

    measured = rotated({"ours": [ours], "naive": [naive]}, rounds, slot_s)
    return {
        "us_each": _us_each(measured["ours"]),
        "naive_us_each": _us_each(measured["naive"]),
        "rate_ratio": round(1 / time_ratio(measured["ours"], measured["naive"]), 1),
    }


def _us_each(slots: Sequence[Any]) -> float:
    return round(statistics.median(slot.p50_ms for slot in slots) * 1000 / ACTIONS, 2)
