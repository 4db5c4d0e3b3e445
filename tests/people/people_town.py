"""What the people room's tests are set in: square territory, numbers that check."""

from typing import Any

from people import Actor, OpenSession, actor_of, check_digit, request_code, sign_in_with_code

PHONE = "13800138000"
ORIGIN = (119.28, 26.08)
STEP = 0.01


def id_number(first_17: str = "35010219900101123") -> str:
    """A resident identity number with its right check digit; it belongs to nobody."""
    return first_17 + check_digit(first_17)


def signed_in(phone: str = PHONE, **more: Any) -> OpenSession:
    """A session opened with the code just sent to the phone."""
    return sign_in_with_code(phone, request_code(phone).code, **more)


def resident(phone: str = PHONE) -> Actor:
    """Somebody who signed in by phone."""
    opened = signed_in(phone)
    return actor_of(opened.person_id, opened.session_id)


def square(x: float, y: float, width: float = 1, height: float = 1) -> dict[str, Any]:
    """A rectangle on a chess board of 0.01 degrees: lower left corner and size in fields."""
    west, south = ORIGIN[0] + x * STEP, ORIGIN[1] + y * STEP
    east, north = west + width * STEP, south + height * STEP
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    ring = [[round(lon, 7), round(lat, 7)] for lon, lat in ring]
    return {"type": "Polygon", "coordinates": [ring]}


def middle_of(x: float, y: float) -> tuple[float, float]:
    """(lat, lon) of the middle of a field of the board."""
    return ORIGIN[1] + (y + 0.5) * STEP, ORIGIN[0] + (x + 0.5) * STEP


def feature(code: str, level: str, geometry: Any, parent: str = "", **more: Any) -> dict:
    """One unit as an import brings it."""
    properties = {"code": code, "level": level, "name": f"单位{code}", "name_en": code, **more}
    if parent:
        properties["parent_code"] = parent
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def features(*members: dict) -> dict:
    """A FeatureCollection."""
    return {"type": "FeatureCollection", "features": list(members)}


def board() -> dict:
    """A district of 2 x 2 fields with one street, one community and four grids that fit."""
    return features(
        feature("350102", "district", square(0, 0, 2, 2)),
        feature("350102001", "street", square(0, 0, 2, 2), "350102"),
        feature("350102001001", "community", square(0, 0, 2, 2), "350102001"),
        *(
            feature(f"350102001001{x}{y}", "grid", square(x, y), "350102001001")
            for x in (0, 1)
            for y in (0, 1)
        ),
    )
