"""Every refusal says when it is raised, in both languages, under a name and a kind of its own."""

import ast
import importlib
import re
import string
from collections import defaultdict

import pytest
from source_tree import (
    Source,
    assert_none,
    last_name,
    room_sources,
    snippet,
    sources,
    sources_of,
)

from api.errors import STATUS
from shared import errors
from shared.errors import Conflict, DomainError, Invalid, Refused
from shared.i18n import Text

PURE = True

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def all_refusals() -> list[type[DomainError]]:
    """Every subclass of DomainError that the rooms and the API define."""
    for source in [*room_sources(), *sources_of("api")]:
        importlib.import_module(source.module)
    ours = {source.module for source in sources() if source.room != "tests"}
    return [one for one in _below(DomainError) if one.__module__ in ours]


def _below(kind):
    found = set()
    for child in kind.__subclasses__():
        found |= {child, *_below(child)}
    return sorted(found, key=lambda one: (one.__module__, one.__name__))


def places_of(sentence: str) -> set[str]:
    """The names that a sentence has places for."""
    return {
        re.split(r"[.\[]", name)[0]
        for _, name, _, _ in string.Formatter().parse(sentence)
        if name is not None
    }


def flaws_of(refusal: type[DomainError]) -> list[str]:
    """What is wrong with one class of refusal."""
    where, flaws = f"{refusal.__module__}.{refusal.__name__}", []
    if not (refusal.__dict__.get("__doc__") or "").startswith("Raised when"):
        flaws.append(f"{where}: its docstring does not start with 'Raised when'")
    if sum(issubclass(refusal, kind) for kind in STATUS) != 1:
        flaws.append(
            f"{where}: falls under no kind, or several, that api/errors.py has a status for"
        )
    message = refusal.__dict__.get("message")
    if not isinstance(message, Text):
        return [*flaws, f"{where}: has no message of its own"]
    english, chinese = places_of(message.en), places_of(message.zh)
    # A name that exists in both languages is two facts: {name_en} stands where {name} does.
    if {name.removesuffix("_en") for name in english} != chinese:
        flaws.append(f"{where}: {english} in English, {chinese} in Chinese")
    if not message.en.strip() or CHINESE.search(message.en):
        flaws.append(f"{where}: its English is not English")
    if not CHINESE.search(message.zh):
        flaws.append(f"{where}: its Chinese is not Chinese")
    return flaws


def raised_without_facts(source: Source, places: dict[str, set[str]]) -> list[str]:
    """Where a refusal is made without a fact that its message has a place for."""
    found = []
    for node in source.nodes:
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Name | ast.Attribute):
            given, made = set(), node.exc
        elif isinstance(node, ast.Call):
            given, made = {keyword.arg for keyword in node.keywords}, node.func
        else:
            continue
        needed = places.get(last_name(made), set())
        if None not in given and needed - given:  # None: **facts, which only a run can see
            found.append(f"{source.path}:{node.lineno} {last_name(made)} lacks {needed - given}")
    return found


def test_there_are_refusals_to_guard():
    names = {one.__name__ for one in all_refusals()}
    assert {"TaskFull", "InsufficientCoins", "VoucherNotFound", "UnitNotFound"} <= names


def test_every_refusal_is_documented_bilingual_and_of_a_known_kind():
    assert_none(flaw for refusal in all_refusals() for flaw in flaws_of(refusal))


def test_every_kind_has_a_status_and_no_other_class_has():
    kinds = {one for one in DomainError.__subclasses__() if one.__module__ == errors.__name__}
    assert set(STATUS) == kinds
    assert all(400 <= number < 600 for number in STATUS.values())


def test_a_code_is_one_refusal_only():
    named = defaultdict(list)
    for refusal in all_refusals():
        named[refusal.__name__].append(refusal.__module__)
    assert_none(f"{name}: {', '.join(where)}" for name, where in named.items() if len(where) > 1)


def test_every_refusal_is_raised_with_the_facts_its_message_speaks_of():
    places = defaultdict(set)
    for refusal in all_refusals():
        if "__init__" not in refusal.__dict__:
            places[refusal.__name__] |= places_of(refusal.message.en + refusal.message.zh)
    checked = [one for one in sources() if one.room != "tests"]
    assert_none(line for one in checked for line in raised_without_facts(one, places))


def test_every_refusal_is_raised_somewhere():
    used = {
        last_name(node)
        for source in sources()
        if source.room != "tests"
        for node in source.nodes
        if isinstance(node, ast.Name | ast.Attribute)
    }
    assert_none(one.__name__ for one in all_refusals() if one.__name__ not in used)


# ---- the checkers themselves, on made-up refusals that no room defines


GOOD = Text("All {slots} places are taken.", "{slots} 个名额已满。")


@pytest.mark.parametrize(
    ("kind", "members"),
    [
        (Conflict, {"__doc__": "When it is full.", "message": GOOD}),
        (Conflict, {"message": GOOD}),
        (Conflict, {"__doc__": "Raised when full."}),
        (Conflict, {"__doc__": "Raised when full.", "message": Text("All {a}.", "{b} 已满。")}),
        (Conflict, {"__doc__": "Raised when full.", "message": Text("All {a}.", "{a_en} 已满。")}),
        (Conflict, {"__doc__": "Raised when full.", "message": Text("All taken.", "All taken.")}),
        (Conflict, {"__doc__": "Raised when full.", "message": Text("满。", "满。")}),
        (DomainError, {"__doc__": "Raised when full.", "message": GOOD}),
    ],
)
def test_the_checker_sees_a_flawed_refusal(kind, members):
    assert len(flaws_of(type("MadeUp", (kind,), members))) == 1


def test_the_checker_lets_a_good_refusal_be():
    assert flaws_of(type("MadeUp", (Refused,), {"__doc__": "Raised when.", "message": GOOD})) == []
    assert issubclass(Invalid, DomainError)


@pytest.mark.parametrize("line", ["raise TaskFull", "raise TaskFull()", "raise TaskFull(left=1)"])
def test_the_checker_sees_a_missing_fact(line):
    assert len(raised_without_facts(snippet("tasks/a.py", line), {"TaskFull": {"slots"}})) == 1


@pytest.mark.parametrize("line", ["raise TaskFull(slots=1)", "raise TaskFull(**facts)", "raise"])
def test_the_checker_lets_given_facts_be(line):
    assert raised_without_facts(snippet("tasks/a.py", line), {"TaskFull": {"slots"}}) == []
