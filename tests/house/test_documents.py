"""Documents know only themselves, and only their own room asks for or changes them."""

import ast
import subprocess
import sys
from functools import lru_cache

import pytest
from source_tree import (
    ROOMS,
    ROOT,
    UPPER_ROOMS,
    FunctionNode,
    Source,
    assert_none,
    imported_file,
    last_name,
    modules,
    room_sources,
    snippet,
    sources,
    sources_of,
)

PURE = True

BASES = {"Document", "EmbeddedDocument", "DynamicDocument", "DynamicEmbeddedDocument"}
FLOOR = "shared/database.py"
CHANGES = {"save", "modify", "update", "delete", "reload", "update_one", "insert", "cascade_save"}
EDGE_NEVER = {"objects", "_get_collection", "as_pymongo"}
EDGE_NEVER_ON_OURS = {"save", "modify", "update_one", "insert_one"}
RAW_DOORS = {"collection", "in_transaction", "Document"}
# bench and tests fill the database wholesale, beside the verbs; everybody else keeps to the rule.
EXEMPT = {"bench", "tests"}


def document_classes(source: Source) -> list[str]:
    """The documents, whole and embedded, that a file defines."""
    return [
        node.name
        for node in source.nodes
        if isinstance(node, ast.ClassDef) and any(last_name(base) in BASES for base in node.bases)
    ]


@lru_cache(maxsize=1)
def owners() -> dict[str, str]:
    """Document class → the room that owns it."""
    return {
        name: source.room
        for source in room_sources()
        if source.path != FLOOR
        for name in document_classes(source)
    }


def is_plain(module: str, files: dict[str, Source]) -> bool:
    """Whether a file stands on the standard library and on other plain files alone."""
    for seen in files[module].imports:
        reached = imported_file(seen, set(files))
        if reached in files:
            if not is_plain(reached, files):
                return False
        elif seen.top not in sys.stdlib_module_names:
            return False
    return True


def imports_a_document_may_not_make(source: Source, files: dict[str, Source]) -> list[str]:
    """What a document file imports beyond mongoengine, the floor, and its room's plain files."""
    wrong = []
    for seen in source.imports:
        reached = imported_file(seen, set(files))
        own = reached in files and files[reached].room == source.room
        known = own and (is_plain(reached, files) or bool(document_classes(files[reached])))
        if not (known or seen.top in sys.stdlib_module_names | {"mongoengine", "shared"}):
            wrong.append(f"{source.path}:{seen.line} imports {seen.module}")
    return wrong


def questions_of_documents(source: Source) -> list[str]:
    """Where a document file asks the database: documents know only themselves."""
    return [
        f"{source.path}:{node.lineno}"
        for node in source.nodes
        if (isinstance(node, ast.Attribute) and node.attr == "objects")
        or (isinstance(node, ast.Call) and last_name(node.func) in ("collection", "database"))
    ]


def foreign_uses(source: Source, owner: dict[str, str], answers: dict[str, str]) -> list[str]:
    """Where a file asks for, or changes, a document of another room."""
    names = Names(source, owner, answers)
    found = []
    for node in source.nodes:
        if isinstance(node, ast.Attribute) and node.attr == "objects":
            if names.document(node.value):
                found.append((node.lineno, f"{names.document(node.value)}.objects"))
        elif isinstance(node, ast.Call) and last_name(node.func) == "collection":
            if node.args and names.document(node.args[0]):
                found.append((node.lineno, f"collection({names.document(node.args[0])})"))
        elif isinstance(node, ast.Subscript) and last_name(node.value) == "database":
            found.append((node.lineno, "database()[...]"))
    for function in source.functions:
        found += _changes_of(function, names.held_by(function))
    return [f"{source.path}:{line} {what}" for line, what in sorted(set(found))]


