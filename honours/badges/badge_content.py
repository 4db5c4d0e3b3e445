"""What an admin writes into a badge, made sound before it is stored. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from honours.badges.badge_rules import SLUG_PATTERN, sound_rule
from shared.errors import Invalid
from shared.i18n import Text

MAX_NAME, MAX_WORDS = 30, 200
_HIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


class BadBadgeId(Invalid):
    """Raised when a badge's id is no slug."""

    message = Text(
        "A badge's id has 2 to 40 lower-case letters and underscores, a letter first.",
        "徽章编号须为 2 至 40 个小写字母或下划线，以字母开头。",
    )


class BadHonourWords(Invalid):
    """Raised when a name or words are not there in both languages, or too long."""

    message = Text(
        "This needs 1 to {most} characters in both en and zh.",
        "须同时给出 en 和 zh，各 1 至 {most} 字。",
    )


def usable_badge(badge_id: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a badge's version, checked.

    Raises BadBadgeId, BadHonourWords, or a BadgeRule… kind of Invalid, with the field.
    """
    if not re.fullmatch(SLUG_PATTERN, badge_id):
        raise BadBadgeId("id")
    return {
        "active": content.get("active", True) is not False,
        "name": both_languages(content.get("name"), MAX_NAME, "name"),
        "words": both_languages(content.get("words"), MAX_WORDS, "words"),
        "rule": sound_rule(content.get("rule")),
    }


def both_languages(value: Any, most: int, field: str) -> dict[str, str]:
    """One line of 1 to `most` characters in each language, trimmed. Raises BadHonourWords."""
    if not isinstance(value, Mapping) or set(value) != {"en", "zh"}:
        raise BadHonourWords(field, most=most)
    for language, said in value.items():
        readable = isinstance(said, str) and said.strip() and not _HIDDEN.search(said)
        if not readable or len(said) > most:
            raise BadHonourWords(f"{field}.{language}", most=most)
    return {language: said.strip() for language, said in value.items()}
