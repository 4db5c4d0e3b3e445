"""Who is on duty around a position, over HTTP: for the officers of a centre."""

from dataclasses import asdict
from typing import Any

from api.blueprint import Blueprint
from api.errors import documents
from api.on_duty_schemas import OnDutyListSchema, OnDutyQuerySchema
from api.positions_schemas import in_datum, in_wgs84
from api.signing_in import caller, may_call
from people import Role
from tasks import OnDuty, on_duty_near

blp = Blueprint("on duty", __name__, description="Who is out there · 在岗志愿者")


@blp.get("/units/<string:unit_id>/on-duty")
@may_call(Role.CENTRE_OFFICER)
@documents(404)
@blp.arguments(OnDutyQuerySchema, location="query")
@blp.response(200, OnDutyListSchema)
def list_on_duty(query: dict[str, Any], unit_id: str) -> dict[str, Any]:
    """The nearest volunteers on the unit's duty; each of them can see that somebody looked."""
    lat, lon = in_wgs84(query)
    asked = {"radius_m": query["radius_m"], "limit": query["limit"]}
    found = on_duty_near(unit_id, lat, lon, **asked, by=caller())
    return {"items": [_shown(one, query["datum"]) for one in found]}


def _shown(one: OnDuty, datum: str) -> dict[str, Any]:
    return asdict(one) | {"position": in_datum(one.location, datum)}
