"""What an action is worth: rate cards put in force by a rate admin, pricing, and budgets.

A unit without a card of its own follows the nearest unit above. A quote is frozen where it is
used; budgets say how many coins a unit may put into tasks in a year of the business time zone.
"""

from rates.budget_grant import BudgetGrant
from rates.budgets import (
    BadGrant,
    GrantKeyReused,
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
    "BadGrant",
    "BadRateLine",
    "BudgetGrant",
    "CardBackDated",
    "CardExists",
    "EndsBeforeItStarts",
    "GrantKeyReused",
    "KindNotRated",
    "NoRateInForce",
    "Quote",
    "RateCard",
    "RateLine",
    "YearBudget",
    "budget_left",
    "budget_of",
    "budget_year_of",
    "card_in_force",
    "grant_budget",
    "put_card_in_force",
    "quote",
]
