"""Quarterly envelopes: coins set aside out of a year's budget for one quarter, which then pays
for what is published in it; what is left at its end goes back to the year.

An envelope is a budget of its own, so the ledger's guard is its cap.
"""

from datetime import datetime

from bson import Int64
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from ledger import (
    GENERAL_FUND,
    EntryKind,
    HeldBudget,
    NewEntry,
    post_one,
    quarters_holding_coins,
    slices_of,
)
from people import Actor, Role, Unit, record_change, sound_why, unit_of
from rates.asking_once import (
    MAX_AMOUNT,
    BudgetKeyReused,
    flaw_of,
    made_before,
    made_meanwhile,
)
from rates.budgets.budget import Budget, known_fund
from rates.budgets.budget_slices import (
    BudgetShort,
    draw_from_budget,
    legs_into_budget,
    try_to_rebalance,
)
from rates.budgets.budget_years import QUARTERS, quarter_ends_at
from rates.budgets.envelope import Envelope, EnvelopePut
from shared.clock import now, real_now
from shared.database import collection, confirmed, in_transaction
from shared.errors import Invalid, Refused
from shared.i18n import Text
from shared.ids import new_id
from shared.sweeping import sweep_each

_WHOSE = ("put_by", "key")
_SAYS = ("unit_id", "year", "quarter", "fund", "coins", "why")


class BadEnvelope(Invalid):
    """Raised when an envelope's year, quarter, coins or key cannot be used."""

    message = Text(
        "The year is 2000 to 2100 and the quarter 1 to 4; coins are whole, to {coins}, above zero "
        "to set aside and below to take back; the key is not empty.",
        "年度须为 2000 至 2100，季度须为 1 至 4；福币须为不超过 {coins} 的整数，"
        "正数为划入，负数为收回；键不能为空。",
    )


class QuarterOver(Refused):
    """Raised when coins are to be set aside for a quarter that is over, or taken back from it."""

    message = Text(
        "The quarter {period} is over; what it did not use goes back to the year.",
        "{period} 季度已结束，未用部分将退回年度预算。",
    )


def put_envelope(
    unit_id: str,
    year: int,
    quarter: int,
    coins: int,
    fund: str = GENERAL_FUND,
    *,
    why: str,
    key: str,
    by: Actor,
) -> EnvelopePut:
    """Set coins of the unit's budget of a year aside for a quarter; below zero: take them back.

    The same key answers the same putting. Raises NotAllowed, UnitNotFound, BadEnvelope, BadFund,
    WhyMissing, QuarterOver, BudgetShort, BudgetKeyReused.
    """
    unit = unit_of(unit_id)
    by.must_hold(Role.RATE_ADMIN, at=unit)
    _refuse_unsound(year, quarter, coins, key)
    budget = Budget(unit.id, year, known_fund(fund), quarter)
    put = EnvelopePut(
        id=new_id(),
        envelope_id=budget.name,
        unit_id=unit.id,
        fund=budget.fund,
        year=year,
        quarter=quarter,
        coins=coins,
        why=sound_why(why),
        key=key,
        put_by=by.person_id,
        put_at=now(),
    )
    # Looked up first: a repeat may come after the quarter has ended.
    earlier = made_before(put, _WHOSE, _SAYS, BudgetKeyReused)
    if earlier:
        return earlier
    if _is_over(year, quarter, max(now(), real_now())):
        raise QuarterOver(period=budget.period, unit_id=unit.id)
    try:
        made = _written(put, budget, unit)
    except DuplicateKeyError:
        return made_meanwhile(put, _WHOSE, _SAYS, BudgetKeyReused)
    except BudgetShort as short:
        return _made_beside(put, short)
    try_to_rebalance(budget.of_the_year)
    try_to_rebalance(budget)
    return made


def _made_beside(put: EnvelopePut, short: BudgetShort) -> EnvelopePut:
    """The same one, sent beside it, where it took the very coins that are short; else `short`."""
    confirmed(EnvelopePut).find_one({name: put[name] for name in _WHOSE})
    made = made_before(put, _WHOSE, _SAYS, BudgetKeyReused)
    if made is None:
        raise short
    return made


