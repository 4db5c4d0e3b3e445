"""What the README and the docs say is so: their commands are understood, their links lead on."""

import contextlib
import importlib
import io
import re
import shlex
from dataclasses import fields

import click
import pytest
from source_tree import ROOT, assert_none, file_paths

import dev
from settings import Settings

PURE = True

FENCE = re.compile(r"^(`{3,}|~{3,})[^\n]*\n(.*?)^\1\s*$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(\s*<?([^)\s>]+)>?[^)]*\)")
REFERENCE = re.compile(r"^\[[^\]]+\]:\s+(\S+)", re.MULTILINE)
TICKED = re.compile(r"`([\w.-]+(?:/[\w.-]+)+/?|[\w-]+\.(?:py|md|toml|txt))`")
SETTING = re.compile(r"^\s*(?:\||[-*])\s*`([A-Z][A-Z0-9_]+)`", re.MULTILINE)
# Made when the project runs, so named in the docs and not in the tree.
MADE_LATER = ("var", ".venv")


def documents() -> dict[str, str]:
    """Path → text of every Markdown file."""
    return {path: (ROOT / path).read_text("utf-8") for path in file_paths() if path.endswith(".md")}


def commands_in(text: str) -> list[str]:
    """The lines of code blocks that call dev.py or the flask commands, continuations joined."""
    found = []
    for _, block in FENCE.findall(text):
        for line in re.sub(r"\\\n\s*", " ", block).splitlines():
            said = re.sub(r"^\s*\$?\s*(?:[A-Z_]+=\S+\s+)*(?:\.venv/bin/)?", "", line)
            if said.startswith(("python3 dev.py", "python dev.py", "flask --app cli")):
                found.append(said)
    return found


