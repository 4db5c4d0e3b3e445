"""What the house tests read: the project's own files, their syntax trees, and who imports whom."""

import ast
import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("shared", "ledger", "people", "rates", "notices", "tasks", "tips", "catalog")
UPPER_ROOMS = ("command", "duties", "honours", "insights")
NEVER_OURS = {".git", ".venv", "var", "node_modules", "__pycache__", ".hypothesis"}
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One Python file: its path below the root, its text and its tree."""

    path: str
    text: str

    @property
    def module(self) -> str:
        parts = self.path.removesuffix(".py").split("/")
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def room(self) -> str:
        """The top folder, or for a file at the root its own name."""
        return self.path.split("/")[0].removesuffix(".py")

    @property
    def tree(self) -> ast.Module:
        return _parsed(self.path, self.text)

    @property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node of the tree."""
        return _nodes(self.path, self.text)

    @property
    def functions(self) -> list[FunctionNode]:
        """Every function and method."""
        return [node for node in self.nodes if isinstance(node, FunctionNode)]

    @property
    def imports(self) -> tuple["Import", ...]:
        """Every import, wherever it stands."""
        return _imports_of(self.path, self.text)


@dataclass(frozen=True)
class Import:
    """One imported name: `from a.b import c` is ("a.b", "c"), `import a.b` is ("a.b", "")."""

    module: str
    name: str
    line: int
    in_function: bool = False
    if_present: bool = False

    @property
    def top(self) -> str:
        return self.module.split(".")[0]


@lru_cache(maxsize=2000)
def _parsed(path, text):
    return ast.parse(text, path)


@lru_cache(maxsize=2000)
def _nodes(path, text):
    return tuple(ast.walk(_parsed(path, text)))


@lru_cache(maxsize=2000)
def _imports_of(path, text):
    return tuple(_imports(_parsed(path, text), in_function=False, if_present=False))


@lru_cache(maxsize=1)
def file_paths() -> tuple[str, ...]:
    """Every file that is or would be committed. Without git, the tree less what is never ours."""
    listed = _listed_by_git()
    return tuple(sorted(listed if listed is not None else found_by_walking()))


def _listed_by_git():
    command = ["git", "-C", str(ROOT), "ls-files", "-co", "--exclude-standard", "-z"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    names = {name for name in answer.split("\0") if name and (ROOT / name).is_file()}
    # A tree unpacked inside somebody else's repository is listed by that one, or not at all.
    return names if "settings.py" in names else None


def found_by_walking() -> set[str]:
    """The files of the tree by the folders' names alone."""
    found = set()
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [
            name for name in folders if name not in NEVER_OURS and not name.endswith("_cache")
        ]
        found |= {(Path(folder) / name).relative_to(ROOT).as_posix() for name in names}
    return {path for path in found if not path.endswith(".pyc")}


@lru_cache(maxsize=1)
def sources() -> tuple[Source, ...]:
    """Every Python file of the project."""
    return tuple(
        Source(path, (ROOT / path).read_text("utf-8"))
        for path in file_paths()
        if path.endswith(".py")
    )


def sources_of(*tops: str) -> list[Source]:
    """The Python files below these folders (or with these names at the root)."""
    return [source for source in sources() if source.room in tops]


def room_sources() -> list[Source]:
    """The Python files of every room below the API."""
    return sources_of(*ROOMS, *UPPER_ROOMS)


def own_tops() -> set[str]:
    """The names by which the project's own code is imported."""
    return {source.room for source in sources()}


def _imports(node, *, in_function, if_present):
    for child in ast.iter_child_nodes(node):
        here = {"in_function": in_function, "if_present": if_present}
        if isinstance(child, ast.Import):
            for name in child.names:
                yield Import(name.name, "", child.lineno, **here)
        elif isinstance(child, ast.ImportFrom):
            module = "." * child.level + (child.module or "")
            for name in child.names:
                yield Import(module, name.name, child.lineno, **here)
        elif not isinstance(child, ast.expr):
            inside = in_function or isinstance(child, FunctionNode)
            guarded = if_present or (isinstance(child, ast.Try) and _catches_import_error(child))
            yield from _imports(child, in_function=inside, if_present=guarded)


def _catches_import_error(node):
    return any(
        last_name(caught.type) in ("ImportError", "ModuleNotFoundError")
        for caught in node.handlers
        if caught.type
    )


def imported_file(seen: Import, files: set[str]) -> str:
    """The module that an import reaches: `from room import file` is `room.file`."""
    inner = f"{seen.module}.{seen.name}"
    return inner if seen.name and inner in files else seen.module


@lru_cache(maxsize=1)
def modules() -> dict[str, Source]:
    """Dotted module name → its file."""
    return {source.module: source for source in sources()}


def last_name(node: ast.AST) -> str:
    """`c` of `a.b.c`, `c` of `c`, the same of `c[...]` and `c(...)`; else nothing."""
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Call):
        return last_name(node.func)
    if isinstance(node, ast.Subscript):
        return last_name(node.value)
    return ""


def assert_none(findings: Iterable[str]) -> None:
    """Fail with every finding on a line of its own."""
    __tracebackhide__ = True
    listed = list(findings)
    if listed:
        pytest.fail("\n".join(["found:", *listed]), pytrace=False)


def snippet(path: str, text: str) -> Source:
    """A made-up file, to see that a checker finds what it is there to find."""
    return Source(path, text)
