"""Levels over HTTP: everybody reads them, an admin of the whole city puts a new table."""

from typing import Any

from api.blueprint import Blueprint
from api.errors import documents
from api.headers import IfMatchSchema
from api.levels_schemas import LevelTableSchema, NewLevelsSchema
from api.signing_in import SIGNED_IN, caller, may_call
from honours import LevelTable, level_table, put_levels
from people import Role

blp = Blueprint("levels", __name__, description="Levels, as data · 志愿者等级")


@blp.get("/levels")
@may_call(SIGNED_IN)
@blp.response(200, LevelTableSchema)
def get_levels() -> LevelTable:
    """Every level and what it asks for."""
    return level_table()


@blp.put("/levels")
@may_call(Role.ADMIN)
@blp.arguments(IfMatchSchema, location="headers")
@blp.arguments(NewLevelsSchema)
@blp.response(200, LevelTableSchema)
@documents(409)
def put_level_table(seen: dict[str, Any], body: dict[str, Any]) -> LevelTable:
    """Put the whole table anew (If-Match: 0 over the standard one); everybody is counted by it."""
    return put_levels(body["levels"], version=seen["version"], why=body["why"], by=caller())
