"""The API under generated requests: whatever is sent, it answers as documented and never breaks."""

import json
import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from spoilt_requests import (
    HEADERS,
    KINDS_OF_BODY,
    NASTIEST,
    PLACES,
    places_in,
    spoilt,
    spoilt_body,
    written,
)

from api import routes
from api.errors import PROBLEM_TYPE
from api.signing_in import tokens_for
from catalog import order_reward, voucher_of
from fixtures.factories import (
    a_resident,
    a_reward,
    a_task,
    a_town,
    rated,
    sample_id_number,
    staff,
    task_content,
)
from ledger import statement_of, wallet
from people import Actor, Role
from rates import budget_year_of
from shared.clock import now
from shared.ids import new_id
from tasks import claim_task, finish_participation, start_participation

pytestmark = [pytest.mark.slow, pytest.mark.timeout(170)]

EXAMPLES = 20
MUTATIONS = 2_500
BOUNDED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
SOUND = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
SIGNS_OUT = {"/api/v1/sessions", "/api/v1/sessions/current"}
NOUNS = [blueprint.name for blueprint in routes.ALL]
METHODS_WITH_BODY = ("post", "put", "patch")


@pytest.fixture
def world(app) -> SimpleNamespace:
    """A town where every noun exists, and callers who may do everything between them."""
    town = a_town()
    rated(town.city)
    officer = staff(Role.CENTRE_OFFICER, at=town.district)
    clerk = staff(Role.CLERK, at=town.point)
    resident = a_resident(coins=10_000)
    tasks = [a_task(at=town.street, slots=50) for _ in range(2)]
    draft = a_task(at=town.street, published=False, by=officer)
    taken = claim_task(tasks[0].id, position=None, by=resident)
    start_participation(taken.id, by=resident)
    done = _finished(tasks[0])
    reward = a_reward(at=town.district, point=town.point, stock=1_000, price=1)
    vouchers = [
        order_reward(reward.id, town.point.id, key=f"order-{number}", by=resident)
        for number in range(3)
    ]
    ids = {
        "unit_id": [town.street.id, town.district.id, town.city.id, town.point.id],
        "parent_id": [town.street.id, town.district.id],
        "home_unit_id": [town.street.id],
        "point_id": [town.point.id],
        "task_id": [*(task.id for task in tasks), draft.id],
        "participation_id": [taken.id, done],
        "reward_id": [reward.id],
        "voucher_id": [voucher.id for voucher in vouchers],
        "person_id": [resident.person_id, clerk.person_id],
        "account": [wallet(resident.person_id)],
        "role": [role.value for role in Role],
        "code": [voucher_of(vouchers[0].id, by=resident).code],
        "year": [budget_year_of(now())],
        "month": ["2026-01", "2026-02"],
        "entry_id": [statement_of(wallet(resident.person_id)).lines[-1].entry_id],
    }
    actors = {
        "resident": resident,
        "officer": officer,
        "clerk": clerk,
        "admin": staff(Role.ADMIN, at=town.city),
        "rates": staff(Role.RATE_ADMIN, at=town.city),
        "ombudsman": staff(Role.OMBUDSMAN, at=town.city),
        "newcomer": a_resident(real_name=False),
        "auditor": staff(Role.AUDITOR, at=town.city),
    }
    return SimpleNamespace(app=app, town=town, ids=ids, actors=actors, draft=draft)


def _finished(task) -> str:
    walker = a_resident()
    done = claim_task(task.id, position=None, by=walker)
    start_participation(done.id, by=walker)
    return finish_participation(done.id, by=walker).id


def headers_of(world, actor: Actor | None) -> dict[str, str]:
    """The headers of somebody signed in, who speaks English."""
    if actor is None:
        return {"Accept-Language": "en"}
    with world.app.app_context():
        token = tokens_for(actor.person_id, actor.session_id, 1)["access_token"]
    return {"Accept-Language": "en", "Authorization": f"Bearer {token}"}


def assert_problem(status: int, content_type: str, body: bytes) -> None:
    """An error says so as a problem, with a code for programs and words for people."""
    assert content_type == PROBLEM_TYPE
    said = json.loads(body)
    assert said["status"] == status
    assert all(isinstance(said[name], str) and said[name] for name in ("code", "detail"))


# ---- requests made from the OpenAPI itself


def operations_of(app, noun: str) -> list[Any]:
    spec = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    found = [result.ok() for result in spec.get_all_operations()]
    return [operation for operation in found if noun in operation.tags]


def meant(draw, value: Any, ids: dict[str, list]) -> Any:
    """The generated value, its ids exchanged for real ones now and then: most doors need one."""
    if not isinstance(value, dict):
        return value
    return {
        name: draw(st.sampled_from(ids[name])) if name in ids and draw(st.booleans()) else inner
        for name, inner in value.items()
    }


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("noun", NOUNS)
def test_whatever_is_generated_is_answered_as_documented(world, noun, mode):
    operations = operations_of(world.app, noun)
    assert operations
    for operation in operations:
        if mode is GenerationMode.POSITIVE or operation.body or [*operation.iter_parameters()]:
            ask_generated(world, operation, mode)


