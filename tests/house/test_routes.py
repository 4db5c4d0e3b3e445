"""Every route says who may call it, turns everybody else away, and its view is a hinge."""

import ast
import importlib
import re

import pytest
from flask import Flask
from source_tree import Source, assert_none, last_name, snippet, sources_of

from api import routes
from api.signing_in import ANYONE, SIGNED_IN, tokens_for
from people import Person, Role
from people.tokens import open_session

V1 = "/api/v1/"
MAX_VIEW_LINES = 12
VERBS = ("get", "post", "put", "patch", "delete", "route")
KEY_HEADER = "Idempotency-Key"
DUMMY = {"int": "1", "float": "1.0", "path": "x", "uuid": "0" * 32}

# POSTs that move coins or stock by the caller's own say-so, so that only a key of the caller's
# tells a repeat from a second wish.
NEEDS_KEY = (
    r"^POST /api/v1/rewards/<[^>]*>/orders$",
    r"^POST /api/v1/voucher-scans$",
    r"^POST /api/v1/vouchers/<[^>]*>/(gift|substitution|refund)$",
    r"^POST /api/v1/rewards/<[^>]*>/awards$",
    r"^POST /api/v1/(rewards/<[^>]*>/codes|vouchers/<[^>]*>/opening)$",
    r"^POST /api/v1/points/<[^>]*>/stock-counts$",
    r"^POST /api/v1/points/<[^>]*>/keys$",
    r"^POST /api/v1/(units/<[^>]*>/budget-(grants|envelopes)|budget-transfers)$",
    r"^POST /api/v1/funds/<[^>]*>/grants$",
    r"^POST /api/v1/rate-cards/<[^>]*>/simulations$",
    r"^POST /api/v1/(tasks|rewards)$",
    r"^POST /api/v1/people/<[^>]*>/work-withdrawals$",
    r"^POST /api/v1/(schedules|tasks/<[^>]*>/orders)$",
    r"^POST /api/v1/units/<[^>]*>/weather-warnings$",
    r"^POST /api/v1/(question-sheets|participations/<[^>]*>/(hand-outs|test))$",
    r"^POST /api/v1/(commendations|me/service-certificates)$",
    r"^POST /api/v1/quests$",
    r"^POST /api/v1/rate-cards$",
)
# POSTs that move coins as well, but only once for the thing in the address: its state is the key.
ONCE_FOR_THE_THING = (
    r"^POST /api/v1/budget-transfers/<[^>]*>/approval$",
    r"^POST /api/v1/awards/<[^>]*>/(approval|withdrawal)$",
    r"^POST /api/v1/stock-counts/<[^>]*>/acceptance$",
    r"^POST /api/v1/rewards/<[^>]*>/recall$",
    r"^POST /api/v1/tasks/<[^>]*>/publication$",
    r"^POST /api/v1/tasks/<[^>]*>/cancellation$",
    r"^POST /api/v1/participations/<[^>]*>/reviews$",
    r"^POST /api/v1/vouchers/<[^>]*>/cancellation$",
    # Each line of its queue has a key of its own.
    r"^POST /api/v1/points/<[^>]*>/offline-hand-overs$",
    r"^POST /api/v1/point-statements/<[^>]*>/(settlement|payment)$",
    r"^POST /api/v1/entries/<[^>]*>/reversal(/approval)?$",
    r"^POST /api/v1/schedules/<[^>]*>/occurrences/<[^>]*>/cancellation$",
    r"^POST /api/v1/deliveries/<[^>]*>/settlement$",
    r"^POST /api/v1/provider-callbacks/<[^>]*>$",
    r"^POST /api/v1/providers/<[^>]*>/reconciliations$",
    # What was taken out is void: a repeat finds only what is left.
    r"^POST /api/v1/rewards/<[^>]*>/code-voidings$",
)
# POSTs that move neither coins nor stock.
MOVES_NOTHING = (
    r"^POST /api/v1/budget-transfers/<[^>]*>/refusal$",
    r"^POST /api/v1/rate-cards/<[^>]*>/(approval|withdrawal)$",
    r"^POST /api/v1/quotes$",
    r"^POST /api/v1/(awards|stock-counts)/<[^>]*>/dismissal$",
    r"^POST /api/v1/participations/<[^>]*>/(appeals|second-look|track-erasure)$",
    r"^POST /api/v1/tasks/<[^>]*>/back-filled-attendances$",
    r"^POST /api/v1/(phone-codes|sessions|staff-sessions|session-refreshes|me/real-name)$",
    r"^POST /api/v1/(people|units|territory-imports|funds)$",
    r"^POST /api/v1/people/<[^>]*>/(memberships|identity-openings)$",
    r"^POST /api/v1/tasks/<[^>]*>/claims$",
    r"^POST /api/v1/participations/<[^>]*>/(start|track-points|finish|giving-up)$",
    r"^POST /api/v1/participations/<[^>]*>/(extension|pause|resumption|confirmation|companions)$",
    r"^POST /api/v1/tasks/<[^>]*>/(waiting-places|team-members)$",
    r"^POST /api/v1/(me|people/<[^>]*>)/card/reissue$",
    r"^POST /api/v1/participations/<[^>]*>/(photos|log|attendance)$",
    r"^POST /api/v1/participations/<[^>]*>/hand-outs/<[^>]*>/voiding$",
    r"^POST /api/v1/me/devices(/<[^>]*>/secret)?$",
    r"^POST /api/v1/wire/(owntracks|traccar|gpslogger)$",
    r"^POST /api/v1/participations/<[^>]*>/gpx$",
    r"^POST /api/v1/rewards/<[^>]*>/(offer|withdrawal|pictures)$",
    r"^POST /api/v1/(voucher-looks|point-keys/<[^>]*>/revocation)$",
    r"^POST /api/v1/entries/<[^>]*>/reversal/refusal$",
    r"^POST /api/v1/point-statements/<[^>]*>/(confirmation|disputes|lines/<[^>]*>/decision)$",
    r"^POST /api/v1/months/<[^>]*>/closing$",
    r"^POST /api/v1/weather-warnings/<[^>]*>/ending$",
    r"^POST /api/v1/providers/<[^>]*>/discrepancies/<[^>]*>/closing$",
    r"^POST /api/v1/orders/<[^>]*>/(acceptance|refusal|withdrawal)$",
    r"^POST /api/v1/units/<[^>]*>/school-calendars$",
    r"^POST /api/v1/(me|units/<[^>]*>)/calendar-link$",
    r"^POST /api/v1/me/streak-freezes$",
    r"^POST /api/v1/me/notices/(<[^>]*>/)?reading$",
    r"^POST /api/v1/webhooks(/<[^>]*>/trial)?$",
    r"^POST /api/v1/commendations/<[^>]*>/(check|award|decline|withdrawal)$",
    r"^POST /api/v1/service-certificates/<[^>]*>/(revocation|name-check|verification)$",
    # One badge a person, one opening a quest: the thing itself is the key.
    r"^POST /api/v1/people/<[^>]*>/badges(/revocation)?$",
    r"^POST /api/v1/quests/<[^>]*>/(opening|withdrawal)$",
)


