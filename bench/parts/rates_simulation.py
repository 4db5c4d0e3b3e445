"""How long a simulation takes from the asking to its report, by the verb and a worker's job."""

import statistics
import time
from datetime import timedelta
from typing import Any

from rq import SimpleWorker

from bench.parts.rates_town import DAYS, FIRST, RatesTown
from insights import SimulationState, simulate_card, simulation_of
from shared.queue import queue, worker_connection


class SimulationFailed(Exception):
    """Raised when a simulation does not end with a report on all the work there is."""


def simulation_figures(town: RatesTown, participations: int, rounds: int) -> dict[str, Any]:
    """The median over the rounds, each a simulation of its own, and what the last one found."""
    card = town.draft()
    seconds = []
    for number in range(rounds):
        began_at = time.perf_counter()
        asked = simulate_card(
            card.id,
            since=FIRST,
            until=FIRST + timedelta(days=DAYS + 1),
            key=f"bench-simulation-{number}",
            by=town.rate_admin,
        )
        connection = worker_connection()
        SimpleWorker([queue(connection)], connection=connection).work(
            burst=True, logging_level="WARNING"
        )
        seconds.append(time.perf_counter() - began_at)
        report = _sound(asked.id, town, participations)
    return {
        "seconds": round(statistics.median(seconds), 2),
        "slowest_seconds": round(max(seconds), 2),
        "participations": participations,
        "tasks": report["work"]["tasks"],
        "people": report["work"]["people"],
        "cut_by_caps": report["caps"]["coins"],
        "parts": [one["part"] for one in report["parts"]],
    }


def _sound(simulation_id: str, town: RatesTown, participations: int) -> dict[str, Any]:
    found = simulation_of(simulation_id, by=town.rate_admin).simulation
    if found.state != SimulationState.DONE or found.done != participations:
        raise SimulationFailed(f"{found.state} at {found.done}: {found.failure}")
    report: dict[str, Any] = found.result
    return report
