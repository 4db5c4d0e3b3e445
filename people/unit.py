"""A unit: a node of the territory's tree, or an organisation that has its home in it."""

import hashlib
from enum import StrEnum
from typing import Any

import mongoengine as me

from shared.database import Document


class UnitKind(StrEnum):
    """What a unit is; civil and police are the two layers over the same ground."""

    CITY = "city"
    CIVIL = "civil"
    POLICE = "police"
    DEPARTMENT = "department"
    SCHOOL = "school"
    ASSOCIATION = "association"
    SHOP_GROUP = "shop_group"
    REDEMPTION_POINT = "redemption_point"


LAYERS = (UnitKind.CIVIL, UnitKind.POLICE)


def unit_id_for(kind: UnitKind, code: str) -> str:
    """The id of the unit of this kind and code: made from them, so that repeats land on it."""
    return hashlib.sha256(f"{UnitKind(kind).value}:{code}".encode()).hexdigest()[:24]


class Unit(Document):
    """A place or body with staff; `lineage` is root first, itself last. Shapes are WGS-84."""

    id = me.StringField(primary_key=True)
    kind = me.EnumField(UnitKind, required=True)
    level = me.StringField(default="")
    name = me.StringField(required=True)
    name_en = me.StringField(default="")
    code = me.StringField(required=True)
    parent_id = me.StringField(default="")
    lineage = me.ListField(me.StringField(), required=True)
    boundary = me.DictField(default=None)
    location = me.DictField(default=None)
    address = me.StringField(default="")
    opening_hours = me.StringField(default="")
    version = me.IntField(required=True, default=1)

    meta: dict[str, Any] = {
        "collection": "units",
        "indexes": [
            {"fields": ["kind", "code"], "unique": True},
            # One root: everything in one city hangs in one tree.
            {"fields": ["parent_id"], "unique": True, "partialFilterExpression": {"parent_id": ""}},
            ["parent_id", "code", "_id"],
            ["kind", "level", "code", "_id"],
            ["code", "_id"],
            ["lineage"],
            ["kind", "level", "(boundary"],
            ["(location"],
        ],
    }