class Names:
    """What the names of one file mean: which are other rooms' documents, or answer with one."""

    def __init__(self, source: Source, owner: dict[str, str], answers: dict[str, str]) -> None:
        self.foreign = {name for name, room in owner.items() if room != source.room}
        self.answers = {name: kind for name, kind in answers.items() if kind in self.foreign}
        self.rooms = {owner[name] for name in self.foreign}
        self.taken = {seen.name for seen in source.imports if seen.name and seen.top in self.rooms}

    def _taken(self, node):
        """The name that a node takes from another room, plainly or as room.name."""
        if isinstance(node, ast.Name):
            return node.id if node.id in self.taken else ""
        root = getattr(node, "value", None)
        return last_name(node) if isinstance(root, ast.Name) and root.id in self.rooms else ""

    def document(self, node: ast.AST | None) -> str:
        """The foreign document class that a node names; else nothing."""
        name = self._taken(node)
        return name if name in self.foreign else ""

    def in_annotation(self, annotation: ast.AST | None) -> set[str]:
        """The foreign document classes in an annotation."""
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            annotation = ast.parse(annotation.value, mode="eval")
        nodes = ast.walk(annotation) if annotation else ()
        return {self.document(node) for node in nodes} - {""}

    def held_by(self, function: FunctionNode) -> dict[str, str]:
        """Local names that hold a foreign document: annotated so, made, or answered."""
        arguments = function.args
        held = {
            arg.arg: kind
            for arg in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
            for kind in self.in_annotation(arg.annotation)
        }
        for node in ast.walk(function):
            if isinstance(node, ast.AnnAssign):
                held |= {
                    last_name(node.target): kind for kind in self.in_annotation(node.annotation)
                }
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                called = self._taken(node.value.func)
                kind = called if called in self.foreign else self.answers.get(called, "")
                if kind and isinstance(node.targets[0], ast.Name):
                    held[node.targets[0].id] = kind
        return held


def _changes_of(function, held):
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            whose = node.func.value
            if node.func.attr in CHANGES and isinstance(whose, ast.Name) and whose.id in held:
                yield node.lineno, f"{held[whose.id]}.{node.func.attr}()"
        targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
        for target in targets:
            whose = getattr(getattr(target, "value", None), "id", "")
            if isinstance(target, ast.Attribute) and whose in held:
                yield node.lineno, f"sets {held[whose]}.{target.attr}"


@lru_cache(maxsize=1)
def questions() -> dict[str, str]:
    """Function of a room → the document it answers with, read from its return annotation."""
    return {
        node.name: kind
        for source in room_sources()
        for node in source.tree.body
        if isinstance(node, ast.FunctionDef) and node.returns
        for kind in {last_name(part) for part in ast.walk(node.returns)} & set(owners())
    }


def writes_of_the_edge(source: Source) -> list[str]:
    """Where a file of api/ that knows a room asks for documents, changes them, or goes around."""
    found = []
    seen = source.imports
    found += [
        (one.line, f"imports {one.module}")
        for one in seen
        if one.top in ("mongoengine", "bson")
        or (one.top == "pymongo" and one.module != "pymongo.errors")
        or (one.module == "shared.database" and one.name in RAW_DOORS)
    ]
    knows_a_room = any(one.top in ROOMS[1:] + UPPER_ROOMS for one in seen)
    for node in source.nodes:
        if not isinstance(node, ast.Attribute):
            continue
        if node.attr in EDGE_NEVER or (knows_a_room and node.attr in EDGE_NEVER_ON_OURS):
            found.append((node.lineno, node.attr))
    return [f"{source.path}:{line} {what}" for line, what in found]


def document_files():
    return [one for one in room_sources() if one.path != FLOOR and document_classes(one)]


def test_there_are_documents_to_guard():
    assert {"Person", "Unit", "Entry", "Task", "Participation", "Voucher"} <= set(owners())
    assert questions()["person_of"] == "Person"


def test_documents_import_mongoengine_and_the_floor_only():
    files = modules()
    assert_none(
        line for one in document_files() for line in imports_a_document_may_not_make(one, files)
    )


def test_documents_ask_the_database_nothing():
    assert_none(line for one in document_files() for line in questions_of_documents(one))


def test_a_class_name_is_one_document_only():
    named = [name for source in document_files() for name in document_classes(source)]
    assert sorted(named) == sorted(set(named))


def test_every_document_says_its_collection_in_plural_snake_case():
    wrong = []
    for source in document_files():
        for node in source.tree.body:
            if isinstance(node, ast.ClassDef) and "Document" in map(last_name, node.bases):
                name = _collection_name(node)
                if not (name and name == name.lower() and " " not in name and "-" not in name):
                    wrong.append(f"{source.path} {node.name}: {name!r}")
    assert_none(wrong)


