"""The API under generated requests: whatever is sent, it answers as documented and never breaks."""

import json
import re
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
from sound_providers import with_provider
from sound_requests import (
    NOT_MEANT,
    address_of,
    asked,
    content_of,
    sound_requests,
    spoilt_content,
)
from sound_world import Sound, headers_of, the_world
from spoilt_requests import (
    HEADERS,
    KINDS_OF_BODY,
    NASTIEST,
    PLACES,
    places_in,
    spoilt,
    written,
)

from api import routes
from api.errors import PROBLEM_TYPE
from fixtures.factories import a_resident
from shared.ids import new_id

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
def world(app):
    """A town where every noun exists, and callers who may do everything between them."""
    made = the_world(app)
    with_provider(made)
    made.sound = sound_requests(made)
    return made


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


def callers_of(world, operation) -> st.SearchStrategy:
    """Anybody, and half the time who may ask this soundly, where it is known who that is."""
    anybody = st.sampled_from([world.actors[name] for name in sorted(world.actors)])
    name = f"{operation.method.upper()} {operation.path.removeprefix('/api/v1')}"
    by_wire = "phone" if "/wire/" in operation.path else None
    may = world.sound[name].who if name in world.sound else by_wire
    return st.just(world.actors[may]) | anybody if may else anybody


def ask_generated(world, operation, mode) -> None:
    try:
        strategy = operation.as_strategy(generation_mode=mode)
        strategy.validate()
    except Exception as error:
        if "negat" in str(error).lower():  # nothing in it can be wrong
            return
        raise

    who = callers_of(world, operation)

    @BOUNDED
    @given(st.data())
    def ask(data):
        case = data.draw(strategy)
        case.path_parameters = meant(data.draw, case.path_parameters, world.ids)
        case.body = meant(data.draw, case.body, world.ids)
        case.query = meant(data.draw, case.query, world.ids)
        # a session that may end is somebody's alone
        alone = operation.path in SIGNS_OUT
        actor = a_resident(real_name=False) if alone else data.draw(who)
        answer = case.call(headers=headers_of(world, actor))
        case.validate_response(answer, checks=SOUND)
        if answer.status_code >= 400:
            kind = answer.headers["content-type"][0]
            assert_problem(answer.status_code, kind, answer.content)

    ask()


# ---- valid requests, spoilt in one place


def test_the_sound_requests_are_sound(world):
    client, unsound = world.app.test_client(), []
    for name, sound in world.sound.items():
        answer = asked(world, client, name, sound, content_of(sound.body))
        wanted = {NOT_MEANT[name]} if name in NOT_MEANT else {200, 201, 202}
        if answer.status_code not in wanted:
            unsound.append((name, answer.status_code, answer.get_data(as_text=True)[:300]))
    assert unsound == []


def address(draw, path: str, world, sound: Sound) -> str:
    """The path with real ids, or now and then with something else at one of its places."""
    for name in re.findall(r"{(\w+)}", path):
        odd = draw(st.integers(0, 11)) == 0
        meant = [sound.at[name]] * 3 if name in sound.at else []
        value = draw(st.sampled_from(PLACES if odd else meant + world.ids[name]))
        path = path.replace(f"{{{name}}}", str(value))
    return address_of(path, sound)


def assert_answered(answer, operation: dict) -> None:
    """No fault, nothing undocumented, and every error a problem."""
    status, kind = answer.status_code, answer.content_type
    said = answer.get_data()
    assert status < 500, said[:500]
    assert {str(status), "default"} & set(operation["responses"]), f"{status} is undocumented"
    if status >= 400:
        assert_problem(status, kind, said)
    elif status != 204:
        # JSON, but for the pages that say they are none.
        meant = operation["responses"].get(str(status), {}).get("content")
        assert kind.partition(";")[0] in (meant or {"application/json"})


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
    sound = world.sound
    with_body = {name for name, operation in operations.items() if "requestBody" in operation}
    assert set(sound) == with_body
    tokens = {name: headers_of(world, actor) for name, actor in world.actors.items()}

    @settings(BOUNDED, max_examples=MUTATIONS)
    @given(st.data())
    def ask(data):
        draw = data.draw
        name = draw(st.sampled_from(sorted(operations)))
        one = sound.get(name) or Sound(draw(st.sampled_from(sorted(tokens))), {})
        method, _, path = name.partition(" ")
        sent = tokens[one.who] | {"Idempotency-Key": new_id(), "If-Match": "1"}
        sent["Content-Type"] = one.kind
        what = draw(st.sampled_from(["body"] * 6 + ["kind", "header"]))
        if what == "kind":
            sent["Content-Type"] = draw(st.sampled_from(KINDS_OF_BODY))
        if what == "header":
            odd = draw(st.sampled_from(sorted(HEADERS)))
            sent[odd] = draw(st.sampled_from(HEADERS[odd]))
        content = spoilt_content(draw, one.body) if what == "body" else content_of(one.body)
        at = address(draw, path, world, one)
        answer = client.open(at, method=method, data=content, headers=sent)
        assert_answered(answer, operations[name])

    ask()


@pytest.mark.parametrize("value", NASTIEST, ids=lambda value: ascii(value)[:12])
def test_the_nastiest_values_break_nothing_at_any_place(world, value):
    client = world.app.test_client()
    operations = writing_operations(client.get("/api/openapi.json").get_json())
    faults = []
    for name, sound in world.sound.items():
        for place in places_in(sound.body):
            content = written(spoilt(sound.body, place, value))
            answer = asked(world, client, name, sound, content)
            if answer.status_code >= 500:
                faults.append(f"{name} at {place}")
            else:
                assert_answered(answer, operations[name])
    assert faults == []
