"""Thresholds of a unit's budget of a year: from which share it warns, from which it stops."""

from bson import Int64
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from ledger import GENERAL_FUND
from people import Actor, Role, Unit, record_change, sound_why, unit_of
from rates.asking_once import is_year
from rates.budgets.budget import known_fund
from rates.budgets.budget_rule import BudgetRule, rule_id
from shared.clock import now
from shared.database import collection, confirmed, in_transaction
from shared.errors import Conflict, Invalid
from shared.i18n import Text

_PERCENTS = ("warn_percent", "stop_percent")


class BadBudgetRule(Invalid):
    """Raised when a rule's year or percents cannot be used."""

    message = Text(
        "The year is 2000 to 2100; a threshold is 1 to 100 percent or none, and the warning does "
        "not come after the stop.",
        "年度须为 2000 至 2100；阈值须为 1 至 100 的百分比或不设，且预警阈值不得高于停止阈值。",
    )


class BudgetRuleChanged(Conflict):
    """Raised when somebody changed the thresholds since the version named in If-Match."""

    message = Text(
        "The thresholds were changed meanwhile; they are at version {version} now.",
        "阈值已被他人修改，当前版本为 {version}。",
    )


def put_budget_rule(
    unit_id: str,
    year: int,
    fund: str = GENERAL_FUND,
    *,
    warn_percent: int | None,
    stop_percent: int | None,
    why: str,
    version: int,
    by: Actor,
) -> BudgetRule:
    """Say from which share of all that the budget has it warns, and from which it stops.

    None: from none. `version` is the one last read, 0 where there was no rule; the same again
    answers the same. Raises NotAllowed, UnitNotFound, BadFund, BadBudgetRule, WhyMissing,
    BudgetRuleChanged.
    """
    unit = unit_of(unit_id)
    by.must_hold(Role.RATE_ADMIN, at=unit)
    _refuse_unsound(year, warn_percent, stop_percent)
    rule = BudgetRule(
        id=rule_id(unit.id, year, known_fund(fund)),
        unit_id=unit.id,
        year=year,
        fund=fund,
        warn_percent=warn_percent,
        stop_percent=stop_percent,
        put_by=by.person_id,
        put_at=now(),
        version=version + 1,
    )
    why = sound_why(why)
    try:
        if in_transaction(lambda session: _written(rule, unit, why, session)):
            return rule
    except DuplicateKeyError:
        pass  # two first rules at once: the other one's stands
    return _same_or_changed(rule)


def _written(rule: BudgetRule, unit: Unit, why: str, session: ClientSession) -> bool:
    """Put the rule in the place of the version before it, and log it; False where that is gone."""
    rules = collection(BudgetRule)
    before = rules.find_one({"_id": rule.id}, session=session)
    if (before["version"] if before else 0) != rule.version - 1:
        return False
    document = {**rule.to_mongo(), "draws": Int64(0)}
    rules.replace_one({"_id": rule.id}, document, upsert=True, session=session)
    record_change(
        "budget_rule",
        rule.id,
        "put_budget_rule",
        unit=unit,
        before={name: before.get(name) for name in _PERCENTS} if before else None,
        after={name: rule[name] for name in _PERCENTS},
        why=why,
        by_id=rule.put_by,
        session=session,
    )
    return True


def budgets_with_rules(year: int) -> list[BudgetRule]:
    """The rules of all units' budgets of a year that name a threshold, by unit and fund."""
    found = BudgetRule.objects(year=year).order_by("unit_id", "fund")
    return [rule for rule in found if rule.warn_percent or rule.stop_percent]


def _same_or_changed(rule: BudgetRule) -> BudgetRule:
    """The rule as it stands, where this person put this very one. Raises BudgetRuleChanged."""
    confirmed(BudgetRule).find_one({"_id": rule.id})
    found: BudgetRule | None = BudgetRule.objects.with_id(rule.id)
    same = found and all(found[name] == rule[name] for name in (*_PERCENTS, "put_by", "version"))
    if found is None or not same:
        raise BudgetRuleChanged(version=found.version if found else 0)
    return found


def _refuse_unsound(year: int, warn_percent: int | None, stop_percent: int | None) -> None:
    if not is_year(year):
        raise BadBudgetRule("year")
    for name, percent in zip(_PERCENTS, (warn_percent, stop_percent), strict=True):
        if percent is not None and (type(percent) is not int or not 1 <= percent <= 100):
            raise BadBudgetRule(name)
    if warn_percent and stop_percent and warn_percent > stop_percent:
        raise BadBudgetRule("warn_percent")