def flaw_of(command: str) -> str:
    """Why a command would not be understood; nothing where it is. Runs nothing."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    words = []
    for word in lexer:
        if re.fullmatch(r"[|&;<>]+", word):
            break
        words.append(word)
    try:
        return _dev_flaw(words[2:]) if words[1] == "dev.py" else _flask_flaw(words[3:])
    except click.ClickException as error:
        return error.format_message()


def _dev_flaw(words):
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            args, more = dev.parser().parse_known_args(words)
    except SystemExit as left:
        return said.getvalue().strip() if left.code else ""
    return f"unknown arguments: {more}" if more and not args.takes_more else ""


def _flask_flaw(words):
    command = importlib.import_module("cli").app.cli.commands.get(words[0] if words else "")
    if command is None:
        return f"there is no such command: {words[:1]}"
    context = click.Context(command, info_name=words[0])
    given, left, _ = command.make_parser(context).parse_args(list(words[1:]))
    nothing = (None, getattr(click.core, "UNSET", None))  # newer parsers have a name for it
    lacking = [one.name for one in command.params if one.required and given[one.name] in nothing]
    return f"left over {left}, lacking {lacking}" if left or lacking else ""


def broken_links(path: str, text: str) -> list[str]:
    """Links of a document to files, folders or headings that are not there."""
    plain = FENCE.sub("", text)
    found = []
    for target in LINK.findall(plain) + REFERENCE.findall(plain):
        if re.match(r"[a-z][a-z0-9+.-]*:", target) or target.startswith("//"):
            continue
        name, _, heading = target.partition("#")
        reached = ((ROOT / path).parent / name).resolve() if name else ROOT / path
        if target.startswith("/") or not reached.is_relative_to(ROOT) or not reached.exists():
            found.append(f"{path}: {target}")
        elif heading and heading not in headings_of(reached.read_text("utf-8")):
            found.append(f"{path}: {target} (no such heading)")
    return found


def headings_of(text: str) -> set[str]:
    """The anchors of a document's headings, as code hosts make them."""
    titles = re.findall(r"^#{1,6}\s+(.*?)\s*#*\s*$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def missing_paths(path: str, text: str) -> list[str]:
    """`folder/file` and `file.py` named in a document that are nowhere in the tree."""
    files = file_paths()
    tops = {one.split("/")[0] for one in files}
    found = []
    for named in TICKED.findall(FENCE.sub("", text)):
        first = named.split("/")[0]
        if "/" in named and (first not in tops or first in MADE_LATER):
            continue
        wanted = named.rstrip("/")
        if not any(f"/{one}/".find(f"/{wanted}/") >= 0 for one in files):
            found.append(f"{path}: {named}")
    return found


def settings_in(text: str) -> set[str]:
    """The settings listed below a heading about settings: first cells of rows, or points."""
    found, depth = set(), 0
    for line in FENCE.sub("", text).splitlines():
        heading = re.match(r"(#{1,6})\s+(.*)", line)
        if heading and (not depth or len(heading[1]) <= depth):
            about = re.search(r"settings|设置|配置", heading[2], re.IGNORECASE)
            depth = len(heading[1]) if about else 0
        elif depth:
            found |= set(SETTING.findall(line))
    return found


@pytest.fixture(scope="module")
def readme():
    assert "README.md" in file_paths(), "there is no README.md"
    return documents()["README.md"]


def test_the_documents_a_newcomer_looks_for_are_there():
    wanted = {
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "LICENSE",
        "docs/architecture.md",
        "docs/glossary.md",
    }
    assert_none(sorted(wanted - set(file_paths())))
    assert any(path.startswith("docs/decisions/") for path in file_paths())


def test_every_command_shown_is_understood(readme):
    shown = commands_in(readme)
    verbs = {command.split()[2] for command in shown if command.split()[1] == "dev.py"}
    assert {"run", "test", "replay", "bench"} <= verbs
    everywhere = [one for text in documents().values() for one in commands_in(text)]
    flaws = ((command, flaw_of(command)) for command in everywhere)
    assert_none(f"{command}: {flaw}" for command, flaw in flaws if flaw)


def test_every_link_leads_somewhere(readme):
    assert readme
    assert_none(line for path, text in documents().items() for line in broken_links(path, text))


def test_every_path_named_is_there(readme):
    assert readme
    assert_none(line for path, text in documents().items() for line in missing_paths(path, text))


def test_every_setting_is_documented_and_every_documented_setting_is_one(readme):
    ours = {field.name.upper() for field in fields(Settings)}
    assert_none(f"README does not list {name}" for name in sorted(ours - settings_in(readme)))
    assert_none(f"README lists {name}, no setting" for name in sorted(settings_in(readme) - ours))


# ---- the checkers themselves, on made-up documents


@pytest.mark.parametrize(
    "command",
    [
        "python3 dev.py fly",
        "python3 dev.py run --colour red",
        "python3 dev.py run --port many",
        "python3 dev.py replay",
        "python3 dev.py",
    ],
)
def test_the_checker_sees_a_command_that_is_not_understood(command):
    assert flaw_of(command) != ""


@pytest.mark.parametrize(
    "command",
    ["flask --app cli fly", "flask --app cli replay", "flask --app cli prove --hard now"],
)
def test_the_checker_sees_a_flask_command_that_is_not_understood(command):
    assert flaw_of(command) != ""


def test_the_checker_lets_good_commands_be():
    shown = """
```bash
$ python3 dev.py run --port 8001   # and wait
DEMO=1 python3 dev.py replay walk.gpx --json | tail -1
.venv/bin/python -m pytest
python3 dev.py test --all
```
"""
    assert [flaw_of(one) for one in commands_in(shown)] == ["", "", ""]


def test_the_checker_lets_good_flask_commands_be():
    assert flaw_of("flask --app cli openapi") == ""
    assert flaw_of("flask --app cli replay walk.gpx --json") == ""


def test_the_checkers_see_links_paths_and_settings():
    text = "[a](no/such.md) [b](settings.py) [c](#no-such) `api/no_such.py` `settings.py` `a/b`\n"
    found = broken_links("README.md", text)
    assert found == ["README.md: no/such.md", "README.md: #no-such (no such heading)"]
    assert broken_links("docs/a.md", "[b](../settings.py) [w](https://a.b/c)") == []
    assert broken_links("docs/a.md", "[up](../../elsewhere)") == ["docs/a.md: ../../elsewhere"]
    assert missing_paths("README.md", text) == ["README.md: api/no_such.py"]
    assert headings_of("## Who may, and 谁?\n") == {"who-may-and-谁"}
    listed = (
        "# Other\n| `NOT` |\n## Settings\n| `DEMO` | x |\n### Logs\n- `LOG_LEVEL`: `INFO`\n## X\n"
    )
    listed += "| `NOR` |\n"
    assert settings_in(listed) == {"DEMO", "LOG_LEVEL"}
