"""The OpenAPI snapshot is what the application serves, and a sound document of its kind."""

import json
import re
from collections import Counter
from collections.abc import Iterator

import jsonschema_rs
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_30
from source_tree import ROOT, assert_none

from api.app import openapi_text
from api.errors import PROBLEM_TYPE

SNAPSHOT = ROOT / "docs" / "openapi.json"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def operations_of(spec: dict) -> Iterator[tuple[str, dict]]:
    """("POST /tasks", the operation) of every operation."""
    for path, item in spec["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path}", item[method]


def dangling_references(spec: dict) -> list[str]:
    """Every $ref that leads nowhere."""
    return [reference for reference in _references(spec) if not _leads_somewhere(spec, reference)]


def _references(node):
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for inner in node.values():
            yield from _references(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _references(inner)


def _leads_somewhere(spec, reference):
    return reference.startswith("#/") and _target(spec, reference) is not None


def _target(spec, reference):
    node = spec
    for part in reference.removeprefix("#/").split("/"):
        part = part.replace("~1", "/").replace("~0", "~")
        node = node.get(part) if isinstance(node, dict) else None
    return node


def undescribed(spec: dict) -> list[str]:
    """Operations that say neither in a summary nor in a description what they do."""
    return [
        name
        for name, operation in operations_of(spec)
        if not (operation.get("summary") or operation.get("description"))
    ]


def repeated_ids(spec: dict) -> list[str]:
    """Operation ids that two operations share."""
    counted = Counter(one.get("operationId") for _, one in operations_of(spec))
    return [name for name, times in counted.items() if name is not None and times > 1]


def undeclared_places(spec: dict) -> list[str]:
    """Places in a path that no parameter describes, or parameters without their place."""
    found = []
    for path, item in spec["paths"].items():
        places = {part.split("}")[0] for part in path.split("{")[1:]}
        for method in set(METHODS) & set(item):
            given = [*item.get("parameters", []), *item[method].get("parameters", [])]
            named = {one["name"] for one in given if one.get("in") == "path"}
            if named != places:
                found.append(f"{method.upper()} {path}: {sorted(named ^ places)}")
    return found


def errors_that_are_no_problems(spec: dict) -> list[str]:
    """Error answers that are not application/problem+json alone."""
    found = []
    for name, operation in operations_of(spec):
        for status, answer in operation["responses"].items():
            whole = _target(spec, answer["$ref"]) if "$ref" in answer else answer
            is_error = status == "default" or status[0] in "45"
            if is_error and set((whole or {}).get("content", {})) != {PROBLEM_TYPE}:
                found.append(f"{name} {status}")
    return found


def unsaid_refusals(spec: dict) -> list[str]:
    """Operations behind a token that do not say they may answer 401 and 403."""
    return [
        name
        for name, operation in operations_of(spec)
        if operation.get("security") and not {"401", "403"} <= set(operation["responses"])
    ]


@pytest.fixture(scope="module")
def spec(app) -> dict:
    return json.loads(openapi_text(app))


def test_the_snapshot_is_what_the_application_serves(app):
    stored = SNAPSHOT.read_text("utf-8") if SNAPSHOT.exists() else ""
    if stored != openapi_text(app):
        pytest.fail(
            "docs/openapi.json is not what the application serves. Run `flask --app cli openapi`, "
            "read the difference, and commit it.",
            pytrace=False,
        )


def test_the_application_serves_it(app, spec):
    answer = app.test_client().get("/api/openapi.json")
    assert answer.status_code == 200
    assert answer.get_json() == spec


def test_the_document_is_openapi_3_0(spec):
    assert spec["openapi"].startswith("3.0.")
    errors = jsonschema_rs.validator_for(OPENAPI_30).iter_errors(spec)
    assert_none(f"{'/'.join(map(str, one.instance_path))}: {one.message[:200]}" for one in errors)


def test_it_documents_every_route(app, spec):
    served = {
        re.sub(r"<(?:[^:>]*:)?(\w+)>", r"{\1}", f"{method} {rule.rule}")
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/v1/")
    }
    assert len(served) >= 30
    assert {name for name, _ in operations_of(spec)} == served


def test_every_reference_leads_somewhere(spec):
    assert_none(dangling_references(spec))


def test_every_operation_says_what_it_does(spec):
    assert_none(undescribed(spec))


def test_no_two_operations_share_an_id(spec):
    assert_none(repeated_ids(spec))


def test_every_place_in_a_path_is_described(spec):
    assert_none(undeclared_places(spec))


def test_every_error_is_a_problem(spec):
    assert_none(errors_that_are_no_problems(spec))


def test_what_needs_a_token_says_so(spec):
    assert_none(unsaid_refusals(spec))


# ---- the checkers themselves, on a made-up document


def made_up(**operation) -> dict:
    whole = {"summary": "Said.", "responses": {"200": {"description": "OK"}}, **operation}
    return {"paths": {"/x/{id}": {"get": whole}}}


def test_the_checkers_see_what_is_unsound():
    spec = made_up(summary="", security=[{"bearer": []}])
    spec["components"] = {"schemas": {"A": {"$ref": "#/components/schemas/B"}}}
    operation = spec["paths"]["/x/{id}"]["get"]
    operation["responses"]["404"] = {"content": {"application/json": {}}}
    operation["operationId"] = "same"
    spec["paths"]["/y"] = {"get": {**operation}}
    assert dangling_references(spec) == ["#/components/schemas/B"]
    assert undescribed(spec) == ["GET /x/{id}", "GET /y"]
    assert repeated_ids(spec) == ["same"]
    assert undeclared_places(spec) == ["GET /x/{id}: ['id']"]
    assert errors_that_are_no_problems(spec) == ["GET /x/{id} 404", "GET /y 404"]
    assert unsaid_refusals(spec) == ["GET /x/{id}", "GET /y"]


def test_the_checkers_let_a_sound_document_be():
    spec = made_up(parameters=[{"in": "path", "name": "id"}])
    spec["components"] = {"responses": {"P": {"content": {PROBLEM_TYPE: {}}}}}
    answers = spec["paths"]["/x/{id}"]["get"]["responses"]
    answers["404"] = {"$ref": "#/components/responses/P"}
    assert dangling_references(spec) + undescribed(spec) + undeclared_places(spec) == []
    assert errors_that_are_no_problems(spec) == []
