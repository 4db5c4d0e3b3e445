"""The territory over HTTP: units, layers, the grids of a position, imports."""

from typing import Any

from api.blueprint import Blueprint
from api.errors import documents
from api.positions_schemas import in_wgs84
from api.signing_in import SIGNED_IN, caller, may_call
from api.units_schemas import (
    GridsQuerySchema,
    GridsSchema,
    LayerSchema,
    NewImportSchema,
    NewUnitSchema,
    TerritoryReportSchema,
    UnitPageSchema,
    UnitSchema,
    UnitsQuerySchema,
)
from people import (
    Layer,
    NewUnit,
    Role,
    TerritoryReport,
    Unit,
    UnitPage,
    create_unit,
    grids_at,
    import_territory,
    layers,
    unit_of,
    units_page,
)

blp = Blueprint("units", __name__, description="Territory and units · 网格与单位")


@blp.get("/units")
@may_call(SIGNED_IN)
@blp.arguments(UnitsQuerySchema, location="query")
@blp.response(200, UnitPageSchema)
def list_units(query: dict[str, Any]) -> UnitPage:
    """Units by code, without boundaries."""
    return units_page(**query)


@blp.get("/units/<string:unit_id>")
@may_call(SIGNED_IN)
@documents(404)
@blp.response(200, UnitSchema)
def get_unit(unit_id: str) -> Unit:
    """One unit with its boundary."""
    return unit_of(unit_id)


@blp.get("/layers")
@may_call(SIGNED_IN)
@blp.response(200, LayerSchema(many=True))
def list_layers() -> list[Layer]:
    """The layers over the same ground, and how their levels are called."""
    return layers()


@blp.get("/grids")
@may_call(SIGNED_IN)
@blp.arguments(GridsQuerySchema, location="query")
@blp.response(200, GridsSchema)
def get_grids(position: dict[str, Any]) -> dict[str, Any]:
    """The grid of each layer that holds a position."""
    return {"grids": grids_at(*in_wgs84(position))}


@blp.post("/units")
@may_call(Role.ADMIN)
@documents(409)
@blp.arguments(NewUnitSchema)
@blp.response(201, UnitSchema)
def post_unit(body: dict[str, Any]) -> Unit:
    """Add a unit under its parent; the same again changes nothing."""
    return create_unit(NewUnit(**body), by=caller())


@blp.post("/territory-imports")
@may_call(Role.ADMIN)
@documents(503)
@blp.arguments(NewImportSchema)
@blp.response(201, TerritoryReportSchema)
def post_territory_import(body: dict[str, Any]) -> TerritoryReport:
    """Create and update the units of a layer, and hear of every hole and overlap."""
    return import_territory(**body, by=caller())
