"""Working a simulation out: taken under a lease, told of as it goes, begun anew by who finds it."""

import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from pymongo import ReturnDocument

from insights.budgets_beside import budget_beside
from insights.past_prices import PastPrices
from insights.replay_report import report_of
from insights.replaying_rates import Replay
from insights.simulation import Simulation, SimulationState
from people import Unit, ids_below, unit_of
from rates import NoRateInForce, RateCard, Span, Terms, cards_along, span_around, terms_of
from settings import settings
from shared.clock import real_now
from shared.database import collection
from shared.errors import DomainError, Refused
from shared.i18n import Text
from shared.ids import random_id
from shared.sweeping import sweep_each
from tasks import PastWork, count_verified_work, people_with_work, verified_work

# Longer than any one step takes: whoever has not told of progress for so long is dead.
LEASE_S = 30
TELLS_EVERY_S = 1.0
MOST_TRIES = 3
# Of what the sweep finds; each takes seconds.
MOST_PER_RUN = 3
# What one worker replays well within the time of a job.
MOST_WORK = 500_000
_AT_ONCE = 2_000
_PEOPLE_AT_ONCE = 500


class TooMuchWork(Refused):
    """Raised when more work would be replayed than one simulation takes."""

    message = Text(
        "More than {most} participations would be replayed: those of that time, and with caps "
        "what the same people did elsewhere. Choose less time.",
        "需测算的参与记录超过 {most} 条（设有上限时，相关人员在其他单位的记录也计算在内），"
        "请缩短时间范围。",
    )


class SimulationStuck(Refused):
    """Raised when a simulation was begun several times and never came to its end."""

    message = Text(
        "The simulation did not come to its end in {tries} tries; ask for a shorter time.",
        "测算已尝试 {tries} 次仍未完成，请缩短测算时间范围。",
    )


class _LeaseLost(Exception):
    """Somebody else has taken the simulation over."""


def run_simulation(simulation_id: str) -> bool:
    """Work a simulation out and keep its report; False where it is done, or somebody is at it."""
    held = _take(simulation_id)
    if held is None:
        return False
    try:
        if held.tries > MOST_TRIES:
            raise SimulationStuck(tries=MOST_TRIES)
        result = _replayed(held)
    except _LeaseLost:
        return False
    except DomainError as refusal:
        return _end(held, SimulationState.FAILED, failure=_in_words(refusal))
    return _end(held, SimulationState.DONE, result=result, done=held.total)


def run_unfinished() -> int:
    """Run what waits, and what a dead worker left, the longest waiting first; how many."""
    due = collection(Simulation).find(_due(), {"_id": 1}).sort("asked_at", 1)
    return sweep_each([row["_id"] for row in due.limit(MOST_PER_RUN)], run_simulation)


def _due() -> dict[str, Any]:
    queued, running = SimulationState.QUEUED.value, SimulationState.RUNNING.value
    return {
        "state": {"$in": [queued, running]},
        "$or": [{"state": queued}, {"lease_until": {"$lte": real_now()}}],
    }


def _take(simulation_id: str) -> Simulation | None:
    taken = collection(Simulation).find_one_and_update(
        {"_id": simulation_id, **_due()},
        {
            "$set": {
                "state": SimulationState.RUNNING.value,
                "runner": random_id(),
                "lease_until": real_now() + timedelta(seconds=LEASE_S),
                "done": 0,
            },
            "$inc": {"tries": 1},
        },
        return_document=ReturnDocument.AFTER,
    )
    return None if taken is None else Simulation._from_son(taken)


def _keep(held: Simulation, changes: dict[str, Any]) -> bool:
    """Write what the holder of the lease says; False where somebody else holds it."""
    mine = {
        "_id": held.id,
        "runner": held.runner,
        "state": SimulationState.RUNNING.value,
    }
    return collection(Simulation).update_one(mine, {"$set": changes}).matched_count == 1