def calls(app) -> list[tuple[str, object]]:
    """("POST /api/v1/…", the rule) of everything that can be called below /api/v1."""
    return [
        (f"{method} {rule.rule}", rule)
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
        if rule.rule.startswith(V1)
    ]


def who_may(app, rule) -> tuple[str, ...]:
    """Who may call a rule's view; empty where it does not say."""
    return getattr(app.view_functions[rule.endpoint], "who_may_call", ())


def address(rule) -> str:
    """A rule's address with made-up ids in its places."""
    filled = re.sub(r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>", _made_up, rule.rule)
    assert "<" not in filled
    return filled


def _made_up(place):
    return DUMMY.get(place.group(1) or "string", "0" * 24)


def views_of(source: Source) -> list[ast.FunctionDef]:
    """The view functions of a file of routes."""
    return [
        node
        for node in source.tree.body
        if isinstance(node, ast.FunctionDef) and any(_is_route(one) for one in node.decorator_list)
    ]


def _is_route(decorator):
    called = getattr(decorator, "func", None)
    return isinstance(called, ast.Attribute) and called.attr in VERBS


def view_flaws(source: Source) -> list[str]:
    """Views without a docstring or with too long a body, or whose door is not the outer one."""
    found = []
    for view in views_of(source):
        where = f"{source.path}:{view.lineno} {view.name}"
        if not ast.get_docstring(view):
            found.append(f"{where} has no docstring")
        body = view.body[1:] if ast.get_docstring(view) else view.body
        if body and body[-1].end_lineno - body[0].lineno + 1 > MAX_VIEW_LINES:
            found.append(f"{where} is longer than {MAX_VIEW_LINES} lines")
        order = [last_name(one) for one in view.decorator_list]
        if "may_call" not in order:
            found.append(f"{where} does not say who may call it")
        elif any(name in order[: order.index("may_call")] for name in ("arguments", "response")):
            found.append(f"{where} reads what was sent before it asks who is calling")
    return found


@pytest.fixture
def outsider(app):
    """The headers of somebody signed in who holds no role anywhere."""
    person = Person(nickname="路人").save(force_insert=True)
    opened = open_session(person.id)
    with app.app_context():
        token = tokens_for(person.id, opened.session_id, opened.generation)["access_token"]
    return {"Authorization": f"Bearer {token}"}


def test_every_file_of_routes_is_served():
    files = [one.module for one in sources_of("api") if one.path.endswith("_routes.py")]
    served = {id(blueprint) for blueprint in routes.ALL}
    assert len(files) >= 5
    assert_none(one for one in files if id(importlib.import_module(one).blp) not in served)


def test_every_route_says_who_may_call_it(app):
    assert len(calls(app)) >= 30
    assert_none(name for name, rule in calls(app) if not who_may(app, rule))


def test_who_may_call_is_anyone_or_somebody_signed_in_or_roles(app):
    known = {ANYONE, SIGNED_IN, *Role}
    for name, rule in calls(app):
        who = set(who_may(app, rule))
        assert who <= known, name
        assert len(who) == 1 or not who & {ANYONE, SIGNED_IN}, f"{name} says two things"


def test_nobody_is_turned_away_with_401(app):
    client, wrong = app.test_client(), []
    for name, rule in calls(app):
        if ANYONE not in who_may(app, rule):
            answer = client.open(address(rule), method=name.split()[0])
            if (answer.status_code, answer.mimetype) != (401, "application/problem+json"):
                wrong.append(f"{name}: {answer.status_code} {answer.mimetype}")
    assert_none(wrong)


def test_a_made_up_token_is_turned_away_with_401(app):
    client, wrong = app.test_client(), []
    headers = {"Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."}
    for name, rule in calls(app):
        if ANYONE not in who_may(app, rule):
            answer = client.open(address(rule), method=name.split()[0], headers=headers)
            if answer.status_code != 401:
                wrong.append(f"{name}: {answer.status_code}")
    assert_none(wrong)


def test_a_person_without_a_role_is_turned_away_with_403(app, outsider):
    client, asked, wrong = app.test_client(), 0, []
    for name, rule in calls(app):
        if set(who_may(app, rule)) & {ANYONE, SIGNED_IN}:
            continue
        answer = client.open(address(rule), method=name.split()[0], headers=outsider)
        asked += 1
        if (answer.status_code, answer.mimetype) != (403, "application/problem+json"):
            wrong.append(f"{name}: {answer.status_code} {answer.mimetype}")
    assert asked >= 10
    assert_none(wrong)


def test_somebody_signed_in_gets_past_the_door_of_what_is_open_to_them(app, outsider):
    client, wrong = app.test_client(), []
    for name, rule in calls(app):
        if SIGNED_IN in who_may(app, rule) and name.startswith("GET "):
            answer = client.open(address(rule), method="GET", headers=outsider)
            if answer.status_code in (401, 405) or answer.status_code >= 500:
                wrong.append(f"{name}: {answer.status_code}")
    assert_none(wrong)


@pytest.mark.parametrize("pattern", NEEDS_KEY)
def test_what_moves_coins_or_stock_takes_an_idempotency_key(app, pattern):
    spec = app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()
    found = [rule for name, rule in calls(app) if re.match(pattern, name)]
    assert found, f"no route is like {pattern}"
    for rule in found:
        documented = spec["paths"][re.sub(r"<(?:[^:>]*:)?(\w+)>", r"{\1}", rule.rule)]["post"]
        keys = [one for one in documented["parameters"] if one.get("name") == KEY_HEADER]
        assert [one["in"] for one in keys] == ["header"], rule.rule
        assert keys[0]["required"], rule.rule


@pytest.mark.parametrize("pattern", ONCE_FOR_THE_THING + MOVES_NOTHING)
def test_every_line_about_keys_speaks_of_a_route_that_is_there(app, pattern):
    assert [name for name, _ in calls(app) if re.match(pattern, name)] != []


def test_every_post_is_said_to_move_coins_or_not(app):
    """A new POST goes into one of the three lists above, by somebody who thought about it."""
    lists = (NEEDS_KEY, ONCE_FOR_THE_THING, MOVES_NOTHING)
    posts = [name for name, _ in calls(app) if name.startswith("POST ")]
    said = {
        name: sum(any(re.match(one, name) for one in every) for every in lists) for name in posts
    }
    assert_none(f"{name} is in {times} lists" for name, times in said.items() if times != 1)


def test_views_are_short_documented_and_ask_first_who_is_calling():
    files = [one for one in sources_of("api") if one.path.endswith("_routes.py")]
    assert sum(len(views_of(one)) for one in files) >= 30
    assert_none(line for one in files for line in view_flaws(one))


# ---- the checker itself, on made-up views


def test_the_checker_sees_a_route_that_does_not_say_who_may_call_it():
    made_up = Flask("made-up", static_folder=None)
    made_up.add_url_rule("/api/v1/x/<int:n>/<path:y>/<z>", "view", lambda **_: "")
    ((name, rule),) = calls(made_up)
    assert name == "GET /api/v1/x/<int:n>/<path:y>/<z>"
    assert who_may(made_up, rule) == ()
    assert address(rule) == f"/api/v1/x/1/x/{'0' * 24}"


VIEW = "@blp.post('/x')\n{decorators}\ndef f():\n    {body}\n"
DOOR = "@may_call(ANYONE)"


@pytest.mark.parametrize(
    ("decorators", "body"),
    [
        (DOOR, "return 1"),
        (DOOR, "'Said.'\n" + "    x = 1\n" * 13),
        ("@blp.response(200, S)", "'Said.'"),
        ("@blp.arguments(S)\n@may_call(ANYONE)", "'Said.'"),
    ],
)
def test_the_checker_sees_a_view_that_is_no_hinge(decorators, body):
    made_up = snippet("api/a_routes.py", VIEW.format(decorators=decorators, body=body))
    assert len(view_flaws(made_up)) == 1


def test_the_checker_lets_a_hinge_be():
    body = "'Said.'\n" + "    x = 1\n" * 12
    made_up = snippet("api/a.py", VIEW.format(decorators=f"{DOOR}\n@blp.response(200)", body=body))
    assert len(views_of(made_up)) == 1
    assert view_flaws(made_up) == []