def ask_generated(world, operation, mode) -> None:
    try:
        strategy = operation.as_strategy(generation_mode=mode)
        strategy.validate()
    except Exception as error:
        if "negat" in str(error).lower():  # nothing in it can be wrong
            return
        raise

    @BOUNDED
    @given(st.data())
    def ask(data):
        case = data.draw(strategy)
        case.path_parameters = meant(data.draw, case.path_parameters, world.ids)
        case.body = meant(data.draw, case.body, world.ids)
        case.query = meant(data.draw, case.query, world.ids)
        who = data.draw(st.sampled_from(sorted(world.actors)))
        # a session that may end is somebody's alone
        alone = operation.path in SIGNS_OUT
        actor = a_resident(real_name=False) if alone else world.actors[who]
        answer = case.call(headers=headers_of(world, actor))
        case.validate_response(answer, checks=SOUND)
        if answer.status_code >= 400:
            kind = answer.headers["content-type"][0]
            assert_problem(answer.status_code, kind, answer.content)

    ask()


# ---- valid requests, spoilt in one place


def sound_requests(world) -> dict[str, tuple[str, Any]]:
    """Who may ask what: an operation of the OpenAPI → the caller and a sound body."""
    return of_people(world) | of_the_ground(world) | of_tasks(world) | of_coins(world)


def of_people(world) -> dict[str, tuple[str, Any]]:
    town = world.town
    role = {"role": "clerk", "unit_id": town.point.id}
    identity = {
        "real_name": "林样例",
        "id_number": sample_id_number(9),
        "home_unit_id": town.street.id,
    }
    login = {"login": "newcomer", "password": "a long one!", "nickname": "x", "roles": [role]}
    return {
        "POST /phone-codes": ("resident", {"phone": "13800000001"}),
        "POST /sessions": ("resident", {"phone": "13800000001", "code": "123456"}),
        "POST /staff-sessions": ("resident", {"login": "nobody", "password": "a long password"}),
        "POST /session-refreshes": ("resident", {"refresh_token": "a.b.c"}),
        "PATCH /me": ("clerk", {"nickname": "a", "organisations": ["b"], "serves_as": ["c"]}),
        "POST /me/real-name": ("newcomer", identity),
        "POST /people": ("admin", login),
        "POST /people/{person_id}/memberships": ("admin", role),
        "POST /people/{person_id}/identity-openings": ("ombudsman", {"reason": "sample"}),
    }


def of_the_ground(world) -> dict[str, tuple[str, Any]]:
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
    return {"POST /units": ("admin", unit), "POST /territory-imports": ("admin", ground)}


def of_tasks(world) -> dict[str, tuple[str, Any]]:
    soon = now() + timedelta(hours=1)
    task = task_content((soon, soon + timedelta(hours=2)), unit_id=world.town.street.id)
    task |= {name: task[name].isoformat() for name in ("starts_at", "ends_at")}
    edit = {name: task[name] for name in ("title", "area", "checks", "slots", "roles_wanted")}
    position = {"lat": 26.0885, "lon": 119.2925, "datum": "gcj02"}
    point = {"at": now().isoformat(), "lat": 26.0885, "lon": 119.2925, "accuracy_m": 5}
    upload = {"upload_key": "u-1", "datum": "wgs84", "points": [point, point]}
    own = "/participations/{participation_id}"
    return {
        "POST /tasks": ("officer", task),
        "PATCH /tasks/{task_id}": ("officer", edit),
        "POST /tasks/{task_id}/claims": ("resident", {"position": position}),
        f"POST {own}/track-points": ("resident", upload),
        f"POST {own}/finish": ("resident", {"finished_at": now().isoformat()}),
        f"POST {own}/reviews": ("officer", {"verified": True, "reason": "seen"}),
    }


def of_coins(world) -> dict[str, tuple[str, Any]]:
    town, ids = world.town, world.ids
    reward = {"unit_id": town.district.id, "title": "纸巾", "price": 1, "validity_days": 30}
    card = {
        "unit_id": town.street.id,
        "in_force_from": (now() + timedelta(hours=1)).isoformat(),
        "lines": [{"kind": "patrol", "base": 0, "per_hour": 50, "minimum": 1}],
        "fen_per_10000_coins": 20_000,
    }
    grant = {"year": ids["year"][0], "coins": 10, "authorisation": "sample"}
    wish = {"reason": "fraud", "effective_at": now().isoformat()}
    return {
        "POST /entries/{entry_id}/reversal": ("rates", wish),
        "POST /rewards": ("officer", reward),
        "PUT /rewards/{reward_id}/stocks/{point_id}": ("officer", {"supplied": 2_000}),
        "POST /rewards/{reward_id}/orders": ("resident", {"point_id": town.point.id}),
        "POST /voucher-scans": ("clerk", {"code": ids["code"][0], "point_id": town.point.id}),
        "POST /rate-cards": ("rates", card),
        "POST /units/{unit_id}/budget-grants": ("rates", grant),
    }


