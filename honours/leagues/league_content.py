"""What an admin writes of a league, read and refused: words, field, measure, season."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from honours.leagues.league import TEAMS, Measure, SeasonLength
from people import UnitKind, layers
from shared.errors import Invalid
from shared.i18n import Text

LEAGUE_PATTERN = r"[a-z][a-z_]{1,39}"
MAX_LEAGUE_NAME = 50
LEAST_CONTRIBUTORS, MOST_CONTRIBUTORS = 3, 1_000
_HIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


class BadLeagueId(Invalid):
    """Raised when a league's id is no slug."""

    message = Text(
        "A league's id has 2 to 40 lower-case letters and underscores, a letter first.",
        "联赛编号须为 2 至 40 个小写字母或下划线，以字母开头。",
    )


class BadLeagueName(Invalid):
    """Raised when a league's name is not there in both languages, or too long."""

    message = Text(
        "The name needs 1 to {most} characters in both en and zh.",
        "名称须同时给出 en 和 zh，各 1 至 {most} 字。",
    )


class UnknownLeagueChoice(Invalid):
    """Raised when a league's field, measure or season is none of those there are."""

    message = Text("This must be one of: {choices}.", "须为以下之一：{choices}。")


class TooFewContributors(Invalid):
    """Raised when a league would show units with fewer than three people behind their sum."""

    message = Text(
        "A unit is shown from {least} to {most} people on: fewer would be a ranking of people.",
        "最少参与人数须为 {least} 至 {most}：人数过少等于给个人排名。",
    )


def usable_league(league_id: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a league's version but its unit, checked. Raises kinds of Invalid."""
    if not re.fullmatch(LEAGUE_PATTERN, league_id):
        raise BadLeagueId("league_id")
    least = content.get("least_contributors", LEAST_CONTRIBUTORS)
    if type(least) is not int or not LEAST_CONTRIBUTORS <= least <= MOST_CONTRIBUTORS:
        raise TooFewContributors(
            "least_contributors", least=LEAST_CONTRIBUTORS, most=MOST_CONTRIBUTORS
        )
    return {
        "active": bool(content.get("active", True)),
        "name": _name(content.get("name")),
        "field": _one_of(content.get("field"), fields_there_are(), "field"),
        "measure": _one_of(content.get("measure"), list(Measure), "measure"),
        "season": _one_of(content.get("season"), list(SeasonLength), "season"),
        "least_contributors": least,
    }


def fields_there_are() -> list[str]:
    """What can compete: the levels of the civil territory, then kinds of team."""
    levels = [key for layer in layers() if layer.id == UnitKind.CIVIL for key in layer.keys]
    return [*levels, *TEAMS]


def _name(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping) or set(value) != {"en", "zh"}:
        raise BadLeagueName("name", most=MAX_LEAGUE_NAME)
    for language, said in value.items():
        readable = isinstance(said, str) and said.strip() and not _HIDDEN.search(said)
        if not readable or len(said) > MAX_LEAGUE_NAME:
            raise BadLeagueName(f"name.{language}", most=MAX_LEAGUE_NAME)
    return {language: said.strip() for language, said in value.items()}


def _one_of(value: Any, known: Sequence[str], field: str) -> str:
    if not isinstance(value, str) or value not in known:
        raise UnknownLeagueChoice(field, choices=", ".join(known))
    return str(value)
