"""Insights: what the numbers say, so that rates are tuned with open eyes.

A draft rate card is replayed on past verified work before anybody approves it. The room reads what
the rooms below it hold, and stores only what it found out itself.
"""

from insights.announcement import Announcement, ToldUpTo
from insights.budget_forecast import BudgetForecast, UnitForecasts, budget_forecasts
from insights.reading_pay import BadShareSpan, PayShares, TooMuchToShare, pay_shares
from insights.simulating import (
    BadSimulationSpan,
    SeenSimulation,
    SimulationPage,
    simulate_card,
    simulation_of,
    simulations_of_card,
)
from insights.simulation import Simulation, SimulationState

__all__ = [
    "Announcement",
    "BadShareSpan",
    "BadSimulationSpan",
    "BudgetForecast",
    "PayShares",
    "SeenSimulation",
    "Simulation",
    "SimulationPage",
    "SimulationState",
    "ToldUpTo",
    "TooMuchToShare",
    "UnitForecasts",
    "budget_forecasts",
    "pay_shares",
    "simulate_card",
    "simulation_of",
    "simulations_of_card",
]