# These show something that nobody was given, or come when it is too late.
NOT_MEANT = {
    "POST /sessions": 409,
    "POST /staff-sessions": 401,
    "POST /session-refreshes": 401,
    "POST /participations/{participation_id}/reviews": 409,
}


def asked(world, client, name: str, who: str, content: bytes) -> Any:
    """The answer to one request about the first thing of each kind that there is."""
    method, _, path = name.partition(" ")
    first = {place: str(found[0]) for place, found in world.ids.items()}
    sent = headers_of(world, world.actors[who]) | {"Idempotency-Key": new_id(), "If-Match": "1"}
    sent["Content-Type"] = "application/json"
    if method == "PATCH":
        first["task_id"] = world.draft.id
        me = client.get("/api/v1/me", headers=sent).get_json()
        sent["If-Match"] = str(me["version"] if path == "/me" else 1)
    at = f"/api/v1{path.format(**first)}"
    return client.open(at, method=method, data=content, headers=sent)


def test_the_sound_requests_are_sound(world):
    client = world.app.test_client()
    for name, (who, body) in sound_requests(world).items():
        answer = asked(world, client, name, who, written(body))
        wanted = {NOT_MEANT[name]} if name in NOT_MEANT else {200, 201, 202}
        assert answer.status_code in wanted, (name, answer.get_data(as_text=True))


def address(draw, path: str, world) -> str:
    """The path with real ids, or now and then with something else at one of its places."""
    for name in re.findall(r"{(\w+)}", path):
        odd = draw(st.integers(0, 11)) == 0
        value = draw(st.sampled_from(PLACES if odd else world.ids[name]))
        path = path.replace(f"{{{name}}}", str(value))
    return path


def assert_answered(answer, operation: dict) -> None:
    """No fault, nothing undocumented, and every error a problem."""
    status, kind = answer.status_code, answer.content_type
    said = answer.get_data()
    assert status < 500, said[:500]
    assert {str(status), "default"} & set(operation["responses"]), f"{status} is undocumented"
    if status >= 400:
        assert_problem(status, kind, said)
    elif status != 204:
        assert kind == "application/json"


def writing_operations(spec: dict) -> dict[str, dict]:
    """Every operation that writes, as "POST /tasks"."""
    return {
        f"{method.upper()} {path.removeprefix('/api/v1')}": item[method]
        for path, item in spec["paths"].items()
        for method in METHODS_WITH_BODY
        if method in item
    }


def test_a_sound_request_spoilt_in_one_place_is_answered_and_never_breaks(world):
    client = world.app.test_client()
    operations = writing_operations(client.get("/api/openapi.json").get_json())
    sound = sound_requests(world)
    with_body = {name for name, operation in operations.items() if "requestBody" in operation}
    assert set(sound) == with_body
    tokens = {name: headers_of(world, actor) for name, actor in world.actors.items()}

    @settings(BOUNDED, max_examples=MUTATIONS)
    @given(st.data())
    def ask(data):
        draw = data.draw
        name = draw(st.sampled_from(sorted(operations)))
        who, body = sound.get(name, (draw(st.sampled_from(sorted(tokens))), {}))
        method, _, path = name.partition(" ")
        sent = tokens[who] | {"Idempotency-Key": new_id(), "If-Match": "1"}
        sent["Content-Type"] = "application/json"
        what = draw(st.sampled_from(["body"] * 6 + ["kind", "header"]))
        if what == "kind":
            sent["Content-Type"] = draw(st.sampled_from(KINDS_OF_BODY))
        if what == "header":
            odd = draw(st.sampled_from(sorted(HEADERS)))
            sent[odd] = draw(st.sampled_from(HEADERS[odd]))
        content = spoilt_body(draw, body) if what == "body" else written(body)
        at = f"/api/v1{address(draw, path, world)}"
        answer = client.open(at, method=method, data=content, headers=sent)
        assert_answered(answer, operations[name])

    ask()


@pytest.mark.parametrize("value", NASTIEST, ids=lambda value: ascii(value)[:12])
def test_the_nastiest_values_break_nothing_at_any_place(world, value):
    client = world.app.test_client()
    operations = writing_operations(client.get("/api/openapi.json").get_json())
    faults = []
    for name, (who, body) in sound_requests(world).items():
        for place in places_in(body):
            answer = asked(world, client, name, who, written(spoilt(body, place, value)))
            if answer.status_code >= 500:
                faults.append(f"{name} at {place}")
            else:
                assert_answered(answer, operations[name])
    assert faults == []
