"""Which rate cards came into force in a span of time: for who tells people of it."""

from datetime import datetime

from rates.rate_card import CardState, RateCard
from shared.clock import stored


def cards_begun(after: datetime, until: datetime) -> list[RateCard]:
    """The approved cards whose moment lies in (after, until], the earliest first."""
    begun = RateCard.objects(
        state=CardState.APPROVED, in_force_from__gt=stored(after), in_force_from__lte=stored(until)
    )
    return list(begun.order_by("in_force_from", "id"))
