"""Simulations of rate cards on the wire: what is asked, how far it is, and the whole report."""

from typing import Any

import marshmallow as ma
from marshmallow import fields

from api.common_schemas import moment_in, moment_out
from insights import SimulationState

PAID = {"description": "Fu coins that were paid"}
DRAFTED = {"description": "Fu coins that the card would pay"}


class NewSimulationSchema(ma.Schema):
    """The time whose verified work is replayed: what began in [since, until)."""

    since = moment_in(required=True, metadata={"description": "at most 366 days before `until`"})
    until = moment_in(required=True, metadata={"description": "not in the future"})


class ComparedSchema(ma.Schema):
    """How often something was done, what it was paid and what the card would pay."""

    count = fields.Integer(metadata={"description": "participations"})
    paid = fields.Integer(metadata=PAID)
    drafted = fields.Integer(metadata=DRAFTED)


class ComparedUnitSchema(ComparedSchema):
    """One unit's tasks, and what is left in its budgets this year."""

    unit_id = fields.String()
    name = fields.String()
    left = fields.Integer(metadata={"description": "Fu coins left in its budgets"})


class ComparedKindSchema(ComparedSchema):
    """One kind of action."""

    kind = fields.String()


class ComparedPersonSchema(ComparedSchema):
    """One person; the nickname is null where the account is gone."""

    person_id = fields.String()
    nickname = fields.String(allow_none=True)


class ReplayedWorkSchema(ma.Schema):
    """How much was replayed."""

    participations = fields.Integer()
    tasks = fields.Integer()
    people = fields.Integer()
    unpaid_duty = fields.Integer(
        metadata={
            "description": "participations of paid members on duty, as it was recorded then, "
            "which the card does not pay"
        }
    )


class BudgetBesideSchema(ma.Schema):
    """What is left in the budgets that pay for such work, and for how long."""

    year = fields.Integer()
    left = fields.Integer(metadata={"description": "Fu coins, of the unit and of those below"})
    days = fields.Float(metadata={"description": "the length of the time replayed"})
    paid_lasts_days = fields.Float(
        allow_none=True, metadata={"description": "at the pace that was paid; null: nothing was"}
    )
    drafted_lasts_days = fields.Float(
        allow_none=True, metadata={"description": "at the pace that the card would pay"}
    )


class QuantileSchema(ma.Schema):
    """So many per cent of the people change by at most so many coins."""

    percent = fields.Integer()
    coins = fields.Integer()


class PeopleComparedSchema(ma.Schema):
    """Who gains and who loses, and by how much."""

    gain = fields.Integer()
    lose = fields.Integer()
    same = fields.Integer()
    change_quantiles = fields.List(fields.Nested(QuantileSchema))
    largest_gains = fields.List(fields.Nested(ComparedPersonSchema))
    largest_losses = fields.List(fields.Nested(ComparedPersonSchema))


class CutSchema(ma.Schema):
    """What one cap cut: of its kind of action or of all, by the day, week or month."""

    scope = fields.String(metadata={"description": "kind or all"})
    span = fields.String(metadata={"description": "day, week or month"})
    coins = fields.Integer()
    count = fields.Integer(metadata={"description": "participations"})
    people = fields.Integer()


class CutsSchema(ma.Schema):
    """What the caps cut in all, and each."""

    coins = fields.Integer()
    people = fields.Integer()
    each = fields.List(fields.Nested(CutSchema))


class TopShareSchema(ma.Schema):
    """Which share of all coins the first per cent of the people get."""

    percent = fields.Integer()
    paid_share = fields.Float()
    drafted_share = fields.Float()


class TopSchema(ma.Schema):
    """How much goes to whom on top."""

    shares = fields.List(fields.Nested(TopShareSchema))
    people = fields.List(fields.Nested(ComparedPersonSchema))


class PartSchema(ma.Schema):
    """Coins of one part of the prices: base, time, an occasion; before caps."""

    part = fields.String()
    coins = fields.Integer()


class UnpricedSchema(ma.Schema):
    """Work that the card cannot price, and why: such tasks could not be published."""

    kind = fields.String()
    refusal = fields.String(metadata={"description": "the code that publishing would answer"})
    count = fields.Integer()
    paid = fields.Integer(metadata=PAID)


class SimulationReportSchema(ma.Schema):
    """What the replay found."""

    work = fields.Nested(ReplayedWorkSchema)
    paid = fields.Integer(metadata=PAID)
    drafted = fields.Integer(metadata=DRAFTED)
    budget = fields.Nested(BudgetBesideSchema)
    units = fields.List(
        fields.Nested(ComparedUnitSchema),
        metadata={"description": "the 200 that change most, the largest change first"},
    )
    units_left_out = fields.Integer()
    kinds = fields.List(fields.Nested(ComparedKindSchema))
    parts = fields.List(fields.Nested(PartSchema))
    people = fields.Nested(PeopleComparedSchema)
    caps = fields.Nested(CutsSchema)
    top = fields.Nested(TopSchema)
    unpriced = fields.List(fields.Nested(UnpricedSchema))


class FailureSchema(ma.Schema):
    """Why a simulation failed, in both languages."""

    code = fields.String()
    en = fields.String()
    zh = fields.String()


class SimulationSchema(ma.Schema):
    """A simulation: which card, of which version, on which time, and how far it is."""

    id = fields.String()
    card_id = fields.String()
    card_version = fields.Integer()
    unit_id = fields.String()
    since = moment_out()
    until = moment_out()
    state = fields.Enum(SimulationState, by_value=True)
    done = fields.Integer(metadata={"description": "participations replayed so far"})
    total = fields.Integer(metadata={"description": "0 until it has begun"})
    failure = fields.Nested(FailureSchema, allow_none=True)
    asked_by = fields.String()
    asked_at = moment_out()
    ended_at = moment_out(allow_none=True)


class SimulationInFullSchema(SimulationSchema):
    """A simulation with its report, once it is done."""

    result = fields.Nested(SimulationReportSchema, allow_none=True)


class SimulationPageSchema(ma.Schema):
    """A card's simulations, newest first, without their reports."""

    items = fields.List(fields.Nested(SimulationSchema))
    next_cursor = fields.String(allow_none=True)


def in_full(seen: Any) -> dict[str, Any]:
    """A simulation with the names of the people and units in its report beside their ids."""
    simulation = seen.simulation
    shown = {name: getattr(simulation, name) for name in SimulationSchema().fields}
    return {**shown, "result": _named(seen) if simulation.result else None}


def _named(seen: Any) -> dict[str, Any]:
    result = dict(seen.simulation.result)

    def people(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{**row, "nickname": seen.nicknames.get(row["person_id"])} for row in rows]

    names = ("largest_gains", "largest_losses")
    told, top = dict(result["people"]), dict(result["top"])
    units = [{**row, "name": seen.unit_names.get(row["unit_id"], "")} for row in result["units"]]
    return result | {
        "units": units,
        "people": told | {name: people(told[name]) for name in names},
        "top": top | {"people": people(top["people"])},
    }
