"""`dev.py bench ledger`: the ledger's `post` beside bare PyMongo and npm's medici, in one run."""

import signal
import statistics
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import click

from bench.parts.commanded import Commanded
from bench.parts.ledger_figures import Measured, Slot, figures_of, percentile, turns
from bench.parts.ledger_killed import seconds_until_posted
from bench.parts.ledger_moves import Sizes
from bench.parts.ledger_posters import (
    DATABASES,
    OURS_AND_BARE,
    Posters,
    fill,
    posters_for,
    run_slot,
    say,
)
from bench.parts.ledger_sides import Unfaithful
from bench.parts.machine import cores, cpu_model, load_average
from bench.parts.own_databases import environment, own_databases
from ledger import prove
from shared.database import connect, database

SLOT_S = 0.5
OPEN_LOOP_S = 1.0
OPEN_LOOP_CLIENTS = 64
KILLS = 3
SHOWN_FINDINGS = 5

ALL = ("ours", "bare", "medici")
# Name of the figures: what is posted, how many threads in each process, and by whom.
POSTING: dict[str, tuple[str, list[int], tuple[str, ...]]] = {
    "single": ("reward", [1], OURS_AND_BARE),
    "concurrent8": ("reward", [8], OURS_AND_BARE),
    "concurrent32": ("reward", [32], ALL),
    "concurrent2x16": ("reward", [16, 16], ALL),
    "spends32": ("spends", [32], OURS_AND_BARE),
    "hot_budget32": ("hot", [32], ("ours", "medici")),
}
NOTES = {
    "ratio": "ours ÷ theirs in entries (or balances) a second, of the same round; higher is better",
    "ours": "ledger.post as the program uses it, one entry a call; accounts: bench/parts/"
    "ledger_moves.py, 4,000 task escrows and 10,000 wallets drawn at random",
    "bare": "PyMongo, one transaction each: insert_one, then one ordered bulk_write of both "
    "accounts with its matched count checked; same validators and indexes, a database of its own",
    "medici": "npm's medici as its README keeps an account above zero: entry, balance, writelock "
    "in one transaction; only the paying account is guarded",
    "concurrent2x16": "two processes of sixteen threads each",
    "spends32": "no aim: 30 % spends from wallets whose coins expire (ours draws the lots)",
    "hot_budget32": "one budget pays in every entry",
    "balance_100k": "the balance of a wallet with 100,000 entries, asked by one client: ours "
    "balance_of, theirs book.balance without a snapshot, and with a fresh one",
    "mass_payout": "10,000 entries from one budget: ours one call of post, bare one after another",
    "after_kill": "seconds from kill -9 of a process about to commit until another posts on the "
    "same account; stopped_seconds: a process only stopped, left to the server's limit",
    "open_loop": "posts at random moments at half the rate of concurrent32; p99 counts "
    "from when each was due",
}


def run(rounds: int = 5, *, slot_s: float = SLOT_S, sizes: Sizes | None = None) -> dict[str, Any]:
    """Measure every side in rotated slots; the figures, nested at the dots.

    Uses the MongoDB of the environment, there only databases of its own, dropped afterwards.
    """
    if rounds < 1:
        raise click.UsageError("a benchmark needs at least one round")
    sizes, load_before = sizes or Sizes(), load_average()
    with own_databases(DATABASES) as uris:
        fill(uris, sizes)
        with environment(MONGODB_URI=uris["ours"]), posters_for(uris, sizes) as (posters, missing):
            connect()
            measured = _measure(posters, rounds, slot_s)
            figures = figures_of(measured)
            figures["after_kill"] = _after_kill()
            half = figures["concurrent32"]["ours_per_s"] / 2
            figures["open_loop"] = _open_loop(posters.ours, rounds, half)
            entries = _proven()
    machine = {
        "cpu_model": cpu_model(),
        "cores": cores(),
        "load_before": load_before,
        "load_after": load_average(),
    }
    return figures | {
        "machine": machine,
        "rounds": rounds,
        "slot_s": slot_s,
        "sizes": asdict(sizes),
        "entries_proven": entries,
        "notes": NOTES | ({"medici": f"skipped: {missing}"} if missing else {}),
    }


def _work(posters: Posters, slot_s: float) -> dict[str, dict[str, Callable[[], Slot]]]:
    """Every variant of every figure, as something to call in its turn."""

    def one(poster: Commanded, **asked: Any) -> Callable[[], Slot]:
        return lambda: run_slot([poster], [asked])

    def posting(kind: str, clients: list[int], side: str) -> Callable[[], Slot]:
        asked = [{"do": "slot", "kind": kind, "clients": n, "slot_s": slot_s} for n in clients]
        return lambda: run_slot(posters.sides[side], asked)

    work = {
        name: {side: posting(kind, clients, side) for side in sides if side in posters.sides}
        for name, (kind, clients, sides) in POSTING.items()
    }
    work["balance_100k"] = {"ours": one(posters.ours, do="look", slot_s=slot_s)}
    if history := posters.history:
        for way in ("scan", "snapshot"):
            asked = {"kind": f"balance_{way}", "clients": 1, "slot_s": slot_s}
            work["balance_100k"][f"medici_{way}"] = one(history, do="slot", **asked)
    work["mass_payout"] = {
        "ours": one(posters.ours, do="payout"),
        "bare_one_each": posting("payout", [1], "bare"),
    }
    return work


def _measure(posters: Posters, rounds: int, slot_s: float) -> Measured:
    work, warm_up = _work(posters, slot_s), _work(posters, slot_s / 2)
    sides_of = {name: list(sides) for name, sides in work.items()}
    for name, side in turns(sides_of, 0):
        warm_up[name][side]()
    measured: Measured = {variant: [] for variant in turns(sides_of, 0)}
    for number in range(rounds):
        say(f"round {number + 1} of {rounds} ...")
        for name, side in turns(sides_of, number):
            measured[name, side].append(work[name][side]())
    return measured


def _after_kill() -> dict[str, float]:
    say("killing processes in the middle of a post ...")
    spent_s = [seconds_until_posted(f"t{number}") for number in range(KILLS)]
    return {
        "seconds": round(statistics.median(spent_s), 2),
        "seconds_lowest": round(min(spent_s), 2),
        "seconds_highest": round(max(spent_s), 2),
        "stopped_seconds": round(seconds_until_posted(f"t{KILLS}", signal.SIGSTOP), 2),
    }


def _open_loop(ours: Commanded, rounds: int, rate_per_s: float) -> dict[str, float]:
    say(f"posting {rate_per_s:.0f} a second ...")
    asked = {"rate_per_s": rate_per_s, "seconds": OPEN_LOOP_S, "clients": OPEN_LOOP_CLIENTS}
    all_ms = [ours.ask(do="open_loop", **asked)["ms"] for _ in range(rounds + 1)][1:]
    p99s = [percentile(ms, 99) for ms in all_ms]
    return {
        "rate_per_s": round(rate_per_s, 1),
        "p50_ms": round(statistics.median(one for ms in all_ms for one in ms), 2),
        "p99_ms": round(statistics.median(p99s), 2),
        "p99_ms_lowest": round(min(p99s), 2),
        "p99_ms_highest": round(max(p99s), 2),
    }


def _proven() -> int:
    """Prove the whole book; how many entries it has. Raises Unfaithful."""
    entries = database()["entries"].estimated_document_count()
    say(f"proving {entries} entries ...")
    if findings := prove():
        raise Unfaithful(f"the book no longer agrees: {findings[:SHOWN_FINDINGS]}")
    return entries
