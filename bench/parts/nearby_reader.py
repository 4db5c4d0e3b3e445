"""A process of the benchmark of the tasks nearby: `python -m bench.parts.nearby_reader`.

It keeps the open tasks in memory as a web process does, or writes to them. Commanded by JSON
lines on standard input, each answered by one on standard output; it ends with its input.
"""

import gc
import json
import resource
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

from prometheus_client import REGISTRY

from api.observing import set_up_logs
from bench.parts.nearby_city import LIMIT, RADIUS_M, City
from bench.parts.nearby_pages import PLACES, page, page_figures, random_places
from fixtures.factories import CENTRE
from shared.clock import real_now
from shared.database import connect, database, prepare
from tasks import Nearby, OpenTasks, follower, search_database

LOAD_TIMEOUT_S, FRESH_TIMEOUT_S = 120, 60
POLL_S = 0.002
WRITERS, WRITTEN_TASKS = 4, 2_000
# No task that is written to may end before the run does.
STAYS_OPEN = timedelta(hours=1)
MIB = 1 << 20
RELOADS = "fuxun_nearby_reloads_total"

Answer = dict[str, Any]


@contextmanager
def noting() -> Iterator[list[tuple[float, str, bytes]]]:
    """When each card was in the index, as the thread that follows has it there in the block."""
    cards: list[tuple[float, str, bytes]] = []
    put = OpenTasks.put

    def noted(tasks: OpenTasks, task: Any) -> None:
        put(tasks, task)
        cards.append((time.monotonic(), task.id, task.card))

    OpenTasks.put = noted  # type: ignore[method-assign, assignment]
    try:
        yield cards
    finally:
        OpenTasks.put = put  # type: ignore[method-assign]


def open_database() -> Answer:
    """Connect, as every process does; standard output is for answers only."""
    set_up_logs()
    connect()
    return {}


def fill(count: int) -> Answer:
    """A city with so many tasks in this process's database."""
    prepare()
    City().grow_to(count)
    return {}


def load() -> Answer:
    """Keep the open tasks in memory from now on: what that took, in seconds and MiB."""
    search_database(Nearby(*CENTRE, RADIUS_M, LIMIT))
    gc.collect()
    before, began_at = _own_bytes(), time.monotonic()
    follower.start()
    _until(lambda: follower.fresh() is not None, LOAD_TIMEOUT_S)
    load_s = time.monotonic() - began_at
    gc.collect()
    mib = (_own_bytes() - before) / MIB
    known = follower.fresh()
    return {
        "mib": round(mib, 1),
        "load_s": round(load_s, 2),
        "rows": len(known[0]) if known else 0,
    }


def fresh_after(moment: float) -> Answer:
    """Wait until memory is fresh and complete to after this unix time; when that was."""

    def is_back() -> bool:
        known = follower.fresh()
        return known is not None and known[1].timestamp() > moment

    _until(is_back, FRESH_TIMEOUT_S)
    return {"at": time.monotonic(), "reloads": REGISTRY.get_sample_value(RELOADS)}


def watch(seconds: float, asking: bool) -> Answer:
    """What came into the index in these seconds, with somebody asking all the while or not."""
    pages, places = 0, cycle(random_places(PLACES, 5))
    with noting() as cards:
        ends_at = time.monotonic() + seconds
        while time.monotonic() < ends_at:
            if asking:
                page(*next(places))
                pages += 1
            else:
                time.sleep(0.05)
    # The writer numbers its changes by the coins.
    seen = [(at, task_id, json.loads(card)["coins"]) for at, task_id, card in cards]
    return {"seen": seen, "pages": pages}


def write(seconds: float, rate_per_s: int, first: int) -> Answer:
    """Change open tasks at this rate, numbered in their coins: [task, number, acknowledged]."""
    long_open = {"$gt": real_now() + STAYS_OPEN}
    query = {"state": "published", "ends_at": long_open, "slots_left": {"$gt": 0}}
    tasks = database()["tasks"]
    ids = [one["_id"] for one in tasks.find(query, {"_id": 1}, limit=WRITTEN_TASKS)]
    began_at, count = time.monotonic() + 0.05, int(seconds * rate_per_s)
    written: list[tuple[str, int, float]] = []

    def writer(mine: range) -> None:
        for number in mine:
            time.sleep(max(0.0, began_at + number / rate_per_s - time.monotonic()))
            change = {"coins": first + number, "slots_left": 1 + number % 5}
            tasks.update_one({"_id": ids[number % len(ids)]}, {"$set": change})
            written.append((ids[number % len(ids)], first + number, time.monotonic()))

    threads = [
        threading.Thread(target=writer, args=(range(turn, count, WRITERS),))
        for turn in range(WRITERS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"written": written, "wanted": count, "spent_s": time.monotonic() - began_at}


def _until(is_so: Callable[[], bool], timeout_s: float) -> None:
    ends_at = time.monotonic() + timeout_s
    while not is_so():
        if time.monotonic() > ends_at:
            raise TimeoutError(f"the follower is {follower.state()} after {timeout_s} s")
        time.sleep(POLL_S)


def _own_bytes() -> int:
    """This process's memory (RSS); where that is not told, the most it had."""
    told = Path("/proc/self/statm")
    if not told.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return int(told.read_text().split()[1]) * resource.getpagesize()


def main() -> None:
    """Do what the lines say."""
    commands: dict[str, Callable[..., Answer]] = {
        "open": open_database,
        "fill": fill,
        "load": load,
        "page": page_figures,
        "fresh_after": fresh_after,
        "watch": watch,
        "write": write,
    }
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer = commands[asked.pop("do")](**asked)
        except Exception as failure:
            answer = {"error": repr(failure)}
        print(json.dumps(answer), flush=True)
    follower.stop()


if __name__ == "__main__":
    main()
