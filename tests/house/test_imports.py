"""The rooms' order: imports go downward only, through the doors, at the top of the file."""

import ast
import sys

import pytest
from source_tree import (
    Source,
    assert_none,
    imported_file,
    modules,
    own_tops,
    snippet,
    sources,
    sources_of,
)

PURE = True

# From the floor up. Rooms of one line never import one another.
LEVELS = [
    {"settings"},
    {"shared"},
    {"ledger", "people"},
    {"rates", "notices"},
    {"tasks", "tips", "catalog"},
    {"command", "duties", "honours"},
    {"insights"},
    {"api"},
]
HEIGHT = {room: height for height, level in enumerate(LEVELS) for room in level}
# What may stand beside the rooms and look into them; nothing in a room may look back.
BELOW_API = {room for room in HEIGHT if room != "api"}
BESIDE = {
    "fixtures": BELOW_API,
    "bench": BELOW_API | {"api", "fixtures", "embedded", "children"},
    "wsgi": {"api"},
    "gunicorn.conf": set(),
    "worker": BELOW_API | {"api"},
    "live": BELOW_API | {"api"},
    "cli": BELOW_API | {"api", "fixtures", "bench", "children"},
    "children": set(),
    "embedded": {"children"},
    "installing": {"children", "embedded"},
    "dev": {"children", "embedded", "installing"},
    "docs": set(),
}
STANDARD_LIBRARY_ONLY = ("settings", "children", "embedded", "installing", "dev")
# The files of these are imported, not their doors: the floor, and the edge by what stands on it.
OPEN_ROOMS = {"shared"}
OPEN_TO_THE_TOP = {"api"}
# Files that others may enter a room by, each with who may: "*" is everybody.
SIDE_DOORS = {
    "ledger.accounts": {"*"},  # the names of accounts read best as accounts.task(id)
    # Pure, for what past work would have been worth is worked out by the very same arithmetic.
    "rates.capping": {"insights"},
    "rates.duty": {"insights"},
    "rates.pricing": {"insights"},
    "rates.terms": {"insights"},
    # What a recorded or simulated walk is measured with: pure, and no business of the API.
    "tasks.judging.areas": {"fixtures", "bench"},
    "tasks.judging.checks": {"fixtures", "bench"},
    "tasks.tracks.track_packing": {"fixtures", "bench"},
    "tasks.judging.track_rules": {"fixtures", "bench"},
    # The rest of the way from an upload to its verdict, for the benchmark of verdicts: pure too.
    "tasks.tracks.positions": {"bench"},
    "tasks.suspicion.copy_index": {"bench"},
    "tasks.suspicion.fingerprint": {"bench"},
    "tasks.suspicion.signal": {"bench"},
    "tasks.suspicion.suspicion": {"bench"},
}
MAY_IMPORT_INSIDE_FUNCTIONS = {"tests/conftest.py"}


def allowed_tops(room: str) -> set[str]:
    """The top names that code of `room` may import besides itself."""
    if room in HEIGHT:
        return {other for other, height in HEIGHT.items() if height < HEIGHT[room]}
    return BESIDE.get(room, set())


def upward_imports(source: Source, ours: set[str]) -> list[str]:
    """The imports of a file that its room may not make."""
    if source.room == "tests":
        return []
    allowed = allowed_tops(source.room) | {source.room}
    return [
        f"{source.path}:{seen.line} imports {seen.module}"
        for seen in source.imports
        if seen.top in ours | set(HEIGHT) | set(BESIDE) | {"tests"} and seen.top not in allowed
    ]


