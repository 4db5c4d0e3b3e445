"""Timed slots inside this process: acts repeated in threads, variants turn by turn, medians."""

import statistics
import threading
import time
from collections.abc import Callable, Mapping, Sequence

from bench.parts.slots import Slot

Act = Callable[[], object]


def run_acts(acts: Sequence[Act], slot_s: float) -> Slot:
    """Every act again and again in a thread of its own for so long; raises what one raised."""
    line, ms, failures = threading.Barrier(len(acts)), [], []
    spans: list[tuple[float, float]] = []

    def repeat(act: Act) -> None:
        mine = []
        try:
            line.wait()
            began_at = before = time.perf_counter()
            while before < began_at + slot_s:
                act()
                after = time.perf_counter()
                mine.append((after - before) * 1000)
                before = after
        except Exception as failure:
            failures.append(failure)
            line.abort()
            return
        ms.extend(mine)
        spans.append((began_at, before))

    threads = [threading.Thread(target=repeat, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    spent_s = max(end for _, end in spans) - min(begin for begin, _ in spans)
    return Slot(len(ms) / spent_s, statistics.median(ms))


def rotated(
    variants: Mapping[str, Sequence[Act]], rounds: int, slot_s: float
) -> dict[str, list[Slot]]:
    """A slot of each variant in every round, each round beginning with another of them.

    A shorter round before the first warms everything up and is not counted.
    """
    names, measured = list(variants), {name: [] for name in variants}
    for name in names:
        run_acts(variants[name], slot_s / 2)
    for number in range(rounds):
        first = number % len(names)
        for name in [*names[first:], *names[:first]]:
            measured[name].append(run_acts(variants[name], slot_s))
    return measured


def median_ms(slots: Sequence[Slot]) -> float:
    """The median over the rounds of a call's p50."""
    return statistics.median(slot.p50_ms for slot in slots)


def time_ratio(ours: Sequence[Slot], theirs: Sequence[Slot]) -> float:
    """Ours ÷ theirs in time of the same round, the median over the rounds; lower is better."""
    pairs = zip(ours, theirs, strict=True)
    return round(statistics.median(a.p50_ms / b.p50_ms for a, b in pairs), 3)
