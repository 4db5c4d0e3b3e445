"""Forecasting: when a budget is used up at the pace of the last weeks, with a range. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt
from statistics import fmean, stdev

WEEK = timedelta(days=7)
# Each week's net draw is taken as one draw from the same distribution. The sum of h further weeks
# is h·m ± z·s·√(h + h²/n): m and s the mean and the sample deviation of n weeks, the first term the
# weeks' own scatter, the second what so few weeks leave unsure of the mean (the usual prediction
# interval for a sum of future observations). z is the 90th percentile of the standard normal
# distribution, so that four times out of five the true day lies in the range.
Z = 1.2816
# Beyond, no budget of ours lasts, and a date says nothing.
FAR = 10_000.0


@dataclass(frozen=True)
class Forecast:
    """How a budget burns down, in Fu coins; moments None where that is never, or not known.

    `per_week` is the mean of the `weeks` looked at, None where there were none. It is used up at
    `used_up_at`, four times out of five between `earliest_at` and `latest_at`. `left_at_end` is
    what is left when the period ends, at that pace, below zero where coins are missing.
    """

    weeks: int
    per_week: float | None
    used_up_at: datetime | None
    earliest_at: datetime | None
    latest_at: datetime | None
    left_at_end: int | None
    lasts: bool | None


def forecast(weekly: Sequence[int], left: int, *, moment: datetime, ends_at: datetime) -> Forecast:
    """What is left (coins) burnt down at the pace of past whole weeks (net coins each), from now.

    `lasts` says whether it outlives the period that ends at `ends_at`.
    """
    if not weekly:
        return Forecast(0, None, None, None, None, None, None)
    mean = fmean(weekly)
    scatter = stdev(weekly) if len(weekly) > 1 else None
    used_up = _weeks_until(mean, left)
    earliest = latest = None
    if scatter is not None:
        earliest, latest = _range(mean, scatter, len(weekly), left)
    weeks_left = max((ends_at - moment) / WEEK, 0.0)
    left_at_end = round(left - mean * weeks_left)
    return Forecast(
        weeks=len(weekly),
        per_week=mean,
        used_up_at=_moment(moment, used_up),
        earliest_at=_moment(moment, earliest),
        latest_at=_moment(moment, latest),
        left_at_end=left_at_end,
        lasts=used_up is None or used_up >= weeks_left,
    )


def _weeks_until(mean: float, left: int) -> float | None:
    if left <= 0:
        return 0.0
    return left / mean if mean > 0 else None


def _range(mean: float, scatter: float, count: int, left: int) -> tuple[float | None, float | None]:
    """The weeks after which it may, and after which it must be used up, four times out of five.

    Both edges h·m ± z·s·√(h + h²/n) = left are the roots of one quadratic equation.
    """
    if left <= 0:
        return 0.0, 0.0
    spread = (Z * scatter) ** 2
    # (m² − z²s²/n)·h² − (2·left·m + z²s²)·h + left² = 0
    square, linear = mean * mean - spread / count, 2 * left * mean + spread
    if spread == 0:
        return _weeks_until(mean, left), _weeks_until(mean, left)
    if square == 0:
        return (left * left / linear if linear > 0 else None), None
    inner = linear * linear - 4 * square * left * left
    if inner < 0:
        return None, None
    # This form loses no digits where the two roots lie far apart.
    half = (linear + sqrt(inner)) / 2 if linear >= 0 else (linear - sqrt(inner)) / 2
    roots = sorted(root for root in (half / square, left * left / half) if root > 0)
    if not roots:
        return None, None
    # With a slope that may as well be none there is no latest day. Two roots are both edges only
    # where more is drawn than comes back even in the best case.
    latest = roots[1] if square > 0 and mean > 0 and len(roots) > 1 else None
    return roots[0], latest


def _moment(moment: datetime, weeks: float | None) -> datetime | None:
    return None if weeks is None or weeks > FAR else moment + weeks * WEEK