def imports_past_doors(source: Source, files: set[str], doors: dict[str, set[str]]) -> list[str]:
    """The imports of a file that enter a room other than by its door, or take no public name."""
    found = []
    for seen in source.imports:
        if seen.top not in HEIGHT or seen.top in OPEN_ROOMS | {"settings", source.room}:
            continue
        if seen.top in OPEN_TO_THE_TOP and source.room in BESIDE:
            continue
        reached = imported_file(seen, files)
        line = f"{source.path}:{seen.line}"
        if reached != seen.top:
            by_side_door = SIDE_DOORS.get(reached, set()) & {"*", source.room}
            is_job = source.path == "worker.py" and reached == f"{seen.top}.jobs"
            if not by_side_door and not is_job:
                found.append(f"{line} goes past the door of {seen.top}: {reached}")
        elif seen.name and seen.name not in doors.get(seen.top, set()):
            found.append(f"{line} takes {seen.name}, which {seen.top} does not offer")
    return found


def offered(source: Source) -> set[str]:
    """The public names of a door, as its `__all__` says."""
    for node in source.tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return set(ast.literal_eval(node.value))
    return set()


def imports_of_own_door(source: Source, files: set[str]) -> list[str]:
    """Inside a room the file is imported: names taken from the own door go round in a circle."""
    return [
        f"{source.path}:{seen.line} takes {seen.name or seen.module} from its own door"
        for seen in source.imports
        if seen.module == source.room and imported_file(seen, files) == source.room
    ]


def hidden_imports(source: Source) -> list[str]:
    """Imports inside functions, relative ones, and those made by a string."""
    found = [
        f"{source.path}:{seen.line} imports {seen.module} inside a function"
        for seen in source.imports
        if seen.in_function
    ]
    found += [
        f"{source.path}:{seen.line} imports relatively"
        for seen in source.imports
        if seen.module.startswith(".")
    ]
    return found


def imports_by_string(source: Source) -> list[str]:
    """Calls of import_module or __import__, which no reader of the tree can follow."""
    return [
        f"{source.path}:{node.lineno}"
        for node in source.nodes
        if (isinstance(node, ast.Attribute) and node.attr == "import_module")
        or (isinstance(node, ast.Name) and node.id in ("import_module", "__import__"))
    ]


def other_than_standard(source: Source) -> list[str]:
    """Imports from beyond the standard library and the other root files that keep to it."""
    allowed = sys.stdlib_module_names | set(STANDARD_LIBRARY_ONLY)
    return [
        f"{source.path}:{seen.line} imports {seen.module}"
        for seen in source.imports
        if seen.top not in allowed and not (source.path == "embedded.py" and _is_guarded(seen))
    ]


def _is_guarded(seen):
    return seen.top == "pymongo" and seen.if_present and not seen.in_function


@pytest.fixture(scope="module")
def doors():
    return {room: offered(modules()[room]) for room in HEIGHT if room in modules()}


def test_imports_go_downward_only():
    ours = own_tops()
    assert_none(line for source in sources() for line in upward_imports(source, ours))


def test_every_top_file_and_folder_has_its_place_in_the_order():
    assert own_tops() - {"tests"} - set(HEIGHT) - set(BESIDE) == set()


def test_a_room_is_entered_through_its_door(doors):
    files = set(modules())
    strangers = [source for source in sources() if source.room != "tests"]
    assert_none(line for one in strangers for line in imports_past_doors(one, files, doors))


def test_a_door_offers_only_what_it_holds():
    wrong = []
    for room in HEIGHT:
        if room not in modules() or not offered(modules()[room]):
            continue
        taken = {seen.name for seen in modules()[room].imports}
        wrong += [f"{room} offers {name}" for name in sorted(offered(modules()[room]) - taken)]
    assert_none(wrong)


def test_inside_a_room_the_file_is_imported():
    files = set(modules())
    inside = [one for one in sources() if one.room in HEIGHT and "/" in one.path]
    assert_none(line for source in inside for line in imports_of_own_door(source, files))


def test_nothing_is_imported_inside_a_function():
    checked = [one for one in sources() if one.path not in MAY_IMPORT_INSIDE_FUNCTIONS]
    assert_none(line for source in checked for line in hidden_imports(source))


def test_no_room_imports_by_a_string():
    assert_none(line for one in sources_of(*HEIGHT) for line in imports_by_string(one))


