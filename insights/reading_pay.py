"""Pay shares: of what verified work was paid, how much for time and how much by the piece."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from insights.pay_sharing import Tallies, Tally, shares_of
from people import Actor, Role, ids_below, unit_of
from shared.clock import business_month, now
from shared.errors import Invalid, Refused
from shared.i18n import Text
from tasks import PastTask, PastWork, count_verified_work, past_tasks, verified_work

READERS = (Role.RATE_ADMIN, Role.CENTRE_OFFICER, Role.AUDITOR, Role.ADMIN)
LONGEST = timedelta(days=366)
USUAL = timedelta(days=91)
# What is read within a few seconds, while the caller waits.
MOST_WORK = 100_000
STEP = 2_000


class BadShareSpan(Invalid):
    """Raised when a span ends before it begins, or is longer than a year."""

    message = Text(
        "The span must end after it begins and last at most {days} days.",
        "统计时段须先开始后结束，且最长 {days} 天。",
    )


class TooMuchToShare(Refused):
    """Raised when more work lies in the span than is read while somebody waits."""

    message = Text(
        "More than {most} participations lie in that time. Choose less time, or a unit below.",
        "该时段内的参与记录超过 {most} 条，请缩短时段或选择下级单位。",
    )


@dataclass(frozen=True)
class PayShares:
    """What a unit's verified work was paid, begun in [since, until): in all, by kind, by month."""

    unit_id: str
    since: datetime
    until: datetime
    total: Tally
    kinds: tuple[Tally, ...]
    months: tuple[Tally, ...]


def pay_shares(
    unit_id: str, *, since: datetime | None = None, until: datetime | None = None, by: Actor
) -> PayShares:
    """Paid for time against paid by the piece, as a whole, per kind and per business month.

    Of tasks of the unit and all below it, begun in [since, until): the last 13 weeks where not
    said. Hours of duty, which earn nothing, are left out. Raises UnitNotFound, NotAllowed,
    BadShareSpan, TooMuchToShare.
    """
    by.must_hold(*READERS, at=unit_of(unit_id))
    until = until or now()
    since = since or until - USUAL
    if not since < until <= since + LONGEST:
        raise BadShareSpan("until", days=LONGEST.days)
    which: dict[str, Any] = {"since": since, "until": until, "unit_ids": ids_below(unit_id)}
    if count_verified_work(**which, limit=MOST_WORK + 1) > MOST_WORK:
        raise TooMuchToShare(most=MOST_WORK)
    tallies = Tallies()
    found = verified_work(**which)
    for work, task in _with_tasks(one for one in found if not one.on_duty):
        shares = shares_of(task.breakdown if task else (), work.coins)
        for tally in tallies.of(work.kind, business_month(work.starts_at)):
            tally.add(work.worked_s, work.worked_m, work.coins, shares)
    kinds, months = (
        tuple(tally for _, tally in sorted(tallies_by.items()))
        for tallies_by in (tallies.kinds, tallies.months)
    )
    return PayShares(unit_id, since, until, tallies.total, kinds, months)


def _with_tasks(works: Iterable[PastWork]) -> Iterator[tuple[PastWork, PastTask | None]]:
    """Each work and its task; that of each step is asked for at once."""
    rest = iter(works)
    while step := list(islice(rest, STEP)):
        tasks = past_tasks(sorted({work.task_id for work in step}))
        yield from ((work, tasks.get(work.task_id)) for work in step)
