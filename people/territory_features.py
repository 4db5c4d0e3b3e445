"""Reading a GeoJSON FeatureCollection of territory from untrusted hands."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from people.boundaries import AREAS, wgs84_geometry
from people.founding import UnknownLevel, cleaned_code, cleaned_name
from people.profiles import cleaned_text
from shared.errors import Invalid
from shared.i18n import Text

MAX_FEATURES = 20_000


class NotAFeatureCollection(Invalid):
    """Raised when something is no GeoJSON FeatureCollection, or a member is no Feature."""

    message = Text(
        "This must be a GeoJSON FeatureCollection of 1 to {limit} features with properties.",
        "此处须为 GeoJSON FeatureCollection，含 1 至 {limit} 个带属性的要素。",
    )


class BadProperty(Invalid):
    """Raised when a property of a feature is no text."""

    message = Text("This property must be a text.", "该属性须为文本。")


class CodeTwice(Invalid):
    """Raised when two features of one import have the same code."""

    message = Text("The code {code} occurs twice.", "编码 {code} 重复出现。")


@dataclass(frozen=True)
class Feature:
    """One unit as an import gives it: boundary in WGS-84; `path` says where it stood."""

    path: str
    code: str
    level: str
    name: str
    name_en: str
    parent_code: str
    boundary: dict[str, Any]


def read_features(value: Any, levels: Sequence[str], datum: str) -> list[Feature]:
    """The features of a FeatureCollection whose geometries are in `datum`, all or none.

    Raises NotAFeatureCollection, BadProperty, BadCode, UnknownLevel, NoName, BadText,
    CodeTwice, UnknownDatum, BadGeometry; each names the place of the feature.
    """
    features = value.get("features") if isinstance(value, dict) else None
    is_collection = isinstance(value, dict) and value.get("type") == "FeatureCollection"
    if not is_collection or not isinstance(features, list):
        raise NotAFeatureCollection("features", limit=MAX_FEATURES)
    if not 1 <= len(features) <= MAX_FEATURES:
        raise NotAFeatureCollection("features", limit=MAX_FEATURES)
    read: dict[str, Feature] = {}
    for place, raw in enumerate(features):
        feature = _read(raw, f"features.{place}", levels, datum)
        if feature.code in read:
            raise CodeTwice(f"{feature.path}.properties.code", code=feature.code)
        read[feature.code] = feature
    return list(read.values())


def _read(raw: Any, path: str, levels: Sequence[str], datum: str) -> Feature:
    properties = raw.get("properties") if isinstance(raw, dict) else None
    if not isinstance(properties, dict) or raw.get("type") != "Feature":
        raise NotAFeatureCollection(path, limit=MAX_FEATURES)
    where = f"{path}.properties"
    level = _text(properties, "level", where)
    if level not in levels:
        raise UnknownLevel(f"{where}.level", level=level[:40])
    parent_code = _text(properties, "parent_code", where)
    return Feature(
        path=path,
        code=cleaned_code(_text(properties, "code", where), f"{where}.code"),
        level=level,
        name=cleaned_name(_text(properties, "name", where), f"{where}.name"),
        name_en=cleaned_text(_text(properties, "name_en", where), f"{where}.name_en"),
        parent_code=cleaned_code(parent_code, f"{where}.parent_code") if parent_code else "",
        boundary=wgs84_geometry(raw.get("geometry"), datum, AREAS, f"{path}.geometry"),
    )


def _text(properties: dict[str, Any], name: str, where: str) -> str:
    # Absent and null are both "none"; what may not be empty is refused by its own rule.
    value = properties.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadProperty(f"{where}.{name}")
    return value
