"""Every notice that is told has words in both languages, and is told the facts they need."""

import ast
import re
import string

import pytest
from source_tree import Source, assert_none, last_name, room_sources, snippet

from notices import TEMPLATES, Template
from notices.templates import EARLIER
from shared.i18n import Text

PURE = True

TELLERS = {"tell", "tell_officers", "tell_people"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def places(sentence):
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def template_flaws(name: str, template: Template) -> list[str]:
    """What is wrong with one template: a language, a fact in one language only, no words."""
    flaws = [] if re.fullmatch(r"[a-z][a-z_]{1,59}", name) else [f"{name}: is no name"]
    for part in (template.title, template.body):
        if places(part.en) != places(part.zh):
            flaws.append(f"{name}: {places(part.en)} in English, {places(part.zh)} in Chinese")
        if not part.en.strip() or CHINESE.search(part.en):
            flaws.append(f"{name}: its English is not English")
        if not CHINESE.search(part.zh):
            flaws.append(f"{name}: its Chinese is not Chinese")
    if places(template.title.en):
        flaws.append(f"{name}: a title is shown on locked screens and says no facts")
    return flaws


def takes_a_teller(source: Source) -> bool:
    """Whether a file tells notices by the room's door; other things are told too."""
    return any(seen.module == "notices" and seen.name in {"", *TELLERS} for seen in source.imports)


def told(source: Source) -> list[tuple[int, str | None, set[str] | None]]:
    """(line, the notice's name, its facts) of every call that tells; None where only a run can see.

    A name or a dict may be written out at the call, or assigned to a variable of the function.
    """
    found = {}
    for scope in [source.tree, *source.functions]:
        for node in ast.walk(scope):
            if isinstance(node, ast.Call) and last_name(node.func) in TELLERS:
                given = {keyword.arg: keyword.value for keyword in node.keywords}
                name = node.args[1] if len(node.args) > 1 else given.get("notice")
                facts = node.args[2] if len(node.args) > 2 else given.get("facts")
                # The innermost function comes last, and its variables are the ones meant.
                found[node] = [
                    (node.lineno, one, _keys(source, scope, facts)) for one in _names(scope, name)
                ]
    return [one for calls in found.values() for one in calls]


def _assigned(scope, name):
    """What a variable is set to, anywhere in a function."""
    for node in ast.walk(scope):
        if isinstance(node, ast.Assign | ast.AnnAssign):
            target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
            if last_name(target) == name and node.value is not None:
                yield node.value


def _names(scope, said):
    """The names that an expression may be: written out, one of two, or assigned so before."""
    if isinstance(said, ast.IfExp):
        return [*_names(scope, said.body), *_names(scope, said.orelse)]
    if isinstance(said, ast.Name):
        return [one for value in _assigned(scope, said.id) for one in _names(scope, value)] or [
            None
        ]
    return [said.value if isinstance(said, ast.Constant) else None]


def _keys(source, scope, facts):
    """The keys that a dict has for certain, sums of dicts included; None where a run must tell."""
    if isinstance(facts, ast.Dict) and all(isinstance(key, ast.Constant) for key in facts.keys):
        return {key.value for key in facts.keys}
    if isinstance(facts, ast.BinOp) and isinstance(facts.op, ast.BitOr):
        return _joined(_keys(source, scope, one) for one in (facts.left, facts.right))
    if isinstance(facts, ast.Name):
        values = [_keys(source, scope, one) for one in _assigned(scope, facts.id)]
        return values[0] if len(values) == 1 else None
    if isinstance(facts, ast.Call):
        made = [one for one in source.functions if one.name == last_name(facts.func)]
        ends = [one.value for f in made for one in ast.walk(f) if isinstance(one, ast.Return)]
        return _keys(source, made[0], ends[0]) if len(ends) == 1 else None
    return None


def _joined(parts):
    parts = list(parts)
    return None if None in parts else set().union(*parts)


def telling_flaws(source: Source, templates: dict[str, Template]) -> list[str]:
    """Where a notice is told that has no template, or without facts that its words need."""
    flaws = []
    for line, name, facts in told(source):
        where = f"{source.path}:{line}"
        if not isinstance(name, str):
            flaws.append(f"{where} does not write the notice's name out")
        elif name not in templates:
            flaws.append(f"{where} tells {name}, which has no template")
        elif facts is not None and templates[name].places() - facts:
            flaws.append(f"{where} {name} lacks {sorted(templates[name].places() - facts)}")
    return flaws


def test_every_template_speaks_both_languages_of_the_same_facts():
    assert len(TEMPLATES) >= 15
    both = [*TEMPLATES.items(), *((name, one) for (name, _), one in EARLIER.items())]
    assert_none(flaw for name, template in both for flaw in template_flaws(name, template))


def test_whatever_is_told_has_a_template_and_its_facts():
    tellers = [one for one in room_sources() if takes_a_teller(one)]
    assert sum(len(told(one)) for one in tellers) >= 4
    assert_none(flaw for one in tellers for flaw in telling_flaws(one, TEMPLATES))


def test_every_wording_before_the_current_one_is_kept():
    wanted = {(name, n) for name, one in TEMPLATES.items() for n in range(1, one.number)}
    assert set(EARLIER) == wanted


# ---- the checkers themselves, on made-up files


@pytest.mark.parametrize(
    "call",
    [
        "tell(who, 'no_such', {}, key='k')",
        "tell(who, name, {}, key='k')",
        "notices.tell_officers(unit, 'claim_lapsed', {'titel': 1}, key='k')",
        "tell_people(all, notice='claim_lapsed', facts={}, key='k')",
        "tell(who, 'claim_lapsed' if x else 'no_such', facts, key='k')",
    ],
)
def test_the_checker_sees_a_notice_without_words_or_facts(call):
    assert len(telling_flaws(snippet("tasks/a.py", call), TEMPLATES)) == 1


@pytest.mark.parametrize(
    "lines",
    [
        "    facts = {'a': 1}",
        "    facts: dict[str, int] = {'a': 1} | {'b': 2}",
        "    facts = base() | {'b': 2}",
    ],
)
def test_the_checker_follows_facts_to_where_they_are_put_together(lines):
    text = f"def f():\n{lines}\n    tell(who, 'claim_lapsed', facts, key='k')\n"
    other = "def base():\n    return {'a': 1}\ndef g():\n    facts = {'title': 1}\n"
    assert len(telling_flaws(snippet("tasks/a.py", text + other), TEMPLATES)) == 1
    whole = text.replace("'a'", "'title'") + other.replace("'a'", "'title'")
    assert telling_flaws(snippet("tasks/a.py", whole), TEMPLATES) == []


def test_the_checker_lets_facts_that_only_a_run_can_see_be():
    call = "tell(who, 'claim_lapsed', facts | {'a': 1}, key='k')"
    assert telling_flaws(snippet("tasks/a.py", call), TEMPLATES) == []


@pytest.mark.parametrize(
    "template",
    [
        Template(Text("A", "甲"), Text("{a}", "乙{b}")),
        Template(Text("A", "A"), Text("B", "乙")),
        Template(Text("A {a}", "甲{a}"), Text("B", "乙")),
        Template(Text("A", "甲"), Text("乙", "乙")),
    ],
)
def test_the_checker_sees_a_template_that_is_not_whole(template):
    assert len(template_flaws("a_name", template)) == 1
