"""Asking for simulations of a rate card on past work, and reading what they found."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from pymongo.errors import DuplicateKeyError

from insights.running_simulations import MOST_WORK, TooMuchWork, counts_from
from insights.simulation import Simulation, SimulationState
from people import Actor, ids_below, people_of, unit_of, units_of
from rates import APPROVERS, RateCard, seen_card
from shared.clock import now, stored
from shared.cursors import from_cursor, to_cursor
from shared.database import collection, confirmed
from shared.errors import Conflict, Invalid, NotFound, Refused, Unavailable
from shared.i18n import Text
from shared.ids import new_id
from shared.queue import enqueue
from tasks import count_verified_work

LONGEST = timedelta(days=366)
# Of one person, so that nobody's wishes keep the others' waiting for long.
MOST_UNFINISHED = 5
PAGE_MAX = 100


class BadSimulationSpan(Invalid):
    """Raised when the time to replay is empty, longer than a year, or not over yet."""

    message = Text(
        "The time to replay begins before it ends, lies in the past, and is at most {days} days.",
        "测算时间范围的开始须早于结束，须为过去时间，且不超过 {days} 天。",
    )


class TooManySimulations(Refused):
    """Raised when a person has many simulations that are not done yet."""

    message = Text(
        "{most} of your simulations are not done yet; please wait for one of them.",
        "您已有 {most} 项测算尚未完成，请等待其中一项完成后再试。",
    )


class SimulationKeyReused(Conflict):
    """Raised when the Idempotency-Key was used for another simulation."""

    message = Text(
        "This Idempotency-Key was used for another simulation.",
        "该 Idempotency-Key 已用于另一项测算。",
    )


class SimulationNotFound(NotFound):
    """Raised when there is no such simulation, or none that the caller may see."""

    message = Text("There is no such simulation.", "未找到该测算。")


class SeenSimulation(NamedTuple):
    """A simulation, with the names of the people and the units that its report speaks of.

    Who is gone meanwhile has no name.
    """

    simulation: Simulation
    nicknames: dict[str, str]
    unit_names: dict[str, str]


class SimulationPage(NamedTuple):
    """A card's simulations, newest first; where the list goes on."""

    items: list[Simulation]
    next_cursor: str | None


def simulate_card(
    card_id: str, *, since: datetime, until: datetime, key: str, by: Actor
) -> Simulation:
    """Have the verified work that began in [since, until) replayed under the card as it is now.

    At most 366 days. A job works it out; the same key answers the same simulation. Raises
    CardNotFound, NotAllowed, BadSimulationSpan, TooMuchWork, TooManySimulations,
    SimulationKeyReused.
    """
    card = _card_of(card_id, by)
    since, until = stored(since), stored(until)
    wanted = _wanted(card, since, until, key, by)
    earlier = _earlier(wanted)
    if earlier is not None:
        return earlier
    _refuse_unsound(card, since, until, by)
    try:
        collection(Simulation).insert_one(wanted.to_mongo().to_dict())
    except DuplicateKeyError:
        confirmed(Simulation).find_one({"asked_by": by.person_id, "key": key})
        earlier = _earlier(wanted)
        if earlier is None:
            raise Unavailable from None
        return earlier
    enqueue("insights.jobs.run_simulation", wanted.id)
    return wanted


def _card_of(card_id: str, by: Actor) -> RateCard:
    card = seen_card(card_id, by=by).card
    by.must_hold(*APPROVERS, at=unit_of(card.unit_id))
    return card


def _wanted(card: RateCard, since: datetime, until: datetime, key: str, by: Actor) -> Simulation:
    moment = now()
    return Simulation(
        id=new_id(),
        card_id=card.id,
        card_version=card.version,
        card=card.to_mongo().to_dict(),
        unit_id=card.unit_id,
        since=since,
        until=until,
        # Beside a card that is yet to come are those that will be in force with it.
        priced_at=max(card.in_force_from, moment),
        state=SimulationState.QUEUED,
        asked_by=by.person_id,
        asked_at=moment,
        key=key,
    )


def _earlier(wanted: Simulation) -> Simulation | None:
    """What was asked for under the key before, if it is the same. Raises SimulationKeyReused."""
    found: Simulation | None = Simulation.objects(asked_by=wanted.asked_by, key=wanted.key).first()
    # Not the version: a repeat may come after the draft was edited.
    if found and any(found[name] != wanted[name] for name in ("card_id", "since", "until")):
        raise SimulationKeyReused
    return found


def _refuse_unsound(card: RateCard, since: datetime, until: datetime, by: Actor) -> None:
    if since >= until or until - since > LONGEST:
        raise BadSimulationSpan("since", days=LONGEST.days)
    if until > now():
        raise BadSimulationSpan("until", days=LONGEST.days)
    unfinished = {
        "asked_by": by.person_id,
        "state__in": [SimulationState.QUEUED, SimulationState.RUNNING],
    }
    if Simulation.objects(**unfinished).count() >= MOST_UNFINISHED:
        raise TooManySimulations(most=MOST_UNFINISHED)
    below = ids_below(card.unit_id)
    counted = count_verified_work(
        since=counts_from(since), until=until, unit_ids=below, limit=MOST_WORK + 1
    )
    if counted > MOST_WORK:
        raise TooMuchWork(most=MOST_WORK)


def simulation_of(simulation_id: str, *, by: Actor) -> SeenSimulation:
    """The simulation: how far it is, and what it found. Raises SimulationNotFound."""
    found = Simulation.objects.with_id(simulation_id)
    if found is None or not by.holds(*APPROVERS, at=unit_of(found.unit_id)):
        raise SimulationNotFound
    result = found.result or {}
    people = people_of(_people_in(result))
    unit_ids = [row["unit_id"] for row in result.get("units", ())]
    units = units_of(unit_ids)
    return SeenSimulation(
        found,
        {person.id: person.nickname for person in people.values()},
        {unit.id: unit.name for unit in units.values()},
    )


def _people_in(result: Mapping[str, Any]) -> set[str]:
    """The ids of the people whom the report names."""
    if not result:
        return set()
    told = result["people"]
    rows = [*told["largest_gains"], *told["largest_losses"], *result["top"]["people"]]
    return {row["person_id"] for row in rows}


def simulations_of_card(
    card_id: str, *, cursor: str | None = None, limit: int = 20, by: Actor
) -> SimulationPage:
    """The card's simulations, newest first. Raises CardNotFound, NotAllowed, BadCursor."""
    _card_of(card_id, by)
    limit = max(1, min(limit, PAGE_MAX))
    wanted: dict[str, Any] = {"card_id": card_id}
    if cursor:
        wanted["id__lt"] = from_cursor(cursor, str)[0]
    listed = Simulation.objects(**wanted).exclude("card", "result").order_by("-id")
    found = list(listed.limit(limit + 1))
    more = to_cursor(found[limit - 1].id) if len(found) > limit else None
    return SimulationPage(found[:limit], more)
