"""The volunteer's own page, the unit's page, and freezing a week, over HTTP."""

from typing import Any

from api.blueprint import Blueprint
from api.errors import documents
from api.service_schemas import (
    FrozenWeeksSchema,
    NewFreezeSchema,
    UnitWorkPageSchema,
    VolunteerPageSchema,
)
from api.signing_in import SIGNED_IN, caller, may_call
from honours import UnitPageFigures, VolunteerPage, freeze_week, unit_page, volunteer_page

blp = Blueprint("service", __name__, description="What volunteers gave · 志愿服务")


@blp.get("/me/service")
@may_call(SIGNED_IN)
@blp.response(200, VolunteerPageSchema)
def get_own_page() -> VolunteerPage:
    """The caller's verified work: figures, level, streak, badges, bests, and what is next."""
    return volunteer_page(by=caller())


@blp.post("/me/streak-freezes")
@may_call(SIGNED_IN)
@documents(409)
@blp.arguments(NewFreezeSchema)
@blp.response(201, FrozenWeeksSchema)
def post_streak_freeze(body: dict[str, Any]) -> dict[str, list[str]]:
    """Freeze a week, so that it does not break the streak; repeating it changes nothing."""
    return {"weeks": freeze_week(body["week"], by=caller())}


@blp.get("/units/<unit_id>/service")
@may_call(SIGNED_IN)
@documents(404)
@blp.response(200, UnitWorkPageSchema)
def get_unit_page(unit_id: str) -> UnitPageFigures:
    """What a unit's volunteers did together; counted at most daily, and it says of when it is."""
    return unit_page(unit_id)
