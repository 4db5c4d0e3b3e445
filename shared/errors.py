"""What a room raises when it will not do something: one class per refusal, carrying its facts.

A refusal is declared beside the verb that raises it:

    class TaskFull(Conflict):
        '''Raised when every slot of the task is taken.'''
        message = Text("All {slots} places are taken.", "{slots} 个名额已满。")

The class name becomes the `code` of the answer. Only `api/errors.py` knows HTTP numbers.
"""

from typing import Any

from shared.i18n import Text


class DomainError(Exception):
    """The base of every refusal; `facts` fill the message and are shown to the caller."""

    message = Text("This cannot be done.", "无法完成此操作。")

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        super().__init__(self.say("en"))

    def say(self, language: str) -> str:
        """The message in the caller's language."""
        return self.message.say(language, **self.facts)


class Invalid(DomainError):
    """Raised when what was sent cannot be meant: the shape is right, the content is not.

    `field` names where, as a dotted path into what was sent.
    """

    message = Text("This value cannot be used.", "该内容无效。")

    def __init__(self, field: str = "", **facts: Any) -> None:
        self.field = field
        super().__init__(**facts)


class NotSignedIn(DomainError):
    """Raised when nobody, or nobody still valid, is calling."""

    message = Text("Please sign in.", "请先登录。")


class NotAllowed(DomainError):
    """Raised when the caller is known and may not do this."""

    message = Text("You may not do this.", "您没有执行此操作的权限。")


class NotFound(DomainError):
    """Raised when there is no such thing, or none that the caller may know of."""

    message = Text("There is no such thing.", "未找到。")


class Conflict(DomainError):
    """Raised when the thing is no longer in the state that this needs."""

    message = Text("This has changed meanwhile.", "状态已变化，请刷新后重试。")


class Refused(DomainError):
    """Raised when a rule says no: nothing changed, and repeating will not help by itself."""

    message = Text("A rule does not allow this.", "规则不允许。")


class TooMany(DomainError):
    """Raised when a limit in time is reached; `retry_after_s` says when to come again."""

    message = Text(
        "Too many tries. Please wait {retry_after_s} seconds.",
        "操作过于频繁，请在 {retry_after_s} 秒后重试。",
    )


class Unavailable(DomainError):
    """Raised when a server behind us did not answer in time; repeating is safe."""

    message = Text("Please try again in a moment.", "服务暂时不可用，请稍后重试。")
