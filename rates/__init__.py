"""What an action is worth: rate cards put in force by a rate admin, pricing, and budgets.

A unit without a card of its own follows the nearest unit above. A quote is frozen where it is
used; budgets say how many coins a unit may put into tasks in a year of the business time zone,
out of which fund; funds of renminbi pay for rewards in kind and for what points are owed.
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
from rates.dated_values import CoinValues, coin_values
from rates.fund import Fund
from rates.fund_grant import FundGrant
from rates.fund_grants import BadFundGrant, SeenFundGrant, grant_fund
from rates.fund_years import FundLeft, FundPage, FundYear, fund_year_of, funds_page
from rates.funds import (
    BadFundTitle,
    FundExists,
    FundNotForUnit,
    FundNotFound,
    fund_account_for,
    fund_left,
    fund_of,
    open_fund,
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
    "BadFundGrant",
    "BadFundTitle",
    "BadGrant",
    "BadRateLine",
    "Budget",
    "BudgetGrant",
    "BudgetShort",
    "CardBackDated",
    "CardExists",
    "CoinValues",
    "Draw",
    "EndsBeforeItStarts",
    "Fund",
    "FundBudget",
    "FundExists",
    "FundGrant",
    "FundLeft",
    "FundNotForUnit",
    "FundNotFound",
    "FundPage",
    "FundYear",
    "GrantKeyReused",
    "KindNotRated",
    "NoRateInForce",
    "Quote",
    "RateCard",
    "RateLine",
    "SeenFundGrant",
    "SeenGrant",
    "YearBudget",
    "budget_left",
    "budget_of",
    "budget_year_of",
    "card_in_force",
    "coin_values",
    "draw_from_budget",
    "fund_account_for",
    "fund_left",
    "fund_of",
    "fund_year_of",
    "funds_page",
    "grant_budget",
    "grant_fund",
    "known_fund",
    "open_fund",
    "put_card_in_force",
    "quote",
    "rebalance_budget",
    "try_to_rebalance",
]
