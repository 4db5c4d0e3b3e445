"""What an action is worth: rate cards put in force by a rate admin, pricing, and budgets.

A unit without a card of its own follows the nearest unit above. A quote is frozen where it is
used; budgets say how many coins a unit may put into tasks in a year of the business time zone,
out of which fund.
"""

from rates.budget_grant import BudgetGrant
from rates.budget_slices import (
    FUND_PATTERN,
    BadFund,
    Budget,
    BudgetShort,
    Draw,
    draw_from_budget,
    known_fund,
    rebalance_budget,
    try_to_rebalance,
)
from rates.budgets import (
    BadGrant,
    FundBudget,
    GrantKeyReused,
    SeenGrant,
    YearBudget,
    budget_left,
    budget_of,
    budget_year_of,
    grant_budget,
)
from rates.pricing import EndsBeforeItStarts, KindNotRated, NoRateInForce, Quote, quote
from rates.publishing_cards import (
    BadRateLine,
    CardBackDated,
    CardExists,
    card_in_force,
    put_card_in_force,
)
from rates.rate_card import RateCard, RateLine

__all__ = [
    "FUND_PATTERN",
    "BadFund",
    "BadGrant",
    "BadRateLine",
    "Budget",
    "BudgetGrant",
    "BudgetShort",
    "CardBackDated",
    "CardExists",
    "Draw",
    "EndsBeforeItStarts",
    "FundBudget",
    "GrantKeyReused",
    "KindNotRated",
    "NoRateInForce",
    "Quote",
    "RateCard",
    "RateLine",
    "SeenGrant",
    "YearBudget",
    "budget_left",
    "budget_of",
    "budget_year_of",
    "card_in_force",
    "draw_from_budget",
    "grant_budget",
    "known_fund",
    "put_card_in_force",
    "quote",
    "rebalance_budget",
    "try_to_rebalance",
]
