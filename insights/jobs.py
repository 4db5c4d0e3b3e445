"""The jobs of insights, by name: the sweep does whatever is due and not yet done."""

from collections.abc import Callable

from insights import announcing, budget_watch, running_simulations
from shared.sweeping import sweep_passes

# What the sweep does, in this order: a pass that fails stops none of the others.
PASSES: tuple[tuple[str, Callable[[], int]], ...] = (
    ("changes_told", announcing.announce_changes),
    ("beginnings_told", announcing.announce_beginnings),
    ("simulated", running_simulations.run_unfinished),
)


def sweep() -> dict[str, int]:
    """Do what is due; how much of each pass."""
    return sweep_passes(PASSES)


def watch_budgets() -> int:
    """Tell of budgets that passed a threshold; see budget_watch."""
    return budget_watch.watch_budgets()


def run_simulation(simulation_id: str) -> bool:
    """Work a simulation out; see running_simulations."""
    return running_simulations.run_simulation(simulation_id)
