"""Functions and files stay small, say what they are for, and public ones say what they take."""

import ast

import pytest
from source_tree import (
    ROOT,
    FunctionNode,
    Source,
    assert_none,
    file_paths,
    found_by_walking,
    last_name,
    room_sources,
    snippet,
    sources,
)

PURE = True

MAX_FUNCTION_LINES = 50
MAX_FILE_LINES = 400
MAX_OPENING_LINES = 4
MAX_DOOR_OPENING_LINES = 8
# A package's door, and the one file that a newcomer runs, explain more than one file.
DOORS = ("__init__.py", "dev.py")


def long_functions(source: Source) -> list[str]:
    """Functions longer than the ceiling, from `def` to the last line."""
    return [
        f"{source.path}:{node.lineno} {node.name} has {_lines(node)} lines"
        for node in source.functions
        if _lines(node) > MAX_FUNCTION_LINES
    ]


def _lines(node):
    return node.end_lineno - node.lineno + 1


def opening_flaws(source: Source) -> list[str]:
    """A file without a docstring, or with one too long; an indented example is not counted."""
    opening = ast.get_docstring(source.tree)
    if not opening:
        return [] if not source.text.strip() else [f"{source.path} does not say what it is for"]
    lines = [line for line in opening.splitlines() if line.strip() and not line.startswith("    ")]
    most = MAX_DOOR_OPENING_LINES if source.path.endswith(DOORS) else MAX_OPENING_LINES
    return [f"{source.path} opens with {len(lines)} lines"] if len(lines) > most else []


def public_flaws(source: Source) -> list[str]:
    """Public functions, classes and methods without a docstring, or without type hints."""
    found = []
    for node in source.tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            found += _undocumented(source, node)
            for inner in node.body:
                if isinstance(inner, FunctionNode):
                    found += _function_flaws(source, inner, in_class=node)
        elif isinstance(node, FunctionNode):
            found += _function_flaws(source, node)
    return found


def _function_flaws(source, node, in_class=None):
    if node.name.startswith("_") and node.name != "__init__":
        return []
    where = f"{source.path}:{node.lineno} {node.name}"
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    arguments += [one for one in (node.args.vararg, node.args.kwarg) if one]
    static = any(last_name(one) == "staticmethod" for one in node.decorator_list)
    bound = in_class is not None and not static
    bare = [one.arg for one in arguments[bound:] if one.annotation is None]
    found = [f"{where} has no type hint for {', '.join(bare)}"] if bare else []
    if node.returns is None:
        found.append(f"{where} does not say what it returns")
    # An overload of mongoengine's or Python's is described there.
    if node.name not in ("__init__", "clean") and not _is_abstract(in_class):
        found += _undocumented(source, node)
    return found


def _is_abstract(in_class):
    return in_class is not None and "Protocol" in map(last_name, in_class.bases)


def _undocumented(source, node):
    has = ast.get_docstring(node)
    return [] if has else [f"{source.path}:{node.lineno} {node.name} has no docstring"]


def test_functions_keep_below_their_ceiling():
    assert_none(line for source in sources() for line in long_functions(source))


def test_files_keep_below_their_ceiling():
    counted = {source.path: len(source.text.splitlines()) for source in sources()}
    assert_none(f"{path}: {lines}" for path, lines in counted.items() if lines > MAX_FILE_LINES)


def test_every_file_opens_with_what_it_is_for():
    assert_none(line for source in sources() for line in opening_flaws(source))


def test_public_names_of_the_rooms_are_documented_and_typed():
    assert_none(line for source in room_sources() for line in public_flaws(source))


def test_every_room_has_a_door():
    rooms = {source.room for source in room_sources()}
    assert {"shared", "ledger", "people", "rates", "tasks", "catalog"} <= rooms
    assert_none(room for room in rooms if not (ROOT / room / "__init__.py").is_file())


def test_the_files_are_the_same_with_and_without_git():
    """What is guarded in a clone is what is guarded in an unpacked archive."""
    assert set(file_paths()) <= found_by_walking()


# ---- the checkers themselves, on made-up files


def test_the_checker_sees_a_long_function():
    body = "    pass\n"
    assert len(long_functions(snippet("tasks/a.py", "def f():\n" + body * 50))) == 1
    assert long_functions(snippet("tasks/a.py", "def f():\n" + body * 49)) == []


def test_the_checker_sees_a_file_that_does_not_say_what_it_is_for():
    assert len(opening_flaws(snippet("tasks/a.py", "x = 1\n"))) == 1
    assert len(opening_flaws(snippet("tasks/a.py", '"""' + "A line.\n" * 5 + '"""\n'))) == 1
    assert opening_flaws(snippet("tasks/__init__.py", '"""' + "A line.\n" * 5 + '"""\n')) == []
    assert opening_flaws(snippet("tasks/a.py", '"""A line."""\n')) == []


@pytest.mark.parametrize(
    "text",
    [
        "def f() -> int:\n    return 1\n",
        "def f(a) -> int:\n    'Said.'\n",
        "def f(*a) -> int:\n    'Said.'\n",
        "def f(*, a) -> int:\n    'Said.'\n",
        "def f(a: int):\n    'Said.'\n",
        "class A:\n    pass\n",
        "class A:\n    'Said.'\n    def f(self) -> int:\n        pass\n",
        "class A:\n    'Said.'\n    def f(self, a) -> int:\n        'Said.'\n",
    ],
)
def test_the_checker_sees_an_undocumented_or_untyped_name(text):
    assert len(public_flaws(snippet("tasks/a.py", text))) == 1


def test_the_checker_lets_private_and_complete_names_be():
    text = "def _f(a):\n    pass\ndef g(a: int, *b: int) -> int:\n    'Said.'\n"
    assert public_flaws(snippet("tasks/a.py", text)) == []
