"""Units, layers and imports of territory on the wire; shapes are GeoJSON (RFC 7946)."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import ID
from api.positions_schemas import datum, latitude, longitude
from people import UnitKind
from shared.datums import DATUMS

LAYER = validate.OneOf(["civil", "police"])


class UnitsQuerySchema(ma.Schema):
    """Which units to list."""

    kind = fields.Enum(UnitKind, by_value=True)
    level = fields.String(validate=validate.Length(1, 40))
    parent_id = fields.String(validate=ID)
    cursor = fields.String(validate=validate.Length(max=200))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class UnitSummarySchema(ma.Schema):
    """A unit without its boundary."""

    id = fields.String()
    kind = fields.Enum(UnitKind, by_value=True)
    level = fields.String(metadata={"description": "a key of its layer; empty for other kinds"})
    code = fields.String()
    name = fields.String()
    name_en = fields.String()
    parent_id = fields.String(metadata={"description": "empty for the root"})
    lineage = fields.List(fields.String(), metadata={"description": "root first, itself last"})
    location = fields.Dict(allow_none=True, metadata={"description": "GeoJSON Point, WGS-84"})
    address = fields.String()
    opening_hours = fields.String()


class UnitSchema(UnitSummarySchema):
    """A unit with its boundary."""

    boundary = fields.Dict(
        allow_none=True, metadata={"description": "GeoJSON Polygon or MultiPolygon, WGS-84"}
    )


class UnitPageSchema(ma.Schema):
    """A page of units, by code."""

    items = fields.List(fields.Nested(UnitSummarySchema))
    next_cursor = fields.String(allow_none=True)


class NewUnitSchema(ma.Schema):
    """A unit to add under its parent."""

    kind = fields.Enum(UnitKind, by_value=True, required=True)
    code = fields.String(required=True, validate=validate.Length(1, 40))
    name = fields.String(required=True, validate=validate.Length(1, 60))
    name_en = fields.String(load_default="", validate=validate.Length(max=60))
    parent_id = fields.String(required=True, validate=ID)
    level = fields.String(load_default="", validate=validate.Length(max=40))
    boundary = fields.Dict(load_default=None, allow_none=True)
    location = fields.Dict(load_default=None, allow_none=True)
    datum = fields.String(
        validate=validate.OneOf(DATUMS),
        metadata={"description": "of boundary and location; needed with either"},
    )
    address = fields.String(load_default="", validate=validate.Length(max=60))
    opening_hours = fields.String(load_default="", validate=validate.Length(max=60))

    @ma.validates_schema
    def datum_with_shapes(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """A datum is never guessed."""
        if (data["boundary"] or data["location"]) and "datum" not in data:
            raise ma.ValidationError({"datum": ["Missing data for required field."]})


class LevelSchema(ma.Schema):
    """One level of a layer."""

    key = fields.String()
    name = fields.String()
    name_en = fields.String()


class LayerSchema(ma.Schema):
    """A layer of the territory and its levels, the largest first."""

    id = fields.String()
    levels = fields.List(fields.Nested(LevelSchema))


class GridsQuerySchema(ma.Schema):
    """A position whose grids are asked for."""

    lat = latitude(required=True)
    lon = longitude(required=True)
    datum = datum()


class GridsSchema(ma.Schema):
    """The unit of the deepest level that holds a position, by layer."""

    grids = fields.Dict(keys=fields.String(), values=fields.Nested(UnitSummarySchema))


class NewImportSchema(ma.Schema):
    """A layer's units as a FeatureCollection with code, level, name, name_en, parent_code."""

    layer = fields.String(required=True, validate=LAYER)
    parent_id = fields.String(
        required=True,
        validate=ID,
        metadata={"description": "what features without a parent_code stand under"},
    )
    datum = datum()
    tolerance_m2 = fields.Float(load_default=25.0, validate=validate.Range(0, 1_000_000))
    feature_collection = fields.Dict(required=True)


class FindingSchema(ma.Schema):
    """One hole, overlap or overhang among siblings."""

    flaw = fields.String(metadata={"description": "hole, overlap or outside"})
    level = fields.String()
    parent_code = fields.String()
    codes = fields.List(fields.String(), metadata={"description": "the siblings concerned"})
    area_m2 = fields.Float()
    lat = fields.Float(metadata={"description": "of a point inside the flaw, WGS-84"})
    lon = fields.Float()


class TerritoryReportSchema(ma.Schema):
    """What an import did, and every flaw of the layer where it did it."""

    layer = fields.String()
    created = fields.Integer()
    changed = fields.Integer()
    unchanged = fields.Integer()
    findings = fields.List(fields.Nested(FindingSchema))
