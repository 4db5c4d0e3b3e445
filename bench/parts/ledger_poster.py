"""One posting process of the ledger benchmark: `python -m bench.parts.ledger_poster ours|bare`.

Commanded by JSON lines on standard input, each answered by one on standard output; it ends with
its input. Threads, connections and sessions live as long as the process.
"""

import json
import os
import random
import sys
import threading
import time
from collections.abc import Callable
from itertools import count, islice
from typing import Any

from bench.parts.ledger_moves import Sizes, history, moves, payout
from bench.parts.ledger_sides import Bare, Ours, Side

Answer = dict[str, Any]
Act = Callable[[], None]
AT_ONCE = 10_000


class Poster:
    """What one process does when it is told to; `name` makes its keys unlike the others'."""

    def __init__(self, side: Side, sizes: Sizes, name: str) -> None:
        self.side, self.sizes, self.name = side, sizes, name
        self._numbers = count()

    def prefix(self) -> str:
        """What the keys of one run of moves begin with."""
        return f"{self.name}-{next(self._numbers)}"

    def slot(self, kind: str, clients: int, slot_s: float) -> Answer:
        """`clients` threads post as fast as they are answered for `slot_s` seconds."""
        made = [moves(kind, self.sizes, self.prefix()) for _ in range(clients)]
        return _timed([lambda mine=mine: self.side.post(next(mine)) for mine in made], slot_s)


class OurPoster(Poster):
    """The commands that only the ledger is given."""

    side: Ours

    def payout(self) -> Answer:
        """A whole payout by one call."""
        all_of_it = payout(self.sizes, self.prefix())
        began_at = time.perf_counter()
        self.side.post_all(all_of_it)
        spent_s = time.perf_counter() - began_at
        return {"done": len(all_of_it), "spent_s": spent_s, "ms": [spent_s * 1000]}

    def look(self, slot_s: float) -> Answer:
        """One thread asks for the balance of the wallet with the long history."""
        return _timed([lambda: self.side.look(self.sizes.history)], slot_s)

    def history(self) -> Answer:
        """Make that history."""
        left = history(self.sizes, self.prefix())
        while some := list(islice(left, AT_ONCE)):
            self.side.post_all(some)
        return {}

    def open_loop(self, rate_per_s: float, seconds: float, clients: int) -> Answer:
        """Posts that come when they come, at random moments, waiting for nobody.

        `ms` counts from the moment when each should have begun.
        """
        rng, at, due = random.Random(self.prefix()), 0.0, []
        while (at := at + rng.expovariate(rate_per_s)) < seconds:
            due.append(at)
        made, taking, ms = moves("reward", self.sizes, self.prefix()), threading.Lock(), []
        began_at, left = time.perf_counter() + 0.05, iter(due)

        def client() -> None:
            while True:
                with taking:
                    if (mine := next(left, None)) is None:
                        return
                    move = next(made)
                time.sleep(max(0.0, began_at + mine - time.perf_counter()))
                self.side.post(move)
                ms.append((time.perf_counter() - began_at - mine) * 1000)

        _in_threads([client] * clients)
        return {"done": len(ms), "spent_s": time.perf_counter() - began_at, "ms": ms}


def _timed(acts: list[Act], slot_s: float) -> Answer:
    """Every act again and again in a thread of its own, until the time is up."""
    line, ms, ended = threading.Barrier(len(acts)), [], []

    def client(act: Act) -> None:
        line.wait()
        before = began_at = time.perf_counter()
        while before < began_at + slot_s:
            act()
            after = time.perf_counter()
            ms.append((after - before) * 1000)
            before = after
        ended.append((began_at, before))

    _in_threads([lambda act=act: client(act) for act in acts])
    spent_s = max(end for _, end in ended) - min(begin for begin, _ in ended)
    return {"done": len(ms), "spent_s": spent_s, "ms": ms}


def _in_threads(acts: list[Act]) -> None:
    """Do them all at the same time; raises what the first of them raised."""
    failures: list[Exception] = []

    def run(act: Act) -> None:
        try:
            act()
        except Exception as failure:
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def main(which: str) -> None:
    """Do what the lines say; the first of them tells the sizes."""
    opening = json.loads(sys.stdin.readline())
    sizes = Sizes(**opening["sizes"])
    name = f"bench-{which}-{os.getpid()}"
    poster = OurPoster(Ours(), sizes, name) if which == "ours" else Poster(Bare(), sizes, name)
    print("{}", flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer = getattr(poster, asked.pop("do"))(**asked)
        except Exception as failure:
            answer = {"error": repr(failure)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
