"""`dev.py bench rates`: a simulation of 100,000 participations, pricing, places among a million."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import click

from api.app import create_app
from bench.parts.machine import cores, cpu_model, load_average
from bench.parts.own_databases import environment, own_databases
from bench.parts.rates_leaderboard import measure_leaderboard
from bench.parts.rates_pricing import SLOT_S, pricing_figures
from bench.parts.rates_simulation import simulation_figures
from bench.parts.rates_town import RatesTown
from shared.database import prepare

SIDE = "rates"
MOST_SIMULATIONS = 3
NOTES = {
    "simulate_100k.seconds": "from simulate_card to the report, worked out by an rq worker in this "
    "process: the verb, the queue, reading from MongoDB, the ground and weather of each task, "
    "pricing, caps, progress, report; median of at most three; lower is better, aim 10",
    "simulate_100k": "work of 90 days in 400 grids, five participations a task, a few people doing "
    "much; the card has caps, night, weekend, holiday, heat, storm, gap areas and a key day",
    "pricing.us_each": "one rates.quote with its breakdown in both languages, of 100 actions drawn "
    "by seed of one to six hours; lower is better",
    "pricing.rate_ratio": "quotes a second, ours ÷ naive of the same round; naive adds up the same "
    "card minute by minute in decimals, to the same coins and without words; higher is better",
    "leaderboard_1m": "own place and neighbours among a million standings; lower is better, aim 5",
}


@dataclass(frozen=True)
class Sizes:
    """How much there is of everything; a district of `side` × `side` grids."""

    participations: int = 100_000
    people: int = 20_000
    standings: int = 1_000_000
    side: int = 20


def run(rounds: int = 5, *, slot_s: float = SLOT_S, sizes: Sizes | None = None) -> dict[str, Any]:
    """Measure one after the other; the figures, nested at the dots.

    Uses the servers of the environment, there only databases of its own, dropped afterwards.
    """
    if rounds < 1:
        raise click.UsageError("a benchmark needs at least one round")
    sizes, load_before = sizes or Sizes(), load_average()
    _say("pricing ...")
    figures: dict[str, Any] = {"pricing": pricing_figures(rounds, slot_s)}
    with own_databases([SIDE]) as uris, _connected(uris[SIDE]):
        _say(f"writing down {sizes.participations:,} participations ...")
        town = RatesTown(sizes.participations, sizes.people, side=sizes.side)
        _say("simulating ...")
        simulations = min(rounds, MOST_SIMULATIONS)
        figures["simulate_100k"] = simulation_figures(town, sizes.participations, simulations)
    _say(f"places among {sizes.standings:,} ...")
    figures["leaderboard_1m"] = _leaderboard(sizes.standings, rounds, slot_s)
    machine = {
        "cpu_model": cpu_model(),
        "cores": cores(),
        "load_before": load_before,
        "load_after": load_average(),
    }
    notes = {"rounds": rounds, "slot_s": slot_s, "sizes": asdict(sizes), "notes": NOTES}
    return figures | {"machine": machine} | notes


def _leaderboard(standings: int, rounds: int, slot_s: float) -> dict[str, Any]:
    told = measure_leaderboard(standings, rounds=rounds, slot_s=slot_s)
    return {name.removeprefix("leaderboard_1m."): value for name, value in told.items()}


@contextmanager
def _connected(uri: str) -> Iterator[None]:
    """The rooms on a database of their own, as the web process has them."""
    with environment(MONGODB_URI=uri, LOG_LEVEL="WARNING"):
        app = create_app()
        prepare()
        with app.app_context():
            yield


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
