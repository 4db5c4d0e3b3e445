"""Every blueprint of the API, in the order in which the documentation shows them."""

from api import (
    export_routes,
    ledger_routes,
    month_routes,
    participations_routes,
    people_routes,
    rates_routes,
    reversal_routes,
    rewards_routes,
    seal_routes,
    sessions_routes,
    tasks_routes,
    units_routes,
    vouchers_routes,
)
from api.blueprint import Blueprint

ALL: list[Blueprint] = [
    sessions_routes.blp,
    people_routes.blp,
    units_routes.blp,
    tasks_routes.blp,
    participations_routes.blp,
    ledger_routes.blp,
    reversal_routes.blp,
    month_routes.blp,
    seal_routes.blp,
    export_routes.blp,
    rewards_routes.blp,
    vouchers_routes.blp,
    rates_routes.blp,
]
