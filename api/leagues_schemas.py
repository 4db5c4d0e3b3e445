"""Leagues on the wire: scores are whole thousandths, ranks are shared by equal scores."""

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import ID, moment_out, one_line, said
from honours import LEAGUE_PATTERN, MOST_RESIDENTS, TEAMS, Measure, SeasonLength

WHY = {"description": "kept in the log of changes"}
FIELD = {
    "description": "a level of the civil territory (grid, community, …), whose units are held "
    f"against a thousand residents; or one of {', '.join(TEAMS)}, held against each member"
}
SCORE = {
    "description": "thousandths of the measure for each thousand residents, or for each member, "
    "to two digits: ranks follow from the exact ones"
}
SEASON_ID = validate.Regexp(rf"^{LEAGUE_PATTERN}:\d{{4}}(-\d{{2}}|Q[1-4])$")


class LeagueNameSchema(ma.Schema):
    """A league's name in both languages."""

    en = one_line(1, 50, required=True)
    zh = one_line(1, 50, required=True)


class LeagueTermsSchema(ma.Schema):
    """What an admin says of a league."""

    active = fields.Boolean(
        load_default=True, metadata={"description": "false: it opens no new season"}
    )
    name = fields.Nested(LeagueNameSchema, required=True)
    unit_id = fields.String(
        required=True, validate=ID, metadata={"description": "in which unit they compete"}
    )
    field = fields.String(required=True, validate=validate.Length(1, 60), metadata=FIELD)
    measure = fields.String(required=True, validate=validate.OneOf([*Measure]))
    season = fields.String(required=True, validate=validate.OneOf([*SeasonLength]))
    least_contributors = fields.Integer(
        load_default=3,
        strict=True,
        validate=validate.Range(3, 1_000),
        metadata={"description": "units with fewer people behind their sum are not shown"},
    )


class NewLeagueSchema(LeagueTermsSchema):
    """A league's next version, and why."""

    why = said(500, metadata=WHY)


class LeagueSchema(LeagueTermsSchema):
    """A league at its newest version."""

    id = fields.String(attribute="league_id")
    version = fields.Integer()
    put_at = moment_out(
        allow_none=True, metadata={"description": "null: as it came with the programme"}
    )


class LeagueListSchema(ma.Schema):
    """Every league at its newest version, retired ones too."""

    items = fields.List(fields.Nested(LeagueSchema))


class SeasonSchema(ma.Schema):
    """A season, by the terms it was opened with."""

    id = fields.String()
    league_id = fields.String()
    period = fields.String(metadata={"description": "2026-11 or 2026Q4"})
    name = fields.Nested(LeagueNameSchema)
    unit_id = fields.String()
    field = fields.String(metadata=FIELD)
    measure = fields.String()
    least_contributors = fields.Integer()
    from_at = moment_out()
    until_at = moment_out()
    state = fields.String(
        metadata={"description": "open; closed three days after its end, with its final ranks"}
    )
    edition = fields.Integer(
        attribute="published_edition", metadata={"description": "0: no ranks yet"}
    )
    published_at = moment_out(allow_none=True)
    ranked = fields.Integer(metadata={"description": "how many units are ranked"})


class SeasonPageSchema(ma.Schema):
    """Seasons, newest first."""

    items = fields.List(fields.Nested(SeasonSchema))
    next_cursor = fields.String(allow_none=True)


class SeasonQuerySchema(ma.Schema):
    """Which season; the newest with ranks where none is named."""

    season_id = fields.String(load_default="", validate=SEASON_ID)


class RankedUnitSchema(ma.Schema):
    """A unit's name, as lists show it."""

    id = fields.String()
    name = fields.String()
    name_en = fields.String()


class RankSchema(ma.Schema):
    """One unit's rank."""

    rank = fields.Integer(
        allow_none=True, metadata={"description": "null: of the last tenth, which is told nobody"}
    )
    score = fields.Integer(metadata=SCORE)
    contributors = fields.Integer(
        metadata={"description": "at least so many people: 3, 10, 30, 100 and so on"}
    )
    unit = fields.Nested(RankedUnitSchema)


class SeasonTopSchema(ma.Schema):
    """The first ten, at most the upper half, and how many are ranked."""

    season = fields.Nested(SeasonSchema)
    total = fields.Integer()
    items = fields.List(fields.Nested(RankSchema))


class OwnPlaceSchema(ma.Schema):
    """The own unit's place in one league."""

    season = fields.Nested(SeasonSchema)
    unit = fields.Nested(RankedUnitSchema)
    total = fields.Integer()
    own = fields.Nested(
        RankSchema, allow_none=True, metadata={"description": "null: not ranked (yet)"}
    )
    neighbours = fields.List(
        fields.Nested(RankSchema), metadata={"description": "in their order, the own among them"}
    )


class OwnLeaguesSchema(ma.Schema):
    """The own units' places; none to who is left out."""

    is_left_out = fields.Boolean()
    items = fields.List(fields.Nested(OwnPlaceSchema))


class NewLeagueWishSchema(ma.Schema):
    """Whether to be left out of leagues."""

    is_left_out = fields.Boolean(required=True)


class LeagueWishSchema(ma.Schema):
    """The wish as it stands; it counts from the next edition of ranks on."""

    is_left_out = fields.Boolean()
    changed_at = moment_out()


class UnrankedPageSchema(ma.Schema):
    """Units without a population, by code; a page may hold fewer than asked for."""

    items = fields.List(fields.Nested(RankedUnitSchema))
    next_cursor = fields.String(allow_none=True)


class RecountSchema(ma.Schema):
    """What the last recount said of the published ranks, as of their moment."""

    checked_at = moment_out(
        allow_none=True, metadata={"description": "null: not recounted yet, ask again"}
    )
    season_id = fields.String()
    edition = fields.Integer()
    counted_at = moment_out(allow_none=True)
    agreeing = fields.Integer(metadata={"description": "units that agree to the last figure"})
    moved_on = fields.Integer(
        metadata={"description": "units that differ, and for which something changed since"}
    )
    wrong = fields.List(
        fields.String(),
        metadata={"description": "the first hundred units that differ without that, by id"},
    )
    is_whole = fields.Boolean(metadata={"description": "as many standings as were published"})
    agrees = fields.Boolean(allow_none=True)


class NewPopulationSchema(ma.Schema):
    """How many residents a unit has."""

    residents = fields.Integer(
        required=True, strict=True, validate=validate.Range(1, MOST_RESIDENTS)
    )
    source = one_line(1, 200, required=True, metadata={"description": "where the figure is from"})
    as_of = fields.Date(required=True, metadata={"description": "the day it is of"})
    why = said(500, metadata=WHY)


class PopulationSchema(ma.Schema):
    """What was put of a unit's residents."""

    unit_id = fields.String(attribute="id")
    residents = fields.Integer()
    source = fields.String()
    as_of = fields.String(metadata={"format": "date"})
    put_at = moment_out()
    version = fields.Integer()
