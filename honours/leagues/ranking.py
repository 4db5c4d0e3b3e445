"""Normalising and ranking, purely: sums of units in, integer scores and shared ranks out."""

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

THOUSANDTHS = 1_000
SECONDS_PER_HOUR, METRES_PER_KM = 3_600, 1_000
# So many raw units (seconds, participations, metres) make one of what the measure is called.
RAW_PER = {"hours": SECONDS_PER_HOUR, "participations": 1, "kilometres": METRES_PER_KM}
# A place is held against a thousand of its residents, a team against each of its members.
PER_RESIDENTS, PER_MEMBERS = 1_000, 1
BANDS = [first * 10**power for power in range(7) for first in (3, 10)]


class Tally(NamedTuple):
    """What a unit's people did: `raw` seconds, metres or participations, and how many they are."""

    unit_id: str
    raw: int
    population: int
    contributors: int


class Ranked(NamedTuple):
    """A unit in its order: `place` without ties, `rank` shared by equal scores (1, 2, 2, 4)."""

    place: int
    rank: int
    score: int
    tally: Tally


def score_of(raw: int, population: int, *, measure: str, per: int) -> int:
    """Thousandths of the measure for each `per` people of the population, halves rounded up.

    A whole number, so that equal work makes equal scores whatever the order of adding.
    """
    exact = Fraction(raw * per * THOUSANDTHS, RAW_PER[measure] * population)
    return int(exact + Fraction(1, 2))


def is_ranked(tally: Tally, *, least_contributors: int) -> bool:
    """Whether a unit is shown: enough people behind its sum, and something to hold it against."""
    return tally.contributors >= least_contributors and tally.raw > 0 and tally.population > 0


def ranked(
    tallies: Iterable[Tally], *, measure: str, per: int, least_contributors: int
) -> list[Ranked]:
    """The units that are shown, best first; equal ones by their id, so that the order is stable.

    Standard competition ranking: who shares a rank leaves as many free behind it.
    """
    shown = [one for one in tallies if is_ranked(one, least_contributors=least_contributors)]
    scored = [(score_of(one.raw, one.population, measure=measure, per=per), one) for one in shown]
    scored.sort(key=lambda one: (-one[0], one[1].unit_id))
    found: list[Ranked] = []
    for place, (score, tally) in enumerate(scored, 1):
        is_shared = bool(found) and found[-1].score == score
        found.append(Ranked(place, found[-1].rank if is_shared else place, score, tally))
    return found


def shown_at_top(total: int, most: int) -> int:
    """How many of the best are shown to all: at most the upper half, so not the last."""
    return min(most, (total + 1) // 2)


def is_low(place: int, total: int) -> bool:
    """Whether a place is of the last tenth, at least the last of several: it is shown to nobody."""
    return total > 1 and place > total - max(1, total // 10)


def band_of(people: int) -> int:
    """The largest of 3, 10, 30, 100, 300 … that so many people reach; 0 below three."""
    return max((one for one in BANDS if one <= people), default=0)


def rounded(score: int) -> int:
    """A score to its first two digits, the rest cut off."""
    step = 10 ** max(0, len(str(score)) - 2)
    return score // step * step
