"""No empty names, no paths of one machine, no stand-ins for servers, no sleeping, no loose ends."""

import ast
import re

import pytest
from source_tree import (
    ROOT,
    Source,
    assert_none,
    file_paths,
    last_name,
    snippet,
    sources,
    sources_of,
)

PURE = True

# Words that say nothing of what a thing does.
EMPTY_WORDS = re.compile(
    r"^(utils?|helpers?|managers?|services?|process(es|ed|ing|or|ors)?|handl(e|es|ed|er|ers|ing))$"
)
# Names that a library calls by, and words of the trade: the officer who handles a case, and the
# service that a volunteer gives: what a name begins with or certifies, never what it ends with.
GIVEN_NAMES = {"handle_http_exception"}
TRADE_WORDS = re.compile(r"department_handlers?|(?:^|certif[a-z]*_)service(?=_|$)")
# Put together here, so that this file does not say what it looks for.
MACHINE_PATH = re.compile(
    r"(?<![\w.}>-])(?<!/)/(?:" + "|".join(("work", "root", "home")) + r")(?=/|\b(?![\w-]))"
)
LOOSE_END = re.compile(r"\b(?:" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X")) + r")\b")
STAND_INS = {"mongomock", "fakeredis", "birdisle", "pymongo_inmemory"}
LONG_SLEEP_S = 1
TEXT = [
    ".cfg",
    ".css",
    ".csv",
    ".gpx",
    ".html",
    ".in",
    ".ini",
    ".js",
    ".json",
    ".md",
    ".py",
    ".sh",
    ".svg",
    ".toml",
    ".ts",
    ".tsx",
    ".txt",
    ".yaml",
    ".yml",
]
NO_ENDING = {".ci/run", ".gitignore", "LICENSE", "Dockerfile"}


def words_of(name: str) -> list[str]:
    """The words of a snake_case or CamelCase name, small."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return [word for word in TRADE_WORDS.sub("", spaced.lower()).split("_") if word]


def empty_names(source: Source) -> list[str]:
    """Files, folders, functions and classes with an empty word in their name; tests are prose."""
    parts = source.path.removesuffix(".py").split("/")
    found = [f"{source.path} ({part})" for part in parts if _is_empty(part, source)]
    for node in source.nodes:
        named = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        if named and node.name not in GIVEN_NAMES and _is_empty(node.name, source):
            found.append(f"{source.path}:{node.lineno} {node.name}")
    return found


def _is_empty(name, source):
    if source.room == "tests" and name.startswith("test_"):
        return False
    return any(EMPTY_WORDS.match(word) for word in words_of(name))


def lines_with(pattern: re.Pattern[str], path: str, text: str) -> list[str]:
    """The lines of a text in which a pattern is found."""
    return [
        f"{path}:{number} {line.strip()[:100]}"
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def long_sleeps(source: Source) -> list[str]:
    """Sleeps of a second or more."""
    return [
        f"{source.path}:{node.lineno}"
        for node in source.nodes
        if isinstance(node, ast.Call)
        and last_name(node.func) == "sleep"
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and node.args[0].value >= LONG_SLEEP_S
    ]


def stand_ins(source: Source) -> list[str]:
    """Imports of something that only plays a server."""
    return [
        f"{source.path}:{seen.line} imports {seen.module}"
        for seen in source.imports
        if seen.top in STAND_INS
    ]


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """Path → text of every text file."""
    chosen = [one for one in file_paths() if one.endswith(tuple(TEXT)) or one in NO_ENDING]
    return {path: (ROOT / path).read_text("utf-8") for path in chosen}


def test_names_say_what_a_thing_does():
    assert_none(line for source in sources() for line in empty_names(source))


def test_no_file_knows_a_path_of_one_machine(texts):
    assert len(texts) > 100
    found = (lines_with(MACHINE_PATH, path, text) for path, text in texts.items())
    assert_none(line for lines in found for line in lines)


def test_nothing_is_left_to_be_done_in_a_comment(texts):
    found = (lines_with(LOOSE_END, path, text) for path, text in texts.items())
    assert_none(line for lines in found for line in lines)


def test_servers_are_real(texts):
    assert_none(line for source in sources() for line in stand_ins(source))
    named = re.compile(r"^(" + "|".join(STAND_INS) + r")\b", re.IGNORECASE)
    required = {path: text for path, text in texts.items() if path.startswith("requirements")}
    assert len(required) >= 4
    assert_none(line for path, text in required.items() for line in lines_with(named, path, text))


def test_requirements_name_no_place_to_fetch_from(texts):
    place = re.compile(r"^\s*(-i|-f|--(extra-)?index-url|--find-links|--trusted-host)\b|https?://")
    required = {path: text for path, text in texts.items() if path.startswith("requirements")}
    assert_none(line for path, text in required.items() for line in lines_with(place, path, text))


def test_pinned_requirements_are_exact_and_hashed(texts):
    for name in ("requirements.txt", "requirements-dev.txt"):
        pinned = re.sub(r"\\\n\s*", " ", texts[name])
        lines = [line for line in pinned.splitlines() if re.match(r"[A-Za-z0-9]", line)]
        assert len(lines) > 20, name
        assert_none(f"{name}: {one[:80]}" for one in lines if not re.search(r"==\S+.*--hash=", one))


def test_tests_wait_for_conditions_and_do_not_sleep():
    assert_none(line for source in sources_of("tests") for line in long_sleeps(source))


# ---- the checkers themselves, on made-up files


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("tasks/utils.py", ""),
        ("tasks/track_helper.py", ""),
        ("services/a.py", ""),
        ("tasks/a.py", "class TrackService: ..."),
        ("tasks/a.py", "def handle_upload(): ..."),
        ("tasks/a.py", "class TaskManager: ..."),
        ("tasks/a.py", "class A:\n    def process(self): ..."),
        ("tests/tasks/test_a.py", "def helper(): ..."),
    ],
)
def test_the_checker_sees_an_empty_name(path, text):
    assert len(empty_names(snippet(path, text))) == 1


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("tests/tasks/test_a.py", "def test_a_killed_process_leaves_nothing(): ..."),
        ("fixtures/a.py", "def department_handler(): ..."),
        ("honours/service.py", "class Service: ...\ndef certify_service(): ..."),
        ("tasks/a.py", "def hand_over(): ...\nclass Recess: ..."),
    ],
)
def test_the_checker_lets_a_telling_name_be(path, text):
    assert empty_names(snippet(path, text)) == []


@pytest.mark.parametrize("name", ["work", "root", "home"])
def test_the_checker_sees_a_path_of_one_machine(name):
    assert len(lines_with(MACHINE_PATH, "a.md", f"cd /{name}/main\n")) == 1
    assert len(lines_with(MACHINE_PATH, "a.py", f'PATH = "/{name}"\n')) == 1
    assert lines_with(MACHINE_PATH, "a.md", f"https://a.b/{name}/x and tasks/{name}/y\n") == []


def test_the_checkers_see_loose_ends_sleeps_and_stand_ins():
    assert len(lines_with(LOOSE_END, "a.py", "# TO" + "DO: later\nTODOS = 1\n")) == 1
    sleeps = "time.sleep(1)\nsleep(2.5)\ntime.sleep(0.05)\n"
    assert len(long_sleeps(snippet("tests/a.py", sleeps))) == 2
    assert len(stand_ins(snippet("tests/a.py", "from fakeredis import FakeRedis"))) == 1
    assert words_of("HTTPTaskManager") == ["http", "task", "manager"]
