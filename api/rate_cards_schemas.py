"""Rate cards, quotes and example cards on the wire. Coins are whole numbers, money is in fen."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import ID, PageQuerySchema, moment_in, moment_out, one_line, said
from people import Role
from rates import (
    KIND_PATTERN,
    MAX_COINS,
    MAX_FEN,
    ExampleCard,
    Occasion,
    Phase,
    SeenCard,
    Terms,
)

SLUG = validate.Regexp(f"^{KIND_PATTERN}$")
COINS = {"description": "Fu coins"}
FEN = {"description": "fen"}
MINUTE = {"description": "minutes since midnight, in the business time zone"}
LASTS = {
    "description": "for how many months after the one they were earned in coins may be spent; "
    "null: as the unit above says, for ever where none does"
}
WORTH = {"description": "what 10,000 coins are worth, in fen; null: as the unit above says"}
BY_HAND = {"description": "above it, in fen, a second officer must approve an award"}
STANDS_ALONE = {"description": "false: it stands alone, and nothing is taken from units above"}
ON_DUTY = {"description": "whether a paid member earns coins for it in duty hours"}
WHY_LENGTH = 500


def coins(least: int = 0, **more: Any) -> fields.Integer:
    """Whole coins within what a card may say."""
    in_bounds = validate.Range(least, MAX_COINS)
    return fields.Integer(strict=True, validate=in_bounds, metadata=COINS, **more)


def fen(least: int = 0, **more: Any) -> fields.Integer:
    """Whole fen within what a card may say; null where nothing is said."""
    more = {"metadata": FEN, **more}
    in_bounds = validate.Range(least, MAX_FEN)
    return fields.Integer(strict=True, allow_none=True, validate=in_bounds, **more)


def minute(most: int, **more: Any) -> fields.Integer:
    """A minute of the day."""
    return fields.Integer(strict=True, validate=validate.Range(0, most), metadata=MINUTE, **more)


def ids(said_of: str) -> fields.List:
    """Ids of units."""
    return fields.List(
        fields.String(validate=ID),
        validate=validate.Length(max=500),
        metadata={"description": said_of},
    )


def kinds() -> fields.List:
    """Kinds of action; empty: all."""
    return fields.List(
        fields.String(validate=SLUG),
        validate=validate.Length(max=50),
        metadata={"description": "kinds of action; empty: all"},
    )


class CardNameSchema(ma.Schema):
    """A name in both languages."""

    en = one_line(1, 60, required=True)
    zh = one_line(1, 60, required=True)


class CapsSchema(ma.Schema):
    """The most one person gets in a day, an ISO week, a calendar month; null: no cap."""

    per_day = coins(1, allow_none=True)
    per_week = coins(1, allow_none=True)
    per_month = coins(1, allow_none=True)


class RateLineSchema(ma.Schema):
    """What one kind of action is worth: base + per_hour × hours + per_km × kilometres.

    Never less than minimum nor more than maximum, with all that is added.
    """

    kind = fields.String(required=True, validate=SLUG)
    base = coins(required=True)
    per_hour = coins(required=True)
    per_km = coins()
    minimum = coins(1)
    maximum = coins(1, allow_none=True)
    caps = fields.Nested(CapsSchema, allow_none=True)
    paid_on_duty = fields.Boolean(truthy={True}, falsy={False}, metadata=ON_DUTY)


class MultiplierSchema(ma.Schema):
    """What an occasion makes of base, time and distance, in percent; several add up."""

    occasion = fields.String(
        required=True, validate=validate.OneOf([each.value for each in Occasion])
    )
    percent = fields.Integer(required=True, strict=True, validate=validate.Range(101, 1_000))
    kinds = kinds()
    from_minute = minute(1_439, allow_none=True)
    until_minute = minute(1_439, allow_none=True)
    unit_ids = ids("the gap area: these units and all below them")


class ExtraSchema(ma.Schema):
    """A fixed number of coins more on key days or for a named event."""

    name = fields.Nested(CardNameSchema, required=True)
    coins = coins(1, required=True)
    starts_at = moment_in(required=True)
    ends_at = moment_in(required=True)
    kinds = kinds()
    unit_ids = ids("where: these units and all below them; empty: anywhere")


class AwardGradeSchema(ma.Schema):
    """How much a verified matter of one grade is rewarded with, in coins, in fen, or either."""

    grade = fields.String(required=True, validate=SLUG)
    name = fields.Nested(CardNameSchema, required=True)
    least_coins = coins(1, allow_none=True)
    most_coins = coins(1, allow_none=True)
    least_fen = fen(1)
    most_fen = fen(1)


class DutyHoursSchema(ma.Schema):
    """Hours of the week in which paid members are on duty; weekdays from 1, Monday, to 7."""

    weekdays = fields.List(
        fields.Integer(strict=True, validate=validate.Range(1, 7)),
        required=True,
        validate=validate.Length(1, 7),
    )
    from_minute = minute(1_439, required=True)
    until_minute = minute(1_440, required=True)


class CardContentSchema(ma.Schema):
    """All that a rate card can say; what is left out is as the unit above has it."""

    title = fields.Nested(CardNameSchema)
    in_force_from = moment_in(metadata={"description": "a moment still ahead"})
    inherits = fields.Boolean(truthy={True}, falsy={False}, metadata=STANDS_ALONE)
    lines = fields.List(fields.Nested(RateLineSchema), validate=validate.Length(max=50))
    multipliers = fields.List(fields.Nested(MultiplierSchema), validate=validate.Length(max=30))
    extras = fields.List(fields.Nested(ExtraSchema), validate=validate.Length(max=50))
    award_grades = fields.List(fields.Nested(AwardGradeSchema), validate=validate.Length(max=20))
    caps = fields.Nested(CapsSchema, allow_none=True)
    paid_roles = fields.List(
        fields.String(validate=validate.OneOf([role.value for role in Role])),
        allow_none=True,
        validate=validate.Length(max=len(Role)),
        metadata={"description": "whose hours of duty are paid for; null: as the unit above says"},
    )
    duty_hours = fields.List(
        fields.Nested(DutyHoursSchema),
        allow_none=True,
        validate=validate.Length(max=14),
        metadata={"description": "null: as the unit above says; empty: none"},
    )
    fen_per_10000_coins = fen(metadata=WORTH)
    coins_last_months = fields.Integer(
        allow_none=True, strict=True, validate=validate.Range(1, 120), metadata=LASTS
    )
    by_hand_above_fen = fen(metadata=BY_HAND)


class WhySchema(ma.Schema):
    """Why a rule is changed: kept in the log of changes."""

    why = said(WHY_LENGTH)


class NewRateCardSchema(CardContentSchema):
    """A draft of a rate card for a unit and all below it: title, moment, and what it says."""

    unit_id = fields.String(required=True, validate=ID)
    copy_of = fields.String(
        load_default="",
        validate=validate.Regexp(r"^([0-9a-f]{24}|[a-z_]{1,40})?$"),
        metadata={"description": "a card, or an example, that says what is left out here"},
    )
    why = said(WHY_LENGTH)


class RateCardEditSchema(CardContentSchema):
    """What changes in a draft: each field named is replaced whole."""

    why = said(WHY_LENGTH)


class RateCardSchema(CardContentSchema):
    """A rate card, and where it stands now."""

    id = fields.String()
    unit_id = fields.String()
    state = fields.String()
    phase = fields.String(
        validate=validate.OneOf([each.value for each in Phase]),
        metadata={"description": "where it stands at this moment, by its state and the dates"},
    )
    in_force_from = moment_out()
    written_by = fields.List(
        fields.String(),
        metadata={"description": "none of them approves it; people are shown to officers only"},
    )
    drafted_at = moment_out()
    approved_by = fields.String(allow_none=True)
    approved_at = moment_out(allow_none=True)
    withdrawn_by = fields.String(allow_none=True)
    withdrawn_at = moment_out(allow_none=True)
    version = fields.Integer()

    @ma.pre_dump
    def as_seen(self, found: SeenCard, **_: Any) -> dict[str, Any]:
        """The card's fields, and its phase; its people only for who has to do with rates."""
        shown = {name: found.card[name] for name in self.fields if name != "phase"}
        if not found.with_people:
            shown |= {"written_by": [], "approved_by": None, "withdrawn_by": None}
        return shown | {"phase": found.phase.value}