@pytest.mark.parametrize("name", STANDARD_LIBRARY_ONLY)
def test_what_runs_before_the_requirements_needs_the_standard_library_only(name):
    assert_none(other_than_standard(modules()[name]))


def test_every_side_door_is_a_file_that_is_there():
    assert set(SIDE_DOORS) - set(modules()) == set()


# ---- the checkers themselves, on made-up files


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("people/a.py", "import tasks"),
        ("people/a.py", "from ledger import post_one"),
        ("tasks/a.py", "from catalog import Reward"),
        ("tasks/a.py", "from tips import Tip"),
        ("rates/a.py", "from notices import tell"),
        ("command/a.py", "from honours import Badge"),
        ("duties/a.py", "def f():\n    import command"),
        ("shared/a.py", "import people.person"),
        ("settings.py", "from shared import ids"),
        ("tasks/a.py", "from fixtures import demo_town"),
        ("api/a.py", "from bench import http"),
        ("insights/a.py", "from api.errors import problem"),
        ("fixtures/a.py", "import api.app"),
        ("ledger/a.py", "import tests.conftest"),
        ("shared/a.py", "import embedded"),
        ("wsgi.py", "import tasks"),
    ],
)
def test_the_checker_sees_an_import_that_goes_up_or_across(path, line):
    assert len(upward_imports(snippet(path, line), own_tops())) == 1


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("tasks/a.py", "from ledger import post_one\nimport settings\nfrom tasks.task import Task"),
        ("api/a.py", "from insights import index\nfrom shared.errors import Invalid"),
        ("cli.py", "from fixtures import demo_town\nimport bench.http"),
        ("tests/tasks/test_a.py", "from api.app import create_app"),
    ],
)
def test_the_checker_lets_downward_imports_be(path, line):
    assert upward_imports(snippet(path, line), own_tops()) == []


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("api/a.py", "from tasks.publishing import publish_task"),
        ("api/a.py", "from tasks import publishing"),
        ("api/a.py", "import tasks.publishing"),
        ("api/a.py", "from tasks import no_such_name"),
        ("catalog/a.py", "import catalog.jobs\nfrom people.person import Person"),
        ("cli.py", "import tasks.jobs"),
        ("tasks/a.py", "from api.errors import problem"),
        ("api/a.py", "from tasks.judging.areas import compile_area"),
    ],
)
def test_the_checker_sees_who_comes_in_past_the_door(path, line, doors):
    assert len(imports_past_doors(snippet(path, line), set(modules()), doors)) == 1


def test_the_checker_lets_doors_and_named_side_doors_be(doors):
    files = set(modules())
    by_door = "from ledger import accounts, post_one\nfrom shared.ids import new_id\nimport ledger"
    assert imports_past_doors(snippet("tasks/a.py", by_door), files, doors) == []
    assert imports_past_doors(snippet("worker.py", "import tasks.jobs"), files, doors) == []


def test_the_checker_sees_hidden_imports():
    hidden = "def f():\n    if True:\n        import os\n"
    assert len(hidden_imports(snippet("tasks/a.py", hidden))) == 1
    assert len(hidden_imports(snippet("tasks/a.py", "from . import task"))) == 1
    assert len(hidden_imports(snippet("tasks/a.py", "import os"))) == 0
    assert len(imports_by_string(snippet("tasks/a.py", "importlib.import_module('api')"))) == 1
    own = imports_of_own_door(snippet("tasks/a.py", "from tasks import Task"), set(modules()))
    assert len(own) == 1


def test_the_checker_sees_what_is_beyond_the_standard_library():
    guarded = "try:\n    import pymongo\nexcept ImportError:\n    pymongo = None\n"
    assert other_than_standard(snippet("embedded.py", guarded)) == []
    assert len(other_than_standard(snippet("embedded.py", "import pymongo"))) == 1
    assert len(other_than_standard(snippet("dev.py", guarded))) == 1
    assert len(other_than_standard(snippet("settings.py", "import flask"))) == 1
