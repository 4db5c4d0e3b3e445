"""What an admin writes of a kind, read and refused: words, choices, checks, crew, certificate."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from people import Role
from shared.errors import Invalid
from shared.i18n import Text
from tasks.judging.check_kinds import CHECKS
from tasks.judging.check_parameters import CountedNames
from tasks.judging.proof_checks import CREW_ROLE_PATTERN
from tasks.judging.wanted_checks import validate_checks
from tasks.kinds.task_kind import MOVES, REVIEWS

# As a rate card's lines are named: each kind can have one.
KIND_PATTERN = r"[a-z][a-z_]{1,39}"
MAX_NAME, MAX_GUIDE, MAX_WANTED = 50, 2_000, 20
MAX_LEVEL, MAX_MONTHS = 100, 120
CREW = CountedNames(
    "crew_role", "at_least", most=20, most_each=100, required=False, pattern=CREW_ROLE_PATTERN
)
_HIDDEN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


class BadKindId(Invalid):
    """Raised when a kind's id is no slug."""

    message = Text(
        "A kind's id has 2 to 40 lower-case letters and underscores, a letter first.",
        "任务类型编号须为 2 至 40 个小写字母或下划线，以字母开头。",
    )


class BadKindWords(Invalid):
    """Raised when a name or a guide is not there in both languages, or too long."""

    message = Text(
        "This needs 1 to {most} characters in both en and zh.",
        "须同时给出 en 和 zh，各 1 至 {most} 字。",
    )


class UnknownChoice(Invalid):
    """Raised when a value is none of those there are to choose from."""

    message = Text("This must be one of: {known}.", "须为以下之一：{known}。")


class BadWants(Invalid):
    """Raised when what a claimer must be is no short list of names, or no level there is."""

    message = Text(
        "This must be up to {most} different names, or a level from 0 to {level}.",
        "须为不超过 {most} 个互不相同的名称，或 0 至 {level} 的等级。",
    )


class BadCertificate(Invalid):
    """Raised when a certificate has no name, or does not last 1 to 120 months."""

    message = Text(
        "A certificate has a name (a slug) and lasts_months from 1 to {most}.",
        "证书须有 name（编号）和 1 至 {most} 的 lasts_months。",
    )


class DefaultsLackCheck(Invalid):
    """Raised when a kind's own checks lack one that it requires: no draft could rely on them."""

    message = Text(
        "default_checks must hold {check}, which required_checks names.",
        "default_checks 须包含 required_checks 中的 {check}。",
    )


def usable_kind(kind_id: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a kind's version, checked. Raises kinds of Invalid, with the field."""
    if not re.fullmatch(KIND_PATTERN, kind_id):
        raise BadKindId("id")
    crew = CREW.read("roles_needed", content, "roles_needed")
    required = _known_checks(content.get("required_checks") or [])
    defaults = _sound_checks(content.get("default_checks") or [], crew)
    lacking = set(required) - {one["check"] for one in defaults}
    if defaults and lacking:
        raise DefaultsLackCheck("default_checks", check=min(lacking))
    return {
        "active": bool(content.get("active", True)),
        "name": _words(content.get("name"), MAX_NAME, "name"),
        "moves": _one_of(content.get("moves"), MOVES, "moves"),
        "needs_track": bool(content.get("needs_track", True)),
        "private_place": bool(content.get("private_place", False)),
        "required_checks": required,
        "default_checks": defaults,
        "roles_needed": crew,
        "review": _one_of(content.get("review", "suspicion"), REVIEWS, "review"),
        "review_guide": _guide(content.get("review_guide")),
        "certificate": _certificate(content.get("certificate")),
        **_wants(content),
    }


def with_crew(
    checks: Sequence[Mapping[str, Any]], crew: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The checks, where a `make_up` that names no crew asks for the task's own."""
    return [
        {**check, "parameters": {"crew": [dict(need) for need in crew]}}
        if check.get("check") == "make_up" and crew and not check.get("parameters")
        else dict(check)
        for check in checks
    ]


def _words(value: Any, most: int, field: str) -> dict[str, str]:
    if not isinstance(value, Mapping) or set(value) != {"en", "zh"}:
        raise BadKindWords(field, most=most)
    for language, said in value.items():
        readable = isinstance(said, str) and said.strip() and not _HIDDEN.search(said)
        if not readable or len(said) > most:
            raise BadKindWords(f"{field}.{language}", most=most)
    return {language: said.strip() for language, said in value.items()}


def _guide(value: Any) -> dict[str, str]:
    return _words(value, MAX_GUIDE, "review_guide") if value else {}


def _one_of(value: Any, known: Sequence[str], field: str) -> str:
    if not isinstance(value, str) or value not in known:
        raise UnknownChoice(field, known=", ".join(known))
    return value


def _known_checks(names: Sequence[Any]) -> list[str]:
    for index, name in enumerate(names):
        _one_of(name, tuple(CHECKS), f"required_checks.{index}")
    return list(dict.fromkeys(names))


def _sound_checks(
    checks: Sequence[Mapping[str, Any]], crew: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The checks as they were written; each task fills in what it can, its crew say."""
    if checks:
        validate_checks(with_crew(checks, crew), field="default_checks")
    return [
        {"check": check["check"], "parameters": dict(check.get("parameters") or {})}
        for check in checks
    ]


def _wants(content: Mapping[str, Any]) -> dict[str, Any]:
    lists = {
        field: _names(content.get(field) or [], field)
        for field in (
            "roles_wanted",
            "serves_as_wanted",
            "trades_wanted",
            "groups_wanted",
            "certificates_wanted",
        )
    }
    for index, role in enumerate(lists["roles_wanted"]):
        _one_of(role, [one.value for one in Role], f"roles_wanted.{index}")
    level = content.get("least_level") or 0
    if isinstance(level, bool) or not isinstance(level, int) or not 0 <= level <= MAX_LEVEL:
        raise BadWants("least_level", most=MAX_WANTED, level=MAX_LEVEL)
    return {**lists, "least_level": level, "is_team": bool(content.get("is_team", False))}


def _names(value: Any, field: str) -> list[str]:
    given = list(value) if isinstance(value, list | tuple) else [None]
    names = [one for one in given if isinstance(one, str) and 0 < len(one.strip()) <= MAX_NAME]
    if not len(set(names)) == len(given) <= MAX_WANTED:
        raise BadWants(field, most=MAX_WANTED, level=MAX_LEVEL)
    return names


def _certificate(value: Any) -> dict[str, Any]:
    if not value:
        return {}
    named = isinstance(value, Mapping) and set(value) == {"name", "lasts_months"}
    if not named or not re.fullmatch(KIND_PATTERN, str(value["name"])):
        raise BadCertificate("certificate", most=MAX_MONTHS)
    months = value["lasts_months"]
    if isinstance(months, bool) or not isinstance(months, int) or not 1 <= months <= MAX_MONTHS:
        raise BadCertificate("certificate.lasts_months", most=MAX_MONTHS)
    return {"name": value["name"], "lasts_months": months}