def _collection_name(node):
    for item in node.body:
        named = item.targets[0] if isinstance(item, ast.Assign) else getattr(item, "target", None)
        if last_name(named) == "meta" and isinstance(item.value, ast.Dict):
            for key, value in zip(item.value.keys, item.value.values, strict=True):
                if getattr(key, "value", "") == "collection":
                    return getattr(value, "value", "")
    return ""


def test_only_the_owning_room_asks_for_and_changes_its_documents():
    checked = [one for one in sources() if one.room not in EXEMPT and one.path != FLOOR]
    assert_none(line for one in checked for line in foreign_uses(one, owners(), questions()))


def test_the_edge_neither_asks_for_documents_nor_changes_them():
    assert_none(line for one in sources_of("api") for line in writes_of_the_edge(one))


# ---- the checkers themselves, on made-up files


@pytest.mark.parametrize(
    "line",
    [
        "from people import Actor",
        "from tasks.publishing import publish_task",
        "from flask import url_for",
        "from pymongo.errors import DuplicateKeyError",
        "from settings import settings",
    ],
)
def test_the_checker_sees_a_document_that_knows_too_much(line):
    text = f"from shared.database import Document\n{line}\nclass A(Document):\n    pass\n"
    assert len(imports_a_document_may_not_make(snippet("tasks/a.py", text), modules())) == 1


def test_the_checker_lets_a_document_know_its_own_kind():
    text = "import mongoengine as me\nfrom people.roles import Role\nfrom people.unit import Unit\n"
    assert imports_a_document_may_not_make(snippet("people/a.py", text), modules()) == []
    assert document_classes(snippet("people/a.py", "class A(me.EmbeddedDocument): ...")) == ["A"]
    asking = "def f(self):\n    return A.objects(id=1)\n"
    assert len(questions_of_documents(snippet("people/a.py", asking))) == 1


@pytest.mark.parametrize(
    "body",
    [
        "return Person.objects(id=1)",
        "return people.Person.objects.first()",
        "collection(Person).update_one({}, {})",
        "database()['people'].delete_many({})",
        "who.save()",
        "who.level = 3",
        "other = person_of('x')\n    other.modify(set__level=3)",
        "other = Person(id='x')\n    other.level += 1",
        "other: Person | None = None\n    other.delete()",
    ],
)
def test_the_checker_sees_a_hand_in_another_rooms_documents(body):
    taken = "import people\nfrom people import Person, person_of\n"
    source = snippet("tasks/a.py", f"{taken}def f(who: Person):\n    {body}\n")
    assert len(foreign_uses(source, {"Person": "people"}, {"person_of": "Person"})) == 1


def test_the_checker_lets_the_own_room_and_readers_be():
    own = snippet("people/a.py", "def f(who: Person):\n    who.save()\n    Person.objects(id=1)\n")
    reading = "def f(who: Person):\n    return who.level + Task.objects\n"
    reader = snippet("tasks/a.py", f"from people import Person\n{reading}")
    other = snippet("tasks/a.py", "def f():\n    it: other.Person = 1\n    it.level = 2\n")
    owner = {"Person": "people", "Task": "tasks"}
    assert foreign_uses(own, owner, {}) == []
    assert foreign_uses(reader, owner, {}) == []
    assert foreign_uses(other, owner, {}) == []


@pytest.mark.parametrize(
    "text",
    [
        "from tasks import Task\ndef f():\n    return Task.objects.first()\n",
        "from tasks import task_of\ndef f():\n    task_of('x').save()\n",
        "from shared.database import collection\n",
        "import mongoengine\n",
        "from pymongo import MongoClient\n",
    ],
)
def test_the_checker_sees_the_edge_at_the_database(text):
    assert len(writes_of_the_edge(snippet("api/a.py", text))) == 1


def test_the_checker_lets_the_edge_save_a_picture():
    assert writes_of_the_edge(snippet("api/a.py", "def f(code):\n    code.save(out)\n")) == []


def test_the_commands_know_every_document_that_is_to_be_prepared():
    said = "import cli, shared.database as d; print(*[x.__name__ for x in d.all_documents()])"
    done = subprocess.run(
        [sys.executable, "-c", said], cwd=ROOT, capture_output=True, text=True, check=True
    )
    written = {
        node.name
        for source in room_sources()
        for node in source.nodes
        if isinstance(node, ast.ClassDef) and "Document" in map(last_name, node.bases)
    }
    assert written - set(done.stdout.split()) - {"Document"} == set()
