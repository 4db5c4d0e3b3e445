"""How much of the machine's cores each part of the stack used, as /proc counts it."""

import os
import time
from pathlib import Path
from types import TracebackType


def has_proc() -> bool:
    """Whether this system tells it."""
    return Path("/proc/self/stat").exists()


def cpu_s_of(pids: list[int]) -> float:
    """Seconds of a core that these processes have used so far; ended ones count nothing."""
    ticks = 0
    for pid in pids:
        try:
            # The name in brackets may hold anything, spaces too.
            columns = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(columns[11]) + int(columns[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def idle_s() -> float:
    """Seconds that the machine's cores had nothing to do, waiting for disks included."""
    columns = Path("/proc/stat").read_text().splitlines()[0].split()
    return (int(columns[4]) + int(columns[5])) / os.sysconf("SC_CLK_TCK")


class CpuUse:
    """What named groups of processes use while the block runs, in cores; `idle` the rest."""

    def __init__(self, groups: dict[str, list[int]]) -> None:
        self._groups = groups
        self.cores: dict[str, float] = {}

    def __enter__(self) -> "CpuUse":
        self._before, self._began_at = self._now(), time.perf_counter()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        spent_s, after = time.perf_counter() - self._began_at, self._now()
        self.cores = {
            name: round((after[name] - before) / spent_s, 2)
            for name, before in self._before.items()
        }

    def _now(self) -> dict[str, float]:
        if not has_proc():
            return {}
        return {name: cpu_s_of(pids) for name, pids in self._groups.items()} | {"idle": idle_s()}
