"""`dev.py bench load`: the running stack fed over HTTP as phones feed it, up to what it bears."""

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from api.app import create_app
from bench.parts.commanded import Commanded, commanded
from bench.parts.cpu_use import CpuUse, has_proc
from bench.parts.ledger_figures import percentile
from bench.parts.machine import cores, cpu_model, load_average
from bench.parts.own_databases import environment, own_databases
from bench.parts.prepared_town import Sizes as TownSizes
from bench.parts.prepared_town import walkers_of
from bench.parts.tracks_town import batches
from bench.parts.web_servers import THREADS, WORKERS, Web
from children import Stack, mark_for, stopping
from settings import settings
from shared.database import database, prepare

POINTS_A_POST = 10
P99_MS = 250.0
FIRST_POSTS_PER_S, GROWTH = 40.0, 1.35
# Steps between the last that held and the first that did not.
REFINED = 3
ANSWERED_SHARE = 0.98
# Nearly all of the machine, or of one worker's interpreter lock.
BUSY_SHARE = 0.85
NOTES = {
    "points_per_second": "the highest rate offered (open loop, random moments, 10 points a post) "
    "that was answered with p99 under 250 ms from when each post was due, nothing failed, and "
    "nothing left behind",
    "bound": "what was busy in the first step that did not hold; cores_used in each step",
    "stack": "wsgi:app under gunicorn as dev.py run starts it, MongoDB with w=majority and "
    "journal; phones and servers share this machine",
}


@dataclass(frozen=True)
class Sizes:
    """How many phones, and how many seconds each rate is offered."""

    phones: int = 200
    step_s: float = 4.0
    most_steps: int = 16


def run(rounds: int = 5, *, sizes: Sizes | None = None) -> dict[str, Any]:
    """Offer more and more posts until one step does not hold, then look in between.

    Uses the servers of the environment, there only a database of its own, dropped afterwards.
    `rounds` is how often the highest rate found must hold again, the first time included.
    """
    if rounds < 1:
        raise click.UsageError("a benchmark needs at least one round")
    sizes, load_before, log_level = sizes or Sizes(), load_average(), settings().log_level
    with own_databases(("load",)) as uris, environment(MONGODB_URI=uris["load"]):
        with environment(LOG_LEVEL="WARNING"):
            app = create_app()
            prepare()
            with app.app_context():
                started_at, phones = walkers_of(TownSizes(walkers=sizes.phones))
        with _web(log_level) as web, _phones(web) as load:
            bodies = _bodies(batches(started_at + timedelta(minutes=1), POINTS_A_POST))
            load.ask(do="open", phones=phones, bodies=bodies)
            groups = _groups(web, load)
            steps = _climb(lambda rate: _fair_step(load, groups, rate, sizes.step_s), sizes, rounds)
    machine = {
        "cpu_model": cpu_model(),
        "cores": cores(),
        "load_before": load_before,
        "load_after": load_average(),
    }
    return _figures(steps) | {
        "steps": steps,
        "phones": sizes.phones,
        "points_a_post": POINTS_A_POST,
        "web_workers": WORKERS,
        "web_threads": THREADS,
        "machine": machine,
        "notes": NOTES,
    }


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@contextmanager
def _web(log_level: str) -> Iterator[Web]:
    """The web server as `dev.py run` starts it; its log is removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="fuxun-bench-load-")).resolve()
    (folder / "metrics").mkdir()
    metrics = str(folder / "metrics")
    env = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": metrics, "LOG_LEVEL": log_level}
    stack = Stack(folder, mark_for(folder), env)
    with stopping(stack, temporary=folder):
        web = Web(stack, "web", "wsgi:app")
        web.wait_until_ready()
        yield web


@contextmanager
def _phones(web: Web) -> Iterator[Commanded]:
    words = (sys.executable, "-m", "bench.parts.load_phones", str(web.port))
    with commanded(words, os.environ) as load:
        yield load


def _bodies(sent: list[list[dict[str, Any]]]) -> list[str]:
    """Batches as JSON, all but the opening with the upload key."""
    return [json.dumps({"datum": "wgs84", "points": one}).removeprefix("{") for one in sent]


def _groups(web: Web, load: Commanded) -> dict[str, list[int]]:
    """Whose CPU is counted; mongod's only where it runs on this machine."""
    if not has_proc():
        return {}
    mongod = int(database().command("serverStatus")["pid"])
    is_here = "mongod" in _words_of(mongod)
    return {
        "web": web.worker_pids(),
        "mongod": [mongod] if is_here else [],
        "phones": [load.popen.pid],
    }


def _words_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


Step = dict[str, Any]


