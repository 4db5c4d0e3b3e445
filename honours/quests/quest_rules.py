"""How far somebody is with a quest, from verified work alone, and what makes one sound. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from honours.badges.badge_content import both_languages
from honours.badges.badge_rules import SLUG_PATTERN, is_whole
from shared.errors import Invalid
from shared.i18n import Text
from shared.ids import ID_PATTERN

MAX_NAME, MAX_WORDS = 40, 500
MAX_STEPS, MAX_TIMES = 12, 100
MAX_SPAN = timedelta(days=400)


class QuestSpanBad(Invalid):
    """Raised when a quest ends before it begins, or lasts longer than a year and a month."""

    message = Text(
        "A quest ends after it begins, and lasts at most {days} days.",
        "主题行动的结束时间须晚于开始时间，且最长 {days} 天。",
    )


class QuestStepBad(Invalid):
    """Raised when a quest's steps are none, too many, or one of them cannot be meant."""

    message = Text(
        "A quest has 1 to {steps} steps, each to be taken 1 to {times} times.",
        "主题行动须有 1 至 {steps} 个步骤，每个步骤 1 至 {times} 次。",
    )


class Span(NamedTuple):
    """From when until when work counts."""

    from_at: datetime
    until_at: datetime


class Step(NamedTuple):
    """What one step asks: `kind` empty for any; `unit_id` with all that lies below it."""

    kind: str
    unit_id: str
    times: int


class Done(NamedTuple):
    """Verified work: when it began, what it was, for which unit and those above it."""

    starts_at: datetime
    kind: str
    unit_ids: frozenset[str]


def steps_taken(steps: Sequence[Step], span: Span, work: Iterable[Done]) -> list[int]:
    """How often each step was taken, at most as often as it asks.

    A piece of work counts for every step that it fits, if it began within the span.
    """
    counting = [one for one in work if span.from_at <= one.starts_at < span.until_at]
    return [min(step.times, sum(_fits(one, step) for one in counting)) for step in steps]


def _fits(done: Done, step: Step) -> bool:
    return step.unit_id in done.unit_ids and step.kind in ("", done.kind)


def is_complete(steps: Sequence[Step], taken: Sequence[int]) -> bool:
    """Whether every step was taken as often as it asks."""
    return all(done >= step.times for step, done in zip(steps, taken, strict=True))


def usable_quest(content: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a quest's draft, checked, in plain values.

    Raises BadHonourWords, QuestSpanBad, QuestStepBad, each with its field.
    """
    from_at, until_at = content["from_at"], content["until_at"]
    if not timedelta() < until_at - from_at <= MAX_SPAN:
        raise QuestSpanBad("until_at", days=MAX_SPAN.days)
    steps = content.get("steps")
    if not isinstance(steps, list | tuple) or not 1 <= len(steps) <= MAX_STEPS:
        raise _bad_step("steps")
    badge_id = content.get("badge_id") or ""
    return {
        "name": both_languages(content.get("name"), MAX_NAME, "name"),
        "words": both_languages(content.get("words"), MAX_WORDS, "words"),
        "from_at": from_at,
        "until_at": until_at,
        "steps": [_sound_step(step, f"steps.{index}") for index, step in enumerate(steps)],
        "badge_id": badge_id,
    }


def _sound_step(step: Any, field: str) -> dict[str, Any]:
    if not isinstance(step, Mapping):
        raise _bad_step(field)
    kind, unit_id = step.get("kind") or "", step.get("unit_id") or ""
    times = step.get("times")
    if not is_whole(times, MAX_TIMES):
        raise _bad_step(f"{field}.times")
    for name, value, pattern in (("kind", kind, SLUG_PATTERN), ("unit_id", unit_id, ID_PATTERN)):
        if not isinstance(value, str) or (value and not re.fullmatch(pattern, value)):
            raise _bad_step(f"{field}.{name}")
    return {"kind": kind, "unit_id": unit_id, "times": times}


def _bad_step(field: str) -> QuestStepBad:
    return QuestStepBad(field, steps=MAX_STEPS, times=MAX_TIMES)
