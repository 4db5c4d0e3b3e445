"""What an action is worth: rate cards put in force by a rate admin, pricing, and budgets.

A unit without a card of its own follows the nearest unit above. A quote is frozen where it is
used; budgets say how many coins a unit may put into tasks in a year of the business time zone, or
in a quarter of it, out of which fund, and when that warns or stops; funds of renminbi pay for
rewards in kind and for what points are owed.
"""

from rates.approving_cards import (
    APPROVERS,
    CardExists,
    CardInForce,
    OwnRateCard,
    approve_card,
    withdraw_card,
)
from rates.asking_once import BudgetKeyReused, GrantKeyReused
from rates.award_bounds import (
    AwardOutOfBounds,
    AwardTerms,
    GradeMissing,
    UnknownGrade,
    check_award,
)
from rates.beginning_cards import cards_begun
from rates.budgets.budget import FUND_PATTERN, BadFund, Budget, known_fund
from rates.budgets.budget_grant import BudgetGrant
from rates.budgets.budget_rule import BudgetRule
from rates.budgets.budget_rules import (
    BadBudgetRule,
    BudgetRuleChanged,
    budgets_with_rules,
    put_budget_rule,
)
from rates.budgets.budget_slices import (
    BudgetShort,
    Draw,
    StopReached,
    budget_for,
    draw_from_budget,
    draw_owed,
    rebalance_budget,
    try_to_rebalance,
)
from rates.budgets.budget_standings import budget_standing
from rates.budgets.budget_transfer import BudgetTransfer, TransferState
from rates.budgets.budget_transfers import TransferPage, transfer_of, transfers_page
from rates.budgets.budget_years import budget_quarter_of, budget_year_of, quarter_ends_at
from rates.budgets.budgets import BadGrant, SeenGrant, grant_budget
from rates.budgets.envelope import Envelope, EnvelopePut
from rates.budgets.envelopes import BadEnvelope, QuarterOver, end_envelopes, put_envelope
from rates.budgets.thresholds import BudgetStanding
from rates.budgets.transferring import (
    BadTransfer,
    OwnTransfer,
    TransferDecided,
    TransferNotFound,
    approve_transfer,
    ask_transfer,
    refuse_transfer,
)
from rates.budgets.year_budgets import FundBudget, QuarterBudget, YearBudget, budget_left, budget_of
from rates.capping import Cap, Capped, Scope, Span, caps_of, span_around, within_caps
from rates.card_content import (
    CONTENT,
    MAX_COINS,
    MAX_FEN,
    BadCardSpan,
    CoinsWithoutValue,
    GradeWithoutBounds,
    NotForOccasion,
    content_of,
)
from rates.card_values import (
    KIND_PATTERN,
    BadCardChoice,
    BadCardList,
    BadCardMoment,
    BadCardNumber,
    BadCardObject,
    BadCardText,
    BadRateCard,
    SaidTwice,
)
from rates.cards_in_force import (
    CardNotFound,
    CardPage,
    SeenCard,
    card_of,
    cards_along,
    cards_page,
    seen,
    seen_card,
    terms_in_force,
)
from rates.coin_worth import CoinsWithoutValueThere
from rates.dated_values import CoinValues, coin_values
from rates.drafting_cards import (
    CardBackDated,
    CardKeyReused,
    RateCardChanged,
    UnitOutsideCard,
    WrongCardState,
    draft_card,
    edit_card,
)
from rates.duty import duty_of, falls_on_duty
from rates.example_cards import EXAMPLE_CARDS, ExampleCard
from rates.funds.fund import Fund
from rates.funds.fund_grant import FundGrant
from rates.funds.fund_grants import BadFundGrant, SeenFundGrant, grant_fund
from rates.funds.fund_years import FundLeft, FundPage, FundYear, fund_year_of, funds_page
from rates.funds.funds import (
    BadFundTitle,
    FundExists,
    FundNotForUnit,
    FundNotFound,
    fund_account_for,
    fund_left,
    fund_of,
    open_fund,
)
from rates.phases import Phase, phase_of
from rates.pricing import (
    Action,
    EndsBeforeItStarts,
    KindNotRated,
    LastsTooLong,
    NoRateInForce,
    Quote,
    WeatherSpan,
    quote,
)
from rates.quoting import CardOfOtherUnit, quote_action
from rates.rate_card import CardState, Occasion, RateCard, RateLine
from rates.terms import Terms, terms_of
from rates.weather import (
    BadWarningTime,
    NoWeather,
    WarningKeyUsed,
    WarningNotFound,
    WarningOver,
    WarningPage,
    declare_weather,
    end_weather,
    warnings_page,
    weather_over,
)
from rates.weather_warning import WeatherWarning