class RateCardPageSchema(ma.Schema):
    """A page of a unit's cards, newest first."""

    items = fields.List(fields.Nested(RateCardSchema))
    next_cursor = fields.String(allow_none=True)


class UnitCardsQuerySchema(PageQuerySchema):
    """Whose cards."""

    unit_id = fields.String(required=True, validate=ID)


class InForceQuerySchema(ma.Schema):
    """For which unit, and when: now, where not said."""

    unit_id = fields.String(required=True, validate=ID)
    at = moment_in()


class TermsSchema(ma.Schema):
    """What actions are worth for a unit: its own card's terms, and of those above what it lacks."""

    unit_id = fields.String(metadata={"description": "whose card is the nearest"})
    card_ids = fields.List(
        fields.String(), metadata={"description": "the cards it was merged from, nearest first"}
    )
    lines = fields.List(fields.Nested(RateLineSchema))
    multipliers = fields.List(fields.Nested(MultiplierSchema))
    extras = fields.List(fields.Nested(ExtraSchema))
    award_grades = fields.List(fields.Nested(AwardGradeSchema))
    caps = fields.Nested(CapsSchema, allow_none=True)
    paid_roles = fields.List(fields.String())
    duty_hours = fields.List(fields.Nested(DutyHoursSchema))
    fen_per_10000_coins = fields.Integer(allow_none=True, metadata=WORTH)
    coins_last_months = fields.Integer(allow_none=True, metadata=LASTS)
    by_hand_above_fen = fields.Integer(allow_none=True, metadata=BY_HAND)

    @ma.pre_dump
    def in_lists(self, terms: Terms, **_: Any) -> dict[str, Any]:
        """The terms with their lines and grades as lists."""
        shown = {name: getattr(terms, name) for name in self.fields}
        lists = {"lines": terms.lines.values(), "award_grades": terms.award_grades.values()}
        return shown | {name: list(values) for name, values in lists.items()}


