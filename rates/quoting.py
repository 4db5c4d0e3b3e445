"""What an action would be worth, asked before anybody publishes it: in force, or by a draft."""

from datetime import datetime
from zoneinfo import ZoneInfo

from people import Actor, Unit, unit_of
from rates.card_values import BadRateCard
from rates.cards_in_force import cards_along, seen_card, terms_in_force
from rates.pricing import Action, Quote, quote
from rates.terms import Terms, terms_of
from rates.weather import weather_over
from settings import settings
from shared.clock import now
from shared.i18n import Text


class CardOfOtherUnit(BadRateCard):
    """Raised when an action is to be priced by a card that does not reach its unit."""

    message = Text("This card does not reach that unit.", "该标准不适用于此单位。")


def quote_action(
    unit_id: str,
    kind: str,
    starts_at: datetime,
    ends_at: datetime,
    *,
    distance_m: float = 0.0,
    where_id: str = "",
    at: datetime | None = None,
    card_id: str = "",
    by: Actor,
) -> Quote:
    """What an action of the unit, on the ground of `where_id`, would be worth if published `at`.

    With `card_id` that card stands in for its unit's, draft or not. Raises UnitNotFound,
    NoRateInForce, KindNotRated, EndsBeforeItStarts, LastsTooLong, CardNotFound, CardOfOtherUnit.
    """
    unit = unit_of(unit_id)
    moment = at or now()
    terms = _terms(unit, moment, card_id, by)
    unit_ids = frozenset({*unit.lineage, *(unit_of(where_id).lineage if where_id else ())})
    action = Action(
        kind=kind,
        starts_at=starts_at,
        ends_at=ends_at,
        distance_m=distance_m,
        unit_ids=unit_ids,
        weather=weather_over(sorted(unit_ids), starts_at, ends_at, known_at=moment)
        if terms.look_at_weather
        else (),
        zone=ZoneInfo(settings().business_time_zone),
    )
    return quote(terms, action)


def _terms(unit: Unit, at: datetime, card_id: str, by: Actor) -> Terms:
    if not card_id:
        return terms_in_force(unit, at)
    card = seen_card(card_id, by=by).card
    if card.unit_id not in unit.lineage:
        raise CardOfOtherUnit("card_id")
    return terms_of(cards_along(unit, at, draft=card))
