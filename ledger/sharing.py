"""Shared commits: posts that arrive together in one process share one transaction.

Whoever finds nobody leading leads, in its own thread: it takes what waits, commits it, hands the
leadership to the oldest of those who came meanwhile, and wakes the others with their outcomes. A
lone post waits for nobody. The design and its figures: docs/decisions/0008.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from rq.timeouts import BaseTimeoutException

from ledger.outcomes import Outcome, Unknown
from ledger.planning import Asked
from shared.errors import Unavailable

# One transaction takes so many entries; 500 were measured to take a fifth of a second.
MAX_IN_ONE = 500
# A list longer than this is committed by itself, slice by slice, others in between.
MAX_SHARED = 100
# Posters that wait in a loop come back together: waiting for as many as last time keeps them in
# one batch instead of two halves that take turns (measured to be worth a quarter to a half).
LINGER_S = 0.003
LINGER_STEP_S = 0.0002
# Longer than any commit with its retries and its look-ups lasts.
ANSWER_TIMEOUT_S = 60.0

Commit = Callable[[Sequence[Asked]], list[Outcome]]


@dataclass(eq=False)
class _Waiting:
    """One call of `post` and, once it is answered, its outcomes."""

    asked: Sequence[Asked]
    wake: threading.Lock = field(default_factory=threading.Lock)
    leads: bool = False
    outcomes: list[Outcome] | None = None
    error: BaseException | None = None

    def __post_init__(self) -> None:
        self.wake.acquire()

    @property
    def is_long(self) -> bool:
        return len(self.asked) > MAX_SHARED

    def answer(self) -> list[Outcome]:
        if self.error is not None:
            raise self.error
        if self.outcomes is None:
            return [Unknown(each.entry.key) for each in self.asked]
        return self.outcomes


def _is_interrupt(error: BaseException) -> bool:
    """Whether it ends this thread's work rather than the batch: a signal, a job's time."""
    return isinstance(error, BaseTimeoutException) or not isinstance(error, Exception)


def _wake(served: list[_Waiting], *, but: _Waiting) -> None:
    while served:
        waiting = served.pop()
        if waiting is not but:
            waiting.wake.release()


class SharedCommits:
    """The queue of one process; `commit` is what a batch is given to."""

    def __init__(self, commit: Commit) -> None:
        self._commit = commit
        self._reset()
        # A child of a fork has none of the threads that wait here, nor the one that leads.
        os.register_at_fork(after_in_child=self._reset)

    def _reset(self) -> None:
        self._mutex = threading.Lock()
        self._queue: deque[_Waiting] = deque()
        self._is_led = False
        self._last_size = 1

    def post(self, asked: Sequence[Asked]) -> list[Outcome]:
        """The outcome of each entry, in order.

        Raises Unavailable where nothing was begun in time, and whatever else ended the commit.
        """
        mine = _Waiting(asked)
        try:
            with self._mutex:
                self._queue.append(mine)
                mine.leads = not self._is_led
                self._is_led = True
            if not mine.leads:
                self._wait(mine)
            if mine.leads:
                self._lead(mine)
        except BaseException:  # a job's time is up: nobody may wait for this thread to lead
            self._leave(mine)
            raise
        return mine.answer()

    def _wait(self, mine: _Waiting) -> None:
        """Sleep until answered or told to lead. Raises Unavailable where nobody came for it."""
        if not mine.wake.acquire(timeout=ANSWER_TIMEOUT_S):
            with self._mutex:
                if not mine.leads and mine in self._queue:
                    self._queue.remove(mine)
                    raise Unavailable

    def _leave(self, mine: _Waiting) -> None:
        """Wait and lead no more, whatever was under way; the oldest who waits leads instead."""
        with self._mutex:
            if mine in self._queue:
                self._queue.remove(mine)
            if mine.leads:
                mine.leads = False
                self._hand_over()

    def _lead(self, mine: _Waiting) -> None:
        served: list[_Waiting] = []
        try:
            if mine.is_long:
                self._commit_long(mine, served)
            else:
                self._linger()
                self._commit_next(served)
        finally:
            self._leave(mine)
            _wake(served, but=mine)

    def _linger(self) -> None:
        """Wait a moment for as many as came last time; not at all where only one came."""
        if self._last_size > 1:
            ends_at = time.monotonic() + LINGER_S
            while len(self._queue) < self._last_size and time.monotonic() < ends_at:
                time.sleep(LINGER_STEP_S)

    def _commit_next(self, served: list[_Waiting]) -> None:
        """Commit and answer what waits at the head of the queue; long lists wait to lead."""
        batch: list[_Waiting] = []
        entries: list[Asked] = []
        with self._mutex:
            while self._queue and not self._queue[0].is_long:
                if batch and len(entries) + len(self._queue[0].asked) > MAX_IN_ONE:
                    break
                waiting = self._queue.popleft()
                batch.append(waiting)
                entries += waiting.asked
        if batch:
            served += batch
            self._last_size = len(batch)
            self._answer(batch, entries)

    def _answer(self, batch: list[_Waiting], entries: list[Asked]) -> None:
        try:
            outcomes = iter(self._commit(entries))
        except BaseException as error:
            for waiting in batch:
                # An interrupt is meant for this thread alone: the others are told to try again.
                waiting.error = Unavailable() if _is_interrupt(error) else error
            if _is_interrupt(error):
                raise
            return
        for waiting in batch:
            waiting.outcomes = [next(outcomes) for _ in waiting.asked]

    def _commit_long(self, mine: _Waiting, served: list[_Waiting]) -> None:
        """Commit a long list in slices; whoever waits meanwhile is served between them."""
        with self._mutex:
            self._queue.remove(mine)
        outcomes: list[Outcome] = []
        for start in range(0, len(mine.asked), MAX_IN_ONE):
            outcomes += self._commit(mine.asked[start : start + MAX_IN_ONE])
            self._commit_next(served)
            _wake(served, but=mine)
        mine.outcomes = outcomes

    def _hand_over(self) -> None:
        """Let the oldest who waits lead, or nobody; under the mutex."""
        if self._queue:
            self._queue[0].leads = True
            self._queue[0].wake.release()
        else:
            self._is_led = False
