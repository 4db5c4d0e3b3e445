"""A rate card: what a unit's actions are worth from a moment on, approved by a second person."""

from enum import StrEnum
from types import SimpleNamespace
from typing import Any

from mongoengine import (
    BooleanField,
    DateTimeField,
    DictField,
    EmbeddedDocumentField,
    EmbeddedDocumentListField,
    EnumField,
    IntField,
    ListField,
    StringField,
)

from shared.database import Document, EmbeddedDocument

MAX_MONTHS = 120


class CardState(StrEnum):
    """DRAFT → APPROVED → WITHDRAWN before it is in force; DRAFT → WITHDRAWN.

    What an approved card is at a moment, scheduled, in force or superseded, its dates say: see
    `phases.py`.
    """

    DRAFT = "draft"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


class Occasion(StrEnum):
    """When or where an action is worth more than at other times."""

    NIGHT = "night"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    HEAT = "heat"
    STORM = "storm"
    GAP_AREA = "gap_area"


class CardPart(EmbeddedDocument):
    """Something that a card says, embedded in it."""

    meta: dict[str, Any] = {"abstract": True}

    def bare(self) -> Any:
        """The same fields on a bare object, parts within too: read often, a document is slow."""
        return SimpleNamespace(**{name: bare(self[name]) for name in self._fields})


def bare(value: Any) -> Any:
    """A value of a card without its document: a part as a bare object, a list of them likewise."""
    if isinstance(value, CardPart):
        return value.bare()
    return [bare(one) for one in value] if isinstance(value, list) else value


class Caps(CardPart):
    """The most coins one person gets in a day, an ISO week, a calendar month; None: no cap."""

    per_day = IntField(min_value=1)
    per_week = IntField(min_value=1)
    per_month = IntField(min_value=1)


class RateLine(CardPart):
    """What one kind of action is worth, in Fu coins: `base` once, `per_hour`, `per_km`.

    Never less than `minimum`, which is at least one coin, nor more than `maximum`, with all that
    is added. `caps` count this kind alone.
    """

    kind = StringField(required=True)
    base = IntField(required=True, min_value=0)
    per_hour = IntField(required=True, min_value=0)
    per_km = IntField(required=True, min_value=0, default=0)
    minimum = IntField(required=True, min_value=1)
    maximum = IntField(min_value=1)
    caps = EmbeddedDocumentField(Caps)
    # Whether a paid member earns coins for it in duty hours.
    paid_on_duty = BooleanField(required=True, default=False)


class Multiplier(CardPart):
    """What an occasion makes of an action's base, time and distance: `percent` of it, above 100.

    A NIGHT is from `from_minute` to `until_minute` of the day, over midnight where it ends first.
    A GAP_AREA is `unit_ids`, with all below them; of several around an action the highest counts.
    Empty `kinds`: all.
    """

    occasion = EnumField(Occasion, required=True)
    percent = IntField(required=True, min_value=101)
    kinds = ListField(StringField())
    from_minute = IntField()
    until_minute = IntField()
    unit_ids = ListField(StringField())


class Extra(CardPart):
    """A fixed number of coins more on key days or for a named event, where it takes place.

    For actions that share a moment with [starts_at, ends_at), in one of `unit_ids` or below
    (anywhere where empty), of one of `kinds` (all where empty). `name` is {"en", "zh"}.
    """

    name = DictField(required=True)
    coins = IntField(required=True, min_value=1)
    starts_at = DateTimeField(required=True)
    ends_at = DateTimeField(required=True)
    kinds = ListField(StringField())
    unit_ids = ListField(StringField())


class AwardGrade(CardPart):
    """How much a tip or another verified matter of one grade may be rewarded with.

    Bounds in coins, in fen, or both: a grade without fen is never rewarded in money or goods.
    """

    grade = StringField(required=True)
    name = DictField(required=True)
    least_coins = IntField(min_value=1)
    most_coins = IntField(min_value=1)
    least_fen = IntField(min_value=1)
    most_fen = IntField(min_value=1)


class DutyHours(CardPart):
    """Hours of the week in which paid members are on duty: ISO weekdays, minutes of the day."""

    weekdays = ListField(IntField(min_value=1, max_value=7), required=True)
    from_minute = IntField(required=True, min_value=0, max_value=1_439)
    until_minute = IntField(required=True, min_value=1, max_value=1_440)


class RateCard(Document):
    """The rates of a unit and of all below it, from a moment on; once approved never changed.

    Where `inherits`, what it leaves out (a kind, an occasion, a single value) is as the nearest
    unit above has it; else it stands alone. `fen_per_10000_coins` is what 10,000 coins are worth
    in fen; `coins_last_months` how many months after the one they were earned in coins may be
    spent, for ever where nothing says it. `by_hand_above_fen`: an award above it needs a second
    officer's approval (in Wenjiang three officers then bring it to the door).
    """

    id = StringField(primary_key=True)
    unit_id = StringField(required=True)
    state = EnumField(CardState, required=True)
    title = DictField(required=True)
    in_force_from = DateTimeField(required=True)
    inherits = BooleanField(required=True, default=True)
    lines = EmbeddedDocumentListField(RateLine)
    multipliers = EmbeddedDocumentListField(Multiplier)
    extras = EmbeddedDocumentListField(Extra)
    award_grades = EmbeddedDocumentListField(AwardGrade)
    caps = EmbeddedDocumentField(Caps)
    # Who is paid for duty hours: names of roles. None: as above.
    paid_roles = ListField(StringField(), default=None)
    duty_hours = EmbeddedDocumentListField(DutyHours, default=None)
    fen_per_10000_coins = IntField(min_value=0)
    coins_last_months = IntField(min_value=1, max_value=MAX_MONTHS)
    by_hand_above_fen = IntField(min_value=0)
    # Everybody who wrote on the draft: none of them may approve it.
    written_by = ListField(StringField(), required=True)
    drafted_at = DateTimeField(required=True)
    draft_key = StringField(required=True)
    draft_hash = StringField(required=True)
    approved_by = StringField()
    approved_at = DateTimeField()
    withdrawn_by = StringField()
    withdrawn_at = DateTimeField()
    version = IntField(required=True, default=1)

    meta: dict[str, Any] = {
        "collection": "rate_cards",
        "indexes": [
            {
                "fields": ["unit_id", "-in_force_from"],
                "unique": True,
                "name": "approved",
                "partialFilterExpression": {"state": CardState.APPROVED.value},
            },
            {
                "fields": ["in_force_from", "_id"],
                "name": "begun",
                "partialFilterExpression": {"state": CardState.APPROVED.value},
            },
            {"fields": ["unit_id", "-_id"], "name": "of_unit"},
            {"fields": ["draft_key"], "unique": True, "name": "draft"},
        ],
    }
