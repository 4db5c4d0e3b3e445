"""What people say of themselves: nickname, language, trade, organisations, what they serve as."""

import unicodedata
from typing import Any

from people.actor import Actor
from people.person import Person
from people.questions import person_of
from shared.database import collection
from shared.errors import Conflict, Invalid
from shared.i18n import LANGUAGES, Text

LONGEST_TEXT = 60
LONGEST_LIST = 10
TEXTS = ("nickname", "trade")
LISTS = ("organisations", "serves_as")


class BadText(Invalid):
    """Raised when a text is too long or holds what cannot be seen."""

    message = Text("At most {limit} visible characters are allowed.", "最多 {limit} 个可见字符。")


class BadList(Invalid):
    """Raised when a list of the profile is too long or names something twice."""

    message = Text("At most {limit} different entries.", "最多 {limit} 项，且不得重复。")


class UnknownLanguage(Invalid):
    """Raised when a language is none that people are answered in."""

    message = Text("The language must be zh-CN or en.", "语言须为 zh-CN 或 en。")


class UnknownProfileField(Invalid):
    """Raised when something is no field of the profile."""

    message = Text("This is no field of the profile.", "资料中没有该字段。")


class ProfileChanged(Conflict):
    """Raised when the person has changed since the version that the caller saw."""

    message = Text(
        "The profile is now at version {version}; read it again.",
        "资料已更新至版本 {version}，请刷新后重试。",
    )


def cleaned_text(text: str, field: str) -> str:
    """One line of text, composed (NFC), without blanks around it. Raises BadText."""
    cleaned = unicodedata.normalize("NFC", text).strip()
    is_hidden = any(unicodedata.category(sign) in ("Cc", "Cs", "Co", "Cn") for sign in cleaned)
    if len(cleaned) > LONGEST_TEXT or is_hidden:
        raise BadText(field, limit=LONGEST_TEXT)
    return cleaned


def update_profile(changes: dict[str, Any], *, version: int, by: Actor) -> Person:
    """Change fields of the caller's own profile, where it is still at `version`.

    What is so already is answered as it is, so a repeat is safe. Raises BadText, BadList,
    UnknownLanguage, UnknownProfileField, ProfileChanged.
    """
    wanted = {field: _cleaned(field, value) for field, value in changes.items()}
    person = person_of(by.person_id)
    if all(getattr(person, field) == value for field, value in wanted.items()):
        return person
    written = collection(Person).update_one(
        {"_id": person.id, "version": version}, {"$set": wanted, "$inc": {"version": 1}}
    )
    person = person_of(by.person_id)
    if not written.matched_count:
        raise ProfileChanged(version=person.version)
    return person


def _cleaned(field: str, value: Any) -> Any:
    if field in TEXTS:
        return cleaned_text(value, field)
    if field in LISTS:
        return _cleaned_list(field, value)
    if field != "language":
        raise UnknownProfileField(field)
    if value not in LANGUAGES:
        raise UnknownLanguage(field)
    return value


def _cleaned_list(field: str, value: list[str]) -> list[str]:
    cleaned = [cleaned_text(item, f"{field}.{place}") for place, item in enumerate(value)]
    if len(cleaned) > LONGEST_LIST or len(set(cleaned)) != len(cleaned) or "" in cleaned:
        raise BadList(field, limit=LONGEST_LIST)
    return cleaned
