"""One posting process: threads that do one deed after another until told to stop, or killed.

Started as `python -m bench.torture.posting FOLDER SEED POSTER GENERATION`. Each thread puts down
what it is about to do, then what it was told; a generation first repeats what the one before it
left open, as a client does who got no answer.
"""

import random
import signal
import sys
import threading
from pathlib import Path

from pymongo.errors import PyMongoError

from bench.torture.deeds import Deed, Past, choose
from bench.torture.doing import Teller
from bench.torture.journals import Journal, lines_of
from shared.database import connect

THREADS = 4
REPEATED = 5
REPEAT_SHARE = 0.05


def journal_path(folder: Path, poster: int, thread: int) -> Path:
    """Where that thread of all generations of that poster puts down what it is told."""
    return folder / f"poster-{poster}-{thread}.jsonl"


class Thread(threading.Thread):
    """One thread of a poster, with a past and a journal of its own."""

    def __init__(self, folder: Path, seed: str, poster: int, generation: int, number: int) -> None:
        super().__init__(name=f"poster-{poster}-{generation}-{number}", daemon=True)
        path = journal_path(folder, poster, number)
        self.unfinished, self.finished = _left_over(path)
        self._rng = random.Random(f"{seed}/{poster}/{generation}/{number}")
        self._prefix = f"{poster}-{generation}-{number}"
        self._teller = Teller(Journal(path))
        self._past = Past()

    def run(self) -> None:
        """Repeat what was left open, then do deeds until it is time to stop."""
        for deed in [*self.unfinished, *self.finished[-REPEATED:]]:
            if stopping.is_set():
                return
            self._teller.do(deed, stopping, again=True)
        done: list[Deed] = []
        number = 0
        while not stopping.is_set():
            number += 1
            deed = choose(self._rng, f"{self._prefix}-{number}", self._past)
            made_id = self._teller.do(deed, stopping)
            if made_id:
                self._past.remember(deed, made_id)
                done = [*done[-20:], deed]
            if done and self._rng.random() < REPEAT_SHARE:
                self._teller.do(self._rng.choice(done), stopping, again=True)


def _left_over(path: Path) -> tuple[list[Deed], list[Deed]]:
    """The deeds of this journal that were begun and not ended, and those that were done."""
    begun: dict[str, Deed] = {}
    ended: list[Deed] = []
    for line in lines_of(path):
        if "try" in line:
            deed = Deed(**line["try"])
            begun[deed.name] = deed
        elif line.get("done") in begun:
            deed = begun.pop(line["done"])
            ended += [deed] if line["id"] else []  # what was refused may fit by now
    return list(begun.values()), ended


stopping = threading.Event()


def main(folder: str, seed: str, poster: str, generation: str) -> None:
    """Post until SIGTERM; what is under way then is waited for."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    while not stopping.is_set():
        try:
            connect()
            break
        except PyMongoError:  # born while there is no primary
            continue
    threads = [
        Thread(Path(folder), seed, int(poster), int(generation), number)
        for number in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive():
            thread.join(0.2)  # in steps, so that signals are seen to


if __name__ == "__main__":
    main(*sys.argv[1:])