class ActionSchema(ma.Schema):
    """What would be done, where and when: to be priced by what is in force, or by a card."""

    unit_id = fields.String(required=True, validate=ID, metadata={"description": "who would pay"})
    kind = fields.String(required=True, validate=SLUG)
    starts_at = moment_in(required=True)
    ends_at = moment_in(required=True)
    distance_m = fields.Float(
        load_default=0.0, allow_nan=False, validate=validate.Range(0, 1_000_000)
    )
    where_id = fields.String(
        load_default="",
        validate=validate.Regexp(r"^([0-9a-f]{24})?$"),
        metadata={"description": "the unit on whose ground it lies; left out: unit_id"},
    )
    at = moment_in(metadata={"description": "as if published then; left out: now"})
    card_id = fields.String(
        load_default="",
        validate=validate.Regexp(r"^([0-9a-f]{24})?$"),
        metadata={"description": "a card, perhaps a draft, in the place of its unit's"},
    )


class QuoteLineSchema(ma.Schema):
    """One line of a quote, in words."""

    part = fields.String(
        metadata={"description": "base, time, distance, an occasion, extra, minimum or maximum"}
    )
    coins = fields.Integer(metadata=COINS)
    en = fields.String()
    zh = fields.String(data_key="zh-CN", attribute="zh-CN")


class CapSchema(ma.Schema):
    """What one person is paid at most in a span, for the kind or for all kinds together."""

    scope = fields.String()
    span = fields.String()
    most = fields.Integer(metadata=COINS)


class QuoteSchema(ma.Schema):
    """What an action would be worth: coins, the lines they sum from, and what may cut them."""

    coins = fields.Integer(metadata=COINS)
    breakdown = fields.List(fields.Nested(QuoteLineSchema))
    coins_last_months = fields.Integer(allow_none=True, metadata=LASTS)
    caps = fields.List(fields.Nested(CapSchema))


class FigureSchema(ma.Schema):
    """A figure of an example, by its path in the content; told by the account, or a sample."""

    path = fields.String()
    published = fields.Boolean()
    en = fields.String(allow_none=True)
    zh = fields.String(data_key="zh-CN", attribute="zh-CN", allow_none=True)


class WordsSchema(ma.Schema):
    """A sentence in both languages."""

    en = fields.String()
    zh = fields.String(data_key="zh-CN", attribute="zh-CN")


class ExampleCardSchema(ma.Schema):
    """A card to copy, with one programme's figures; what its account does not tell is a sample."""

    id = fields.String()
    programme = fields.Nested(WordsSchema)
    content = fields.Nested(CardContentSchema)
    figures = fields.List(fields.Nested(FigureSchema))
    notes = fields.List(fields.Nested(WordsSchema))

    @ma.pre_dump
    def with_figures(self, example: ExampleCard, **_: Any) -> dict[str, Any]:
        """The example, each of its figures marked."""
        published = [
            {"path": path, "published": True, **words.both()}
            for path, words in example.published.items()
        ]
        samples = [
            {"path": path, "published": False, "en": None, "zh-CN": None}
            for path in example.samples()
        ]
        return {
            "id": example.id,
            "programme": example.programme.both(),
            "content": example.content,
            "figures": published + samples,
            "notes": [note.both() for note in example.notes],
        }


class ExampleCardsSchema(ma.Schema):
    """The example cards."""

    items = fields.List(fields.Nested(ExampleCardSchema))