def _step(load: Commanded, groups: dict[str, list[int]], rate_per_s: float, seconds: float) -> Step:
    """One rate offered for a while; whether it held."""
    with CpuUse(groups) as used:
        answer = load.ask(do="offer", rate_per_s=rate_per_s, seconds=seconds)
    p99_ms = percentile(answer["ms"], 99) if answer["ms"] else float("inf")
    answered = answer["answered"] - answer["failed"]
    held = p99_ms < P99_MS and answered >= ANSWERED_SHARE * answer["offered"]
    step = {
        "posts_per_s": round(rate_per_s, 1),
        "points_per_s": round(answer["offered"] / seconds * POINTS_A_POST),
        "p50_ms": round(percentile(answer["ms"], 50), 1),
        "p99_ms": round(p99_ms, 1),
        "failed": answer["failed"],
        "held": bool(held and not answer["failed"]),
        "cores_used": used.cores,
    }
    _say(f"{step}")
    if answer["failures"]:
        step["failures"] = answer["failures"]
    return step


def _fair_step(
    load: Commanded, groups: dict[str, list[int]], rate_per_s: float, seconds: float
) -> Step:
    """A rate that does not hold is offered once more: somebody else may have been busy."""
    first = _step(load, groups, rate_per_s, seconds)
    return first if first["held"] else _step(load, groups, rate_per_s, seconds)


def _climb(offer: Callable[[float], Step], sizes: Sizes, rounds: int) -> list[Step]:
    """Steps up to the first that does not hold, then between the two, then the best again."""
    offer(FIRST_POSTS_PER_S / 2)  # warms every connection up, and is not counted
    steps = _until_it_turns(offer, sizes.most_steps)
    good = max((step["posts_per_s"] for step in steps if step["held"]), default=None)
    bad = min((step["posts_per_s"] for step in steps if not step["held"]), default=None)
    if good is None or bad is None:
        return steps
    for _ in range(REFINED):
        middle = (good + bad) / 2
        steps.append(offer(middle))
        good, bad = (middle, bad) if steps[-1]["held"] else (good, middle)
    again = 1
    while again < rounds and len(steps) < 2 * sizes.most_steps:
        steps.append(offer(good))
        if steps[-1]["held"]:
            again += 1
        else:
            good, again = good * 0.93, 0
    return steps


def _until_it_turns(offer: Callable[[float], Step], most_steps: int) -> list[Step]:
    """Upwards to the first rate that does not hold; where already the first fails, downwards."""
    steps = [offer(FIRST_POSTS_PER_S)]
    upwards = steps[0]["held"]
    while len(steps) < most_steps and steps[-1]["held"] == upwards:
        last = steps[-1]["posts_per_s"]
        steps.append(offer(last * GROWTH if upwards else last / 2))
    return steps


def _figures(steps: list[Step]) -> dict[str, Any]:
    """The highest rate that never failed to hold at or below it, and what bounded it."""
    failed_at = min((step["posts_per_s"] for step in steps if not step["held"]), default=None)
    held = [
        step
        for step in steps
        if step["held"] and (failed_at is None or step["posts_per_s"] < failed_at)
    ]
    best = max(held, key=lambda step: step["posts_per_s"], default=None)
    first_failed = next((step for step in steps if not step["held"]), None)
    return {
        "points_per_second": best["points_per_s"] if best else 0,
        "posts_per_second": best["posts_per_s"] if best else 0.0,
        "p50_ms": best["p50_ms"] if best else None,
        "p99_ms": best["p99_ms"] if best else None,
        "cores_used": best["cores_used"] if best else {},
        "bound": bound_of(first_failed),
    }


def bound_of(step: Step | None) -> str:
    """What kept the first step that failed from holding, in words."""
    if step is None:
        return "nothing yet: every rate that was offered held"
    used = step["cores_used"]
    if not used:
        return "unknown: this system does not tell what processes use"
    parts = {name: used[name] for name in ("web", "mongod", "phones")}
    shares = ", ".join(f"{name} {value:.2f}" for name, value in parts.items())
    total = cores()
    if used["idle"] <= (1 - BUSY_SHARE) * total:
        others = max(0.0, total - used["idle"] - sum(parts.values()))
        first = max([*parts, "other programs"], key=lambda name: parts.get(name, others))
        return f"the machine's {total} cores, used most by {first} ({shares}, others {others:.2f})"
    if used["web"] >= BUSY_SHARE * WORKERS:
        return f"the {WORKERS} web processes, one core each ({shares} of {total} cores)"
    return f"waiting, for the disk or for locks: cores are idle ({shares} of {total} cores)"
