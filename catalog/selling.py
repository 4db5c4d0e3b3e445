"""Selling: whether a person may order rewards now, with where their homes lie looked up."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from catalog.buying_rules import refusal_to_sell
from catalog.reward import Reward
from people import Person, units_of
from settings import settings
from shared.clock import now
from shared.errors import DomainError


def refuse_sale(reward: Reward, person: Person | None) -> None:
    """Raises why the person may not order the reward now, if so: what `refusal_to_sell` answers.

    Where the reward asks nothing of its buyers, `person` may be None.
    """
    refusal = refusals_for([reward], person).get(reward.id)
    if refusal is not None:
        raise refusal


def refusals_for(rewards: Iterable[Reward], person: Person | None) -> dict[str, DomainError]:
    """By reward, why the person may not order it now; those they may order are left out.

    One question to the database at most, and none where no reward asks for a home.
    """
    rewards = list(rewards)
    moment, zone = now(), ZoneInfo(settings().business_time_zone)
    home_ids, places = _homes_of(person, rewards)
    refusals = {}
    for reward in rewards:
        unit_id = reward.buyers.unit_id if reward.buyers else None
        place = places.get(unit_id, "")
        refusal = refusal_to_sell(reward, person, moment, zone, home_ids=home_ids, place=place)
        if refusal is not None:
            refusals[reward.id] = refusal
    return refusals


def _homes_of(
    person: Person | None, rewards: list[Reward]
) -> tuple[set[str], dict[str | None, str]]:
    """The units that the person's homes lie in, and the names of those that buyers need one in."""
    wanted = {each.buyers.unit_id for each in rewards if each.buyers and each.buyers.unit_id}
    if not wanted or person is None:
        return set(), {}
    own = {held.unit_id for held in person.memberships if held.is_home}
    units = units_of([*own, *wanted])
    lineages = [units[unit_id].lineage for unit_id in own if unit_id in units]
    places = {unit_id: units[unit_id].name for unit_id in wanted if unit_id in units}
    return {unit_id for lineage in lineages for unit_id in lineage}, dict(places)