__all__ = [
    "APPROVERS",
    "CONTENT",
    "EXAMPLE_CARDS",
    "FUND_PATTERN",
    "KIND_PATTERN",
    "MAX_COINS",
    "MAX_FEN",
    "Action",
    "AwardOutOfBounds",
    "AwardTerms",
    "BadBudgetRule",
    "BadCardChoice",
    "BadCardList",
    "BadCardMoment",
    "BadCardNumber",
    "BadCardObject",
    "BadCardSpan",
    "BadCardText",
    "BadEnvelope",
    "BadFund",
    "BadFundGrant",
    "BadFundTitle",
    "BadGrant",
    "BadRateCard",
    "BadTransfer",
    "BadWarningTime",
    "Budget",
    "BudgetGrant",
    "BudgetKeyReused",
    "BudgetRule",
    "BudgetRuleChanged",
    "BudgetShort",
    "BudgetStanding",
    "BudgetTransfer",
    "Cap",
    "Capped",
    "CardBackDated",
    "CardExists",
    "CardInForce",
    "CardKeyReused",
    "CardNotFound",
    "CardOfOtherUnit",
    "CardPage",
    "CardState",
    "CoinValues",
    "CoinsWithoutValue",
    "CoinsWithoutValueThere",
    "Draw",
    "EndsBeforeItStarts",
    "Envelope",
    "EnvelopePut",
    "ExampleCard",
    "Fund",
    "FundBudget",
    "FundExists",
    "FundGrant",
    "FundLeft",
    "FundNotForUnit",
    "FundNotFound",
    "FundPage",
    "FundYear",
    "GradeMissing",
    "GradeWithoutBounds",
    "GrantKeyReused",
    "KindNotRated",
    "LastsTooLong",
    "NoRateInForce",
    "NoWeather",
    "NotForOccasion",
    "Occasion",
    "OwnRateCard",
    "OwnTransfer",
    "Phase",
    "QuarterBudget",
    "QuarterOver",
    "Quote",
    "RateCard",
    "RateCardChanged",
    "RateLine",
    "SaidTwice",
    "Scope",
    "SeenCard",
    "SeenFundGrant",
    "SeenGrant",
    "Span",
    "StopReached",
    "Terms",
    "TransferDecided",
    "TransferNotFound",
    "TransferPage",
    "TransferState",
    "UnitOutsideCard",
    "UnknownGrade",
    "WarningKeyUsed",
    "WarningNotFound",
    "WarningOver",
    "WarningPage",
    "WeatherSpan",
    "WeatherWarning",
    "WrongCardState",
    "YearBudget",
    "approve_card",
    "approve_transfer",
    "ask_transfer",
    "budget_for",
    "budget_left",
    "budget_of",
    "budget_quarter_of",
    "budget_standing",
    "budget_year_of",
    "budgets_with_rules",
    "caps_of",
    "card_of",
    "cards_along",
    "cards_begun",
    "cards_page",
    "check_award",
    "coin_values",
    "content_of",
    "declare_weather",
    "draft_card",
    "draw_from_budget",
    "draw_owed",
    "duty_of",
    "edit_card",
    "end_envelopes",
    "end_weather",
    "falls_on_duty",
    "fund_account_for",
    "fund_left",
    "fund_of",
    "fund_year_of",
    "funds_page",
    "grant_budget",
    "grant_fund",
    "known_fund",
    "open_fund",
    "phase_of",
    "put_budget_rule",
    "put_envelope",
    "quarter_ends_at",
    "quote",
    "quote_action",
    "rebalance_budget",
    "refuse_transfer",
    "seen",
    "seen_card",
    "span_around",
    "terms_in_force",
    "terms_of",
    "transfer_of",
    "transfers_page",
    "try_to_rebalance",
    "warnings_page",
    "weather_over",
    "withdraw_card",
    "within_caps",
]
