"""A template: the words of one notice in both languages; `{places}` are filled from its facts."""

import string
from dataclasses import dataclass

from shared.i18n import Text


@dataclass(frozen=True)
class Template:
    """A title and a body; `urgent` ones do not wait for the end of the quiet hours."""

    title: Text
    body: Text
    urgent: bool = False
    number: int = 1

    def places(self) -> set[str]:
        """The names of the facts that its words need."""
        sentences = (self.title.en, self.title.zh, self.body.en, self.body.zh)
        return {
            name
            for sentence in sentences
            for _, name, _, _ in string.Formatter().parse(sentence)
            if name is not None
        }
