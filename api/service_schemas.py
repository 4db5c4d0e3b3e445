"""What goes out on the pages of volunteers and units, and the week that is frozen."""

import marshmallow as ma
from marshmallow import fields, validate

from api.badges_schemas import HeldBadgeSchema
from api.commendations_schemas import PublicCommendationSchema
from api.common_schemas import moment_out
from api.quests_schemas import QuestSchema
from api.task_kinds_schemas import NameSchema


class KindSumSchema(ma.Schema):
    """What was done of one kind of task."""

    kind = fields.String()
    count = fields.Integer()
    seconds = fields.Integer()
    metres = fields.Float()
    first_at = moment_out()


class LevelAheadSchema(ma.Schema):
    """The next level, and what it still asks for."""

    level = fields.Integer()
    name = fields.Nested(NameSchema)
    missing_s = fields.Integer(metadata={"description": "seconds of verified work"})
    missing_weeks = fields.Integer(metadata={"description": "further weeks with verified work"})
    opens_kinds = fields.List(
        fields.String(), metadata={"description": "kinds of task that ask for this level"}
    )
    opens_roles = fields.List(
        fields.String(), metadata={"description": "roles that may be given from it on"}
    )


class StreakSchema(ma.Schema):
    """Weeks in a row with verified work; frozen ones between them neither count nor break."""

    now = fields.Integer(metadata={"description": "0 where none runs: only the best is told"})
    best = fields.Integer()
    is_kept_this_week = fields.Boolean()
    to_rescue = fields.String(
        metadata={"description": "the week just past, where freezing it keeps the streak; else ''"}
    )
    rescue_until = fields.Date(
        allow_none=True, metadata={"description": "the last day on which that week can be frozen"}
    )


class FreezesSchema(ma.Schema):
    """Frozen weeks of this ISO year and after; how many more of this year may be."""

    weeks = fields.List(fields.String())
    left = fields.Integer()
    most = fields.Integer()


class BestSchema(ma.Schema):
    """A personal best; `about` is a participation, an ISO week or a month."""

    name = fields.String()
    value = fields.Float()
    unit = fields.String(validate=validate.OneOf(["metres", "seconds"]))
    about = fields.String()


class VolunteerPageSchema(ma.Schema):
    """What the caller did, counted from verified work alone."""

    count = fields.Integer(attribute="service.count")
    hours = fields.Float(attribute="service.hours")
    kilometres = fields.Float(attribute="service.kilometres")
    coins = fields.Integer(
        attribute="service.coins", metadata={"description": "earned; the wallet says what is left"}
    )
    days = fields.Integer(attribute="service.days")
    weeks = fields.Integer(attribute="service.week_count")
    kinds = fields.List(fields.Nested(KindSumSchema))
    first_at = moment_out(attribute="service.first_at", allow_none=True)
    last_at = moment_out(attribute="service.last_at", allow_none=True)
    counted_at = moment_out(attribute="counted_at", allow_none=True)
    level = fields.Integer(attribute="service.level")
    level_name = fields.Nested(NameSchema, allow_none=True)
    next_level = fields.Nested(LevelAheadSchema, allow_none=True)
    streak = fields.Nested(StreakSchema)
    freezes = fields.Nested(FreezesSchema)
    bests = fields.List(fields.Nested(BestSchema))
    badges = fields.List(fields.Nested(HeldBadgeSchema), metadata={"description": "held now"})
    quests = fields.List(
        fields.Nested(QuestSchema),
        metadata={"description": "open or announced where the caller belongs, not completed"},
    )


class NewFreezeSchema(ma.Schema):
    """The week to freeze, by its ISO year and number."""

    week = fields.String(
        required=True,
        validate=validate.Regexp(r"^[0-9]{4}-W[0-9]{2}$"),
        metadata={"description": "the one just past, this one, or one of the next twelve"},
    )


class FrozenWeeksSchema(ma.Schema):
    """Every week that the caller froze, in order."""

    weeks = fields.List(fields.String())


class UnitSumSchema(ma.Schema):
    """Sums of verified work; all null where hidden: shown is what three or more did together."""

    count = fields.Integer(allow_none=True)
    seconds = fields.Integer(allow_none=True)
    metres = fields.Integer(allow_none=True)
    people = fields.Integer(allow_none=True)
    hidden = fields.Boolean()


class UnitKindSumSchema(UnitSumSchema):
    """The sums of one kind of task, of all time."""

    kind = fields.String()


class UnitMonthSumSchema(UnitSumSchema):
    """The sums of one month of the business time zone."""

    month = fields.String()


class UnitFiguresSchema(ma.Schema):
    """Of all time, by kind, and by each of the last twelve months."""

    total = fields.Nested(UnitSumSchema)
    kinds = fields.List(fields.Nested(UnitKindSumSchema))
    months = fields.List(fields.Nested(UnitMonthSumSchema))


class UnitWorkPageSchema(ma.Schema):
    """What a unit's volunteers did together, all units below it included."""

    unit_id = fields.String()
    name = fields.String()
    name_en = fields.String()
    counted_at = moment_out(
        allow_none=True,
        metadata={"description": "up to when work was read; null: not counted yet, ask again"},
    )
    figures = fields.Nested(UnitFiguresSchema, allow_none=True)
    commendations = fields.List(
        fields.Nested(PublicCommendationSchema),
        metadata={"description": "the newest ten that were published by consent"},
    )
