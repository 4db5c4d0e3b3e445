"""The two languages people are answered in: a text holds both, and the edge picks one."""

from dataclasses import dataclass
from typing import Any

LANGUAGES = ("zh-CN", "en")
DEFAULT_LANGUAGE = "zh-CN"


@dataclass(frozen=True)
class Text:
    """One sentence in both languages; `{name}` places are filled from the facts given."""

    en: str
    zh: str

    def say(self, language: str, **facts: Any) -> str:
        """The sentence in `language` ("zh-CN" or "en"), with the facts in their places."""
        template = self.en if language == "en" else self.zh
        return template.format(**facts)

    def both(self, **facts: Any) -> dict[str, str]:
        """Both sentences, as they are stored where the words themselves are evidence."""
        return {language: self.say(language, **facts) for language in LANGUAGES}