def _written(put: EnvelopePut, budget: Budget, unit: Unit) -> EnvelopePut:
    """Move the coins and write down why, both or neither."""
    _begin_envelope(budget)
    source, target = budget.of_the_year, budget
    if put.coins < 0:
        source, target = target, source

    def decide(session: ClientSession) -> EnvelopePut:
        draw = draw_from_budget(source, abs(put.coins), session=session, past_stop=True)
        entry = NewEntry(
            f"envelope:{put.id}",
            EntryKind.REBALANCING,
            [*draw.legs, *legs_into_budget(target, abs(put.coins))],
            ("envelope", put.id),
            unit=unit.id,
        )
        put.entry_id = post_one(entry, session=session)
        document = {**put.to_mongo(), "coins": Int64(put.coins)}
        collection(EnvelopePut).insert_one(document, session=session)
        was = _add_to_envelope(budget, put.coins, session)
        record_change(
            "budget_envelope",
            budget.name,
            "put_envelope",
            unit=unit,
            before={"coins": was},
            after={"coins": max(0, was + put.coins)},
            why=put.why,
            by_id=put.put_by,
            session=session,
        )
        return put

    return in_transaction(decide)


def end_envelopes() -> int:
    """Give back to the year what lies in the budgets of quarters that are over; how many did.

    What tasks return later comes back at the next run.
    """
    moment = real_now()
    held = (each for each in quarters_holding_coins() if _is_over(each.year, each.quarter, moment))
    return sweep_each(held, _end)


def _end(held: HeldBudget) -> bool:
    budget = Budget(held.unit_id, held.year, held.fund, held.quarter)

    def decide(session: ClientSession) -> bool:
        found = slices_of(
            budget.unit_id, budget.year, fund=budget.fund, quarter=budget.quarter, session=session
        )
        left = sum(each.available for each in found)
        if left <= 0:
            return False
        out = budget.legs({each.number: -each.available for each in found if each.available})
        # As with rebalancing: the same state is moved once.
        key = f"envelope-end:{budget.name}:{sum(each.entries for each in found)}"
        entry = NewEntry(
            key,
            EntryKind.REBALANCING,
            [*out, *legs_into_budget(budget.of_the_year, left)],
            ("unit", budget.unit_id),
            unit=budget.unit_id,
        )
        post_one(entry, session=session)
        _add_to_envelope(budget, -left, session)
        return True

    try:
        return in_transaction(decide)
    except DuplicateKeyError:
        return False  # another process did it, which may count slices differently


def _begin_envelope(budget: Budget) -> None:
    """Have the envelope there, empty: two that made it in transactions would collide."""
    first = {
        "unit_id": budget.unit_id,
        "fund": budget.fund,
        "year": budget.year,
        "quarter": budget.quarter,
        "coins": Int64(0),
    }
    envelopes = collection(Envelope)
    if envelopes.find_one({"_id": budget.name}, {"_id": 1}) is None:
        try:
            envelopes.update_one({"_id": budget.name}, {"$setOnInsert": first}, upsert=True)
        except DuplicateKeyError:
            return  # somebody else began it just now


def _add_to_envelope(budget: Budget, coins: int, session: ClientSession) -> int:
    """Count the coins in or out, never below none; how many there were before.

    More may go out than was set aside: what came back to a quarter that had ended already.
    """
    counted = {"$max": [Int64(0), {"$add": ["$coins", Int64(coins)]}]}
    before = collection(Envelope).find_one_and_update(
        {"_id": budget.name},
        [{"$set": {"coins": counted}}],
        return_document=ReturnDocument.BEFORE,
        session=session,
    )
    return int(before["coins"]) if before else 0


def _is_over(year: int, quarter: int, moment: datetime) -> bool:
    return quarter_ends_at(year, quarter) <= moment


def _refuse_unsound(year: int, quarter: int, coins: int, key: str) -> None:
    # bool is an int to Python, and True would become the first quarter.
    if type(quarter) is not int or not QUARTERS[0] <= quarter <= QUARTERS[1]:
        raise BadEnvelope("quarter", coins=MAX_AMOUNT)
    size = abs(coins) if type(coins) is int else coins
    flaw = flaw_of(year, size, key, name="coins")
    if flaw:
        raise BadEnvelope(flaw, coins=MAX_AMOUNT)
