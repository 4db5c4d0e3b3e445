"""For each operation of the API that takes a body a sound request: who may ask, and the body."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from sound_badges import of_badges
from sound_budgets import of_budgets
from sound_cards import of_cards
from sound_commendations import of_commendations
from sound_leagues import of_leagues
from sound_levels import of_levels
from sound_messages import of_messages
from sound_points import of_points
from sound_proofs import of_proofs
from sound_providers import of_providers
from sound_rewards import of_rewards
from sound_scans import of_scans
from sound_simulations import of_simulations
from sound_statements import of_statements
from sound_street import of_the_street
from sound_vouchers import of_vouchers
from sound_weather import of_weather
from sound_world import Sound, headers_of
from spoilt_requests import spoilt_body, written

from fixtures.factories import sample_id_number, task_content
from shared.clock import now
from shared.ids import new_id

# These show something that nobody was given.
NOT_MEANT = {
    "POST /sessions": 409,
    "POST /staff-sessions": 401,
    "POST /session-refreshes": 401,
    "POST /provider-callbacks/{provider_id}": 401,
}


def sound_requests(world: Any) -> dict[str, Sound]:
    """Every operation that has a body, as "POST /tasks"; asked in this order each is sound."""
    return {
        **of_people(world),
        **of_the_ground(world),
        **of_tasks(world),
        **of_proofs(world),
        **of_messages(world),
        **of_the_street(world),
        **of_coins(world),
        **of_budgets(world),
        **of_cards(world),
        **of_simulations(world),
        **of_levels(world),
        **of_points(world),
        **of_providers(world),
        **of_statements(world),
        **of_vouchers(world),
        **of_scans(world),
        **of_weather(world),
        **of_badges(world),
        **of_leagues(world),
        **of_commendations(world),
        **of_the_end(),
    }


def of_people(world: Any) -> dict[str, Sound]:
    """Signing in, profiles, roles, names."""
    town = world.town
    role = {"role": "clerk", "unit_id": town.point.id}
    identity = {
        "real_name": "林样例",
        "id_number": sample_id_number(9),
        "home_unit_id": town.street.id,
    }
    login = {"login": "newcomer", "password": "a long one!", "nickname": "x", "roles": [role]}
    profile = {"nickname": "a", "organisations": ["b"], "serves_as": ["c"]}
    staff_login = {"login": "nobody", "password": "a long password"}
    return {
        "POST /phone-codes": Sound("resident", {"phone": "13800000001"}),
        "POST /sessions": Sound("resident", {"phone": "13800000001", "code": "123456"}),
        "POST /staff-sessions": Sound("resident", staff_login),
        "POST /session-refreshes": Sound("resident", {"refresh_token": "a.b.c"}),
        "PATCH /me": Sound("clerk", profile),
        "POST /me/real-name": Sound("newcomer", identity),
        "POST /people": Sound("admin", login),
        "POST /people/{person_id}/memberships": Sound("admin", role),
        "POST /people/{person_id}/identity-openings": Sound("ombudsman", {"reason": "sample"}),
    }


def of_the_ground(world: Any) -> dict[str, Sound]:
    """Units and their territory."""
    street_id = world.town.street.id
    square = [[119.28, 26.08], [119.30, 26.08], [119.30, 26.10], [119.28, 26.10], [119.28, 26.08]]
    feature = {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [square]},
        "properties": {"code": "c-1", "level": "community", "name": "社区", "name_en": "x"},
    }
    ground = {
        "layer": "civil",
        "parent_id": street_id,
        "datum": "wgs84",
        "tolerance_m2": 25.0,
        "feature_collection": {"type": "FeatureCollection", "features": [feature]},
    }
    unit = {"kind": "school", "code": "s-1", "name": "学校", "parent_id": street_id}
    unit |= {"location": {"type": "Point", "coordinates": [119.29, 26.09]}, "datum": "wgs84"}
    return {"POST /units": Sound("admin", unit), "POST /territory-imports": Sound("admin", ground)}


def of_tasks(world: Any) -> dict[str, Sound]:
    """Tasks, and the walk."""
    soon = now() + timedelta(hours=1)
    task = task_content((soon, soon + timedelta(hours=2)), unit_id=world.town.street.id)
    task |= {name: task[name].isoformat() for name in ("starts_at", "ends_at")}
    edit = {name: task[name] for name in ("title", "area", "checks", "slots", "roles_wanted")}
    position = {"lat": 26.0885, "lon": 119.2925, "datum": "gcj02"}
    point = {"at": now().isoformat(), "lat": 26.0885, "lon": 119.2925, "accuracy_m": 5}
    upload = {"upload_key": "u-1", "datum": "wgs84", "points": [point, point]}
    return {
        "POST /tasks": Sound("officer", task),
        "PATCH /tasks/{task_id}": Sound("officer", edit, at={"task_id": world.draft.id}),
        "POST /tasks/{task_id}/claims": Sound("resident", {"position": position}),
        "POST /participations/{participation_id}/track-points": Sound("resident", upload),
    }


def of_coins(world: Any) -> dict[str, Sound]:
    """Rewards, vouchers, budgets, reversals."""
    town, ids = world.town, world.ids
    grant = {"year": ids["year"][0], "coins": 10, "authorisation": "sample"}
    money = {"year": ids["year"][0], "fen": 10, "authorisation": "sample"}
    fund = {"name": "roads", "unit_id": town.district.id, "title": "道路"}
    wish = {"reason": "fraud", "effective_at": now().isoformat()}
    return {
        "POST /entries/{entry_id}/reversal": Sound("rates", wish),
        **of_rewards(world),
        "POST /units/{unit_id}/budget-grants": Sound("rates", grant),
        "POST /funds": Sound("rates", fund),
        "POST /funds/{fund_name}/grants": Sound("rates", money),
    }


def of_the_end() -> dict[str, Sound]:
    """What ends a walk: last, for nothing is brought to it afterwards."""
    when = {"finished_at": now().isoformat()}
    return {"POST /participations/{participation_id}/finish": Sound("resident", when)}


def content_of(body: Any) -> bytes:
    """A file as it is, anything else as JSON."""
    return body if isinstance(body, bytes) else written(body)


def spoilt_content(draw: Any, body: Any) -> bytes:
    """A body with one thing wrong with it; a file is cut, or something is put into it."""
    if not isinstance(body, bytes):
        return spoilt_body(draw, body)
    cut = draw(st.integers(0, len(body)))
    odd = draw(st.sampled_from([b"", b"\xff", b"\x00", b"&", b"<a>", b"NaN", b"9" * 400, b"%00"]))
    return draw(st.sampled_from([body[:cut], body[:cut] + odd + body[cut:], odd, body + body]))


def address_of(path: str, sound: Sound) -> str:
    """The path below the API's root, with the query that belongs to the request."""
    return f"/api/v1{path}" + (f"?{sound.query}" if sound.query else "")


def asked(world: Any, client: Any, name: str, sound: Sound, content: bytes) -> Any:
    """The answer to one request about the first thing of each kind that there is."""
    method, _, path = name.partition(" ")
    first = {place: str(found[0]) for place, found in world.ids.items()} | sound.at
    sent = headers_of(world, world.actors[sound.who])
    sent |= {"Idempotency-Key": new_id(), "If-Match": "1", "Content-Type": sound.kind}
    sent["Point-Key"] = world.point_key
    if name == "PATCH /me":
        sent["If-Match"] = str(client.get("/api/v1/me", headers=sent).get_json()["version"])
    at = address_of(path.format(**first), sound)
    return client.open(at, method=method, data=content, headers=sent)
