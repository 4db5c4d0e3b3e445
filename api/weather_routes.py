"""Weather over HTTP: warnings of heat and storms, for which outdoor work is worth more."""

from typing import Any

from api.blueprint import Blueprint
from api.common_schemas import PageQuerySchema
from api.errors import documents
from api.headers import IdempotencyKeySchema
from api.signing_in import caller, may_call
from api.weather_schemas import (
    EndingSchema,
    NewWarningSchema,
    WarningPageSchema,
    WarningSchema,
)
from people import Role
from rates import (
    WarningPage,
    WeatherWarning,
    declare_weather,
    end_weather,
    warnings_page,
)

blp = Blueprint("weather", __name__, description="Warnings of heat and storms · 天气预警")

DECLARERS = (Role.CENTRE_OFFICER, Role.RATE_ADMIN)


@blp.get("/units/<string:unit_id>/weather-warnings")
@may_call(*DECLARERS, Role.AUDITOR, Role.ADMIN)
@documents(404)
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, WarningPageSchema)
def list_weather_warnings(query: dict[str, Any], unit_id: str) -> WarningPage:
    """The warnings declared for a unit or for one below it, newest first."""
    return warnings_page(unit_id, **query, by=caller())


@blp.post("/units/<string:unit_id>/weather-warnings")
@may_call(*DECLARERS)
@documents(404, 409)
@blp.arguments(NewWarningSchema)
@blp.arguments(IdempotencyKeySchema, location="headers")
@blp.response(201, WarningSchema)
def post_weather_warning(
    warning: dict[str, Any], header: dict[str, Any], unit_id: str
) -> WeatherWarning:
    """Declare heat or a storm for a unit and all below it; prices agreed before stay."""
    return declare_weather(unit_id, **warning, **header, by=caller())


@blp.post("/weather-warnings/<string:warning_id>/ending")
@may_call(*DECLARERS)
@documents(404, 409)
@blp.arguments(EndingSchema)
@blp.response(201, WarningSchema)
def post_weather_ending(ending: dict[str, Any], warning_id: str) -> WeatherWarning:
    """End a warning before its time; prices agreed while it was known stay."""
    return end_weather(warning_id, **ending, by=caller())