def _end(held: Simulation, state: SimulationState, **said: Any) -> bool:
    return _keep(held, {"state": state.value, "ended_at": real_now(), **said})


def _in_words(refusal: DomainError) -> dict[str, str]:
    words = {"en": refusal.say("en"), "zh": refusal.say("zh-CN")}
    return {"code": type(refusal).__name__, **words}


class _Progress:
    """Tells about once a second how far it has come, and prolongs the lease by it."""

    def __init__(self, held: Simulation, total: int) -> None:
        self._held, self._done, self._told_at = held, 0, time.monotonic()
        held.total = total
        self._tell({"total": total})

    def add(self, count: int) -> None:
        """So many more are replayed, or none while it works on. Raises _LeaseLost."""
        self._done += count
        if time.monotonic() - self._told_at >= TELLS_EVERY_S:
            self._tell({"done": self._done})

    def _tell(self, changes: dict[str, Any]) -> None:
        lease_until = real_now() + timedelta(seconds=LEASE_S)
        if not _keep(self._held, {**changes, "lease_until": lease_until}):
            raise _LeaseLost
        self._told_at = time.monotonic()


def _replayed(held: Simulation) -> dict[str, Any]:
    """The report of the simulation. Raises _LeaseLost, and what the rates refuse."""
    unit = unit_of(held.unit_id)
    card = RateCard._from_son(held.card)
    zone = ZoneInfo(settings().business_time_zone)
    since = counts_from(held.since)
    span = {"since": since, "until": held.until}

    def terms_for(of: Unit) -> Terms | None:
        try:
            return terms_of(cards_along(of, held.priced_at, draft=card))
        except NoRateInForce:
            return None

    below = ids_below(unit.id)
    prices = PastPrices(terms_for, zone=zone, **span)
    replay = Replay(prices.of, since=held.since, zone=zone, among=frozenset(below))
    progress = _Progress(held, count_verified_work(**span, unit_ids=below))
    if _needs_elsewhere(unit, terms_for(unit)):
        work = _with_elsewhere(people_with_work(**span, unit_ids=below), span)
    else:
        work = verified_work(**span, unit_ids=below)
    for some in _bounded(_in_chunks(work)):
        ours = [one for one in some if replay.counts(one)]
        prices.learn(one.task_id for one in ours)
        replay.add_all(some)
        progress.add(len(ours))
    asked = {"since": held.since, "until": held.until, "priced_at": held.priced_at}
    beside = budget_beside(unit, replay.sums, **asked, tell=lambda: progress.add(0))
    return report_of(replay.sums, beside)


def _with_elsewhere(person_ids: Sequence[str], span: dict[str, Any]) -> Iterator[PastWork]:
    """All the work of these people: some of them after others, each person's in order."""
    people = iter(person_ids)
    while together := list(islice(people, _PEOPLE_AT_ONCE)):
        yield from verified_work(**span, person_ids=together)


def _bounded(chunks: Iterator[Sequence[PastWork]]) -> Iterator[Sequence[PastWork]]:
    """The chunks while they are not more than a simulation takes. Raises TooMuchWork."""
    read = 0
    for some in chunks:
        read += len(some)
        if read > MOST_WORK:
            raise TooMuchWork(most=MOST_WORK)
        yield some


def counts_from(since: datetime) -> datetime:
    """From when work is read: caps count the week and the month in which the span begins."""
    zone = ZoneInfo(settings().business_time_zone)
    return min(span_around(span, since, zone)[0] for span in Span)


def _needs_elsewhere(unit: Unit, terms: Terms | None) -> bool:
    """Whether caps must know what the same people earned with other units."""
    if not unit.parent_id or terms is None:
        return False
    return terms.caps is not None or any(line.caps for line in terms.lines.values())


def _in_chunks(work: Iterator[PastWork]) -> Iterator[Sequence[PastWork]]:
    while some := list(islice(work, _AT_ONCE)):
        yield some
