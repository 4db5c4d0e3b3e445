"""Budget watch: officers are told once when a budget runs low, and once when it has to stop.

A run looks at some of the budgets in turn, the next one goes on behind them.
"""

from insights.announcement import Announcement
from insights.announcing import name_of
from insights.told_once import (
    concerned_by,
    last_looked_at,
    mark_looked_at,
    mark_told,
    untold,
)
from notices import tell_people
from people import unit_of
from rates import (
    BudgetRule,
    BudgetStanding,
    budget_standing,
    budget_year_of,
    budgets_with_rules,
)
from shared.clock import real_now
from shared.database import collection
from shared.sweeping import sweep_each

WARNED, STOPPED = "warned", "stopped"
# Each takes some milliseconds; a city of thousands is gone through in several runs.
MOST_PER_RUN = 500
WATCHED = "budgets_watched"


def watch_budgets() -> int:
    """Tell of this year's budgets that passed a threshold since it was last looked; how many."""
    rules = sorted(budgets_with_rules(budget_year_of(real_now())), key=lambda rule: str(rule.id))
    if len(rules) > MOST_PER_RUN:
        rules = _next_of(rules)
    return sweep_each(rules, _watch)


def _next_of(rules: list[BudgetRule]) -> list[BudgetRule]:
    """Those after the last one looked at, from the first on again behind the last."""
    last_id = last_looked_at(WATCHED)
    some = [rule for rule in rules if rule.id > last_id][:MOST_PER_RUN] or rules[:MOST_PER_RUN]
    mark_looked_at(WATCHED, some[-1].id)
    return some


def _watch(rule: BudgetRule) -> bool:
    """Tell what is untold of one budget; False where nothing was."""
    standing = budget_standing(rule.unit_id, rule.year, rule.fund)
    warned = _told_of(standing, WARNED, standing.warn_percent, standing.is_warned)
    stopped = _told_of(standing, STOPPED, standing.stop_percent, standing.is_stopped)
    return warned or stopped


def _told_of(
    standing: BudgetStanding, threshold: str, percent: int | None, is_passed: bool
) -> bool:
    """Whether it was told now that this threshold is passed."""
    if percent is None:
        return False
    name = f"budget:{standing.unit_id}:{standing.year}:{standing.fund}:{threshold}:{percent}"
    if not is_passed:
        _forget_before_more_came(name, standing)
        return False
    if not untold([name]):
        return False
    _tell(standing, threshold, percent, key=f"{name}:{standing.had}")
    mark_told(name, had=standing.had)
    return True


def _forget_before_more_came(name: str, standing: BudgetStanding) -> None:
    """What more coins have lifted below its threshold is warned of anew when it passes it again.

    Coins that come back from a closed task lift it too, and say nothing new when they are drawn.
    """
    collection(Announcement).delete_one({"_id": name, "had": {"$lt": standing.had}})


def _tell(standing: BudgetStanding, threshold: str, percent: int, *, key: str) -> None:
    unit = unit_of(standing.unit_id)
    facts = {
        "unit": name_of(unit),
        "drawn": standing.drawn,
        "had": standing.had,
        "percent": standing.drawn * 100 // max(standing.had, 1),
        "year": standing.year,
        "fund": standing.fund,
        "threshold": percent,
        "unit_id": standing.unit_id,
    }
    notice = "budget_warned" if threshold == WARNED else "budget_stopped"
    tell_people(concerned_by(unit), notice, facts, key=key)
