"""What "tasks near me" promises, checked on the records of who wrote and who asked (pure).

Every write that a majority had before an answer's `as_of` is in the answer, or a later one of
the same task. All moments are monotonic seconds of this machine, the same in every process.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

MEMORY, DATABASE = "memory", "database"
# What an answer from memory may be behind when it is asked for.
FRESH_S = 1.0


class Write(NamedTuple):
    """One write to one task: its number rises with each, whoever writes."""

    task_id: str
    number: int
    begun: float
    # When a majority was known to have it; None where nobody said so, and it may be in or not.
    acked: float | None
    # What an answer shows of the task from then on; None where it shows no such task.
    shown: Any


class Answer(NamedTuple):
    """One answer, or the error in its place: what it showed of each task, by id."""

    asked: float
    answered: float
    as_of: float
    source: str
    tasks: dict[str, tuple[int, Any]]
    error: str = ""


@dataclass
class History:
    """The writes to one task in the order of their numbers, begun and acknowledged in it."""

    writes: list[Write] = field(default_factory=list)
    acked: list[Write] = field(default_factory=list)
    acked_at: list[float] = field(default_factory=list)

    def add(self, write: Write) -> None:
        self.writes.append(write)
        if write.acked is not None:
            self.acked.append(write)
            self.acked_at.append(write.acked)

    def last_known(self, moment: float) -> int:
        """The number of the last write acknowledged before the moment; 0 where there is none."""
        before = bisect_left(self.acked_at, moment)
        return self.acked[before - 1].number if before else 0

    def possible(self, since: int, until: float) -> list[Write]:
        """The writes from that number on that had begun by then."""
        first = bisect_left(self.writes, since, key=lambda one: one.number)
        return [one for one in self.writes[first:] if one.begun <= until]


def histories(writes: Iterable[Write]) -> dict[str, History]:
    """The writes by task. Those of one task were made one after the other."""
    found: dict[str, History] = defaultdict(History)
    for write in sorted(writes, key=lambda one: (one.task_id, one.number)):
        found[write.task_id].add(write)
    return dict(found)


def broken_promises(writes: Iterable[Write], answers: Iterable[Answer]) -> list[str]:
    """What each answer showed that was older than it claimed, newer than it can be, or nothing
    that was ever written.
    """
    by_task = histories(writes)
    found: list[str] = []
    for answer in answers:
        if answer.error:
            continue
        if answer.source == MEMORY and answer.asked - answer.as_of >= FRESH_S:
            found.append(f"memory {answer.asked - answer.as_of:.3f} s old when asked {answer[:4]}")
        if answer.as_of > answer.answered:
            found.append(f"complete up to a moment to come: {answer[:4]}")
        found += [f"{task_id} was never written" for task_id in answer.tasks.keys() - by_task]
        for task_id, history in by_task.items():
            flaw = flaw_of(history, answer, answer.tasks.get(task_id))
            if flaw:
                found.append(f"{task_id} {flaw} in {answer[:4]}")
    return found


def flaw_of(history: History, answer: Answer, seen: tuple[int, Any] | None) -> str:
    """What is wrong with how an answer shows a task or leaves it out; nothing where all is well."""
    least = history.last_known(answer.as_of)
    possible = history.possible(least, answer.answered)
    if seen is None:
        # Before its first write was acknowledged nobody need know of it.
        return "" if not least or any(one.shown is None for one in possible) else f"lacks {least}"
    number, shown = seen
    if number < least:
        return f"shows {number} where {least} was known"
    wanted = [one.shown for one in possible if one.number == number]
    if not wanted:
        return f"shows {number}, not begun yet"
    return "" if shown == wanted[0] else f"shows {number} as {shown}, written as {wanted[0]}"


def sources(answers: Iterable[Answer]) -> Counter[str]:
    """How many answers came from where; errors by their name."""
    return Counter(answer.error or answer.source for answer in answers)


def longest_gap_s(answers: Iterable[Answer], source: str) -> float:
    """The longest time between two answers of a source that follow one another."""
    moments = [one.answered for one in answers if not one.error and one.source == source]
    return max((b - a for a, b in pairwise(moments)), default=0.0)
