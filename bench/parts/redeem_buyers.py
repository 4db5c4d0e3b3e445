"""One process full of buyers: `python -m bench.parts.redeem_buyers`, commanded by JSON lines.

Many threads stand in line and order from one moment on; each takes the next buyer as soon as the
last one has an answer. It ends with its input.
"""

import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from itertools import count
from typing import Any

from catalog import LimitReached, OutOfStock, order_reward
from people import Actor
from shared.database import connect
from shared.errors import Unavailable
from shared.ids import new_id

# "Come again" is an answer that a buyer obeys; more often than this is none.
MOST_TRIES = 20


class Rush:
    """Buyers who order one reward at one point, and what they were told."""

    def __init__(self, reward_id: str, point_id: str, people: list[str]) -> None:
        self.reward_id, self.point_id = reward_id, point_id
        self._line = iter(people)
        self._taking = threading.Lock()
        self.sold: list[str] = []
        self.refused_ms: list[float] = []
        self.tried_again = 0
        self.failures: list[str] = []
        self.ended_at = 0.0

    def run(self, threads: int, begins_at: float) -> None:
        """Everybody orders from `begins_at` (seconds of the machine's clock) on."""
        ready = [threading.Thread(target=self._stand, args=(begins_at,)) for _ in range(threads)]
        for one in ready:
            one.start()
        for one in ready:
            one.join()
        self.ended_at = time.time()

    def _stand(self, begins_at: float) -> None:
        time.sleep(max(0.0, begins_at - time.time()))
        for person_id in self._next_ones():
            try:
                self._order(person_id)
            except Exception as failure:
                self.failures.append(repr(failure))

    def _next_ones(self) -> Iterator[str]:
        while True:
            with self._taking:
                person_id = next(self._line, None)
            if person_id is None:
                return
            yield person_id

    def _order(self, person_id: str) -> None:
        by, key, began_at = Actor(person_id, "s"), new_id(), time.perf_counter()
        for tried in count(1):
            try:
                issued = order_reward(self.reward_id, self.point_id, key=key, by=by)
            except (OutOfStock, LimitReached):
                self.refused_ms.append((time.perf_counter() - began_at) * 1000)
                return
            except Unavailable:
                if tried == MOST_TRIES:
                    raise
                self.tried_again += 1
            else:
                self.sold.append(issued.id)
                return


def rush(asked: dict[str, Any]) -> dict[str, Any]:
    """What became of one rush."""
    made = Rush(asked["reward_id"], asked["point_id"], asked["people"])
    made.run(asked["threads"], asked["begins_at"])
    return {
        "sold": made.sold,
        "refused_ms": made.refused_ms,
        "tried_again": made.tried_again,
        "ended_at": made.ended_at,
        "failures": [f"{times} times {text}" for text, times in Counter(made.failures).items()],
    }


def main() -> None:
    """Answer each line with what became of its rush."""
    connect()
    print("{}", flush=True)
    for line in sys.stdin:
        try:
            answer = rush(json.loads(line))
        except Exception as failure:
            answer = {"error": repr(failure)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
